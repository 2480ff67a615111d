/* SPDX-License-Identifier: MIT */
/* What mprun says to stderr, for tests. */
#ifndef MPRUN_TESTS_CAUGHT_STDERR_H
#define MPRUN_TESTS_CAUGHT_STDERR_H

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int stderr_kept, stderr_caught;

static inline void catch_stderr(void)
{
    stderr_kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    stderr_caught = memfd_create("stderr", MFD_CLOEXEC);
    assert_true(stderr_caught >= 0);
    dup2(stderr_caught, STDERR_FILENO);
}

/* All that has come since, until the next call. */
static inline const char *caught_stderr(void)
{
    static char text[32768];
    dup2(stderr_kept, STDERR_FILENO);
    close(stderr_kept);
    ssize_t got = pread(stderr_caught, text, sizeof text - 1, 0);
    close(stderr_caught);
    assert_true(got >= 0);
    text[got] = '\0';
    return text;
}

#endif
