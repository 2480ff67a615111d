/* SPDX-License-Identifier: MIT */
/* A folder of a test's own, which is current while it runs, and files in it. */
#ifndef MPRUN_TESTS_OWN_FOLDER_H
#define MPRUN_TESTS_OWN_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A set-up: *state is its path. */
static inline int enter_folder(void **state)
{
    char *folder = strdup("/tmp/mprun-test-XXXXXX");
    *state = folder;
    return !folder || !mkdtemp(folder) || chdir(folder) < 0 ? -1 : 0;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st, (void)type, (void)where;
    return remove(path);
}

/* A teardown: nothing is left. */
static inline int leave_folder(void **state)
{
    char *folder = *state;
    int status = chdir("/") | nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
    return status;
}

static inline void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(path, mode), 0);
}

#endif
