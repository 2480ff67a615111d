/* SPDX-License-Identifier: MIT */
/* Signals to the group, told from those to mprun alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "witness.h"

/* The test as mprun: leader of a group of its own, with signals that it does not take. */
static int lead(void **state)
{
    sigset_t all;
    (void)state;
    sigemptyset(&all);
    sigaddset(&all, SIGUSR1);
    sigaddset(&all, SIGUSR2);
    sigprocmask(SIG_BLOCK, &all, NULL);
    return getpgrp() == getpid() ? 0 : setpgid(0, 0);
}

static struct mpr_witness opened(void)
{
    struct mpr_witness witness = {.target_fd = -1};
    mpr_witness_open(&witness);
    assert_true(witness.pid > 0);
    return witness;
}

static void test_witness_saw_what_went_to_the_group(void **state)
{
    (void)state;
    struct mpr_witness witness = opened();
    assert_false(mpr_witness_saw(&witness, SIGUSR1));
    kill(0, SIGUSR1);
    assert_true(mpr_witness_saw(&witness, SIGUSR1));
    assert_false(mpr_witness_saw(&witness, SIGUSR1)); /* once */
    kill(getpid(), SIGUSR1);
    assert_false(mpr_witness_saw(&witness, SIGUSR1));
    kill(0, SIGUSR1);
    kill(0, SIGUSR2);
    assert_true(mpr_witness_saw(&witness, SIGUSR2));
    assert_true(mpr_witness_saw(&witness, SIGUSR1));
    mpr_witness_close(&witness);
    assert_int_equal(witness.pid, 0);
    mpr_witness_close(&witness);
}

/* What mprun never saw is forgotten once nothing is on its way. */
static void test_witness_forgets(void **state)
{
    (void)state;
    struct mpr_witness witness = opened();
    kill(0, SIGUSR1);
    kill(0, SIGUSR2);
    assert_true(mpr_witness_saw(&witness, SIGUSR1));
    mpr_witness_settle(&witness);
    mpr_witness_settle(&witness);
    assert_false(mpr_witness_saw(&witness, SIGUSR2));
    mpr_witness_close(&witness);
}

static void test_witness_that_was_killed_is_replaced(void **state)
{
    siginfo_t info;
    (void)state;
    struct mpr_witness witness = opened();
    pid_t first = witness.pid;
    mpr_witness_check(&witness);
    assert_int_equal(witness.pid, first);
    kill(first, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)first, &info, WEXITED | WNOWAIT), 0);
    mpr_witness_check(&witness);
    assert_true(witness.pid > 0 && witness.pid != first);
    kill(0, SIGUSR1);
    assert_true(mpr_witness_saw(&witness, SIGUSR1));
    mpr_witness_close(&witness);
}

static void test_witness_without_one_every_signal_is_mpruns(void **state)
{
    struct mpr_witness witness = {.target_fd = -1};
    (void)state;
    kill(0, SIGUSR1);
    assert_false(mpr_witness_saw(&witness, SIGUSR1));
    mpr_witness_check(&witness);
    mpr_witness_close(&witness);
}

/* Of its names none is mprun's, and nobody's pipe stays open because of it. */
static void test_witness_is_not_taken_for_mprun(void **state)
{
    static char words[] = "mprun-words";
    char path[64], name[32] = "";
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct mpr_witness witness = {
        .target_fd = -1, .own_words = words, .own_size = sizeof words - 1};
    mpr_witness_open(&witness);
    assert_string_equal(words, "mprun-words");
    snprintf(path, sizeof path, "/proc/%d/comm", (int)witness.pid);
    for (int i = 0; i < 1000 && strcmp(name, "witness\n") != 0; i++) {
        int fd = open(path, O_RDONLY);
        memset(name, 0, sizeof name);
        assert_true(read(fd, name, sizeof name - 1) > 0);
        close(fd);
        usleep(1000);
    }
    assert_string_equal(name, "witness\n");
    close(ends[1]);
    char byte;
    if (close_range(1000000, ~0u, 0) == 0) /* valgrind has none */
        assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
    mpr_witness_close(&witness);
}

/* mprun dies, and with it the target, whatever that has done to its own settings. */
static void test_witness_ends_the_target_behind_mprun(void **state)
{
    siginfo_t info;
    (void)state;
    int own = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (own < 0 || syscall(SYS_pidfd_send_signal, own, 0, NULL, 0) < 0) {
        print_message("no process can be signalled by a descriptor here\n");
        return;
    }
    close(own);
    pid_t target = fork();
    if (target == 0)
        for (;;)
            pause();
    pid_t mprun = fork();
    if (mprun == 0) {
        struct mpr_witness witness = {.target_fd = (int)syscall(SYS_pidfd_open, target, 0)};
        mpr_witness_open(&witness);
        usleep(20000);
        _exit(witness.pid > 0 ? 0 : 1);
    }
    assert_int_equal(waitid(P_PID, (id_t)mprun, &info, WEXITED), 0);
    assert_int_equal(info.si_status, 0);
    assert_int_equal(waitid(P_PID, (id_t)target, &info, WEXITED), 0);
    assert_int_equal(info.si_code, CLD_KILLED);
    assert_int_equal(info.si_status, SIGKILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_witness_saw_what_went_to_the_group),
        cmocka_unit_test(test_witness_forgets),
        cmocka_unit_test(test_witness_that_was_killed_is_replaced),
        cmocka_unit_test(test_witness_without_one_every_signal_is_mpruns),
        cmocka_unit_test(test_witness_is_not_taken_for_mprun),
        cmocka_unit_test(test_witness_ends_the_target_behind_mprun),
    };
    return cmocka_run_group_tests_name("witness", tests, lead, NULL);
}
