/* SPDX-License-Identifier: MIT */
/* The processes and threads that a target starts: each child is counted once, and in the parent
 * only; an exec that fails is none; a new thread unsettles RSS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <pty.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mprun/children.h"
#include "mprun/clock.h"
#include "tracked.h"

extern char **environ;

static int arm(void **state)
{
    (void)state;
    if (track(NULL) < 0)
        return -1;
    mpr_probe->armed = 1;
    return 0;
}

static int disarm(void **state)
{
    (void)state;
    mpr_probe->armed = 0;
    return 0;
}

static uint64_t counted;

/* How many children have been counted since. */
static uint64_t children(void)
{
    uint64_t now = mpr_probe->header->processes.children, more = now - counted;
    counted = now;
    return more;
}

static int end_of(pid_t child)
{
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* The probe page is wiped there: nothing of the parent's is in reach. */
static void look_from_a_child(void)
{
    bool wiped = !mpr_probe->armed && !mpr_probe->header && !mpr_probe->heap;
    free(malloc(100));
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    _exit(wiped && child > 0 && waitpid(child, NULL, 0) == child ? 23 : 1);
}

static void test_process_fork_counts_in_the_parent(void **state)
{
    (void)state;
    children();
    pid_t child = fork();
    if (child == 0)
        look_from_a_child();
    assert_true(child > 0);
    assert_int_equal(end_of(child), 23);
    assert_int_equal(children(), 1); /* not the child's child */
}

static void test_process_forkpty_counts(void **state)
{
    (void)state;
    int terminal;
    children();
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    if (child == 0)
        _exit(7);
    assert_true(child > 0);
    assert_int_equal(end_of(child), 7);
    close(terminal);
    assert_int_equal(children(), 1);
}

static pid_t no_fork(void)
{
    errno = EAGAIN;
    return -1;
}

static void test_process_failed_fork_is_no_child(void **state)
{
    (void)state;
    void *next = put_next(MPR_NEXT_FORK, (void *)no_fork);
    children();
    errno = 0;
    pid_t child = fork();
    int left = errno;
    put_next(MPR_NEXT_FORK, next);
    assert_int_equal(child, -1);
    assert_int_equal(left, EAGAIN);
    assert_int_equal(children(), 0);
}

static void test_process_spawned_children_count(void **state)
{
    (void)state;
    char *words[] = {"sh", "-c", "exit 9", NULL};
    pid_t child;
    children();
    assert_int_equal(posix_spawn(&child, "/bin/sh", NULL, NULL, words, environ), 0);
    assert_int_equal(end_of(child), 9);
    assert_int_equal(children(), 1);
    assert_int_equal(posix_spawnp(&child, "sh", NULL, NULL, words, environ), 0);
    assert_int_equal(end_of(child), 9);
    assert_int_equal(children(), 1);
    assert_int_equal(posix_spawn(&child, "/nowhere/sh", NULL, NULL, words, environ), ENOENT);
    assert_int_equal(children(), 0);
    assert_int_equal(WEXITSTATUS(system("exit 8")), 8);
    assert_int_equal(children(), 1);
}

static void test_process_vfork_child_counts_once(void **state)
{
    (void)state;
    children();
    pid_t child = vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (child == 0) {
        execl("/nowhere/true", "true", (char *)NULL);
        execlp("true", "true", (char *)NULL);
        _exit(1);
    }
    assert_int_equal(end_of(child), 0);
    assert_int_equal(children(), 1);
}

static void test_process_failed_exec_is_none(void **state)
{
    (void)state;
    char *words[] = {"true", NULL};
    children();
    errno = 0;
    assert_int_equal(execv("/nowhere/true", words), -1);
    assert_int_equal(errno, ENOENT);
    errno = 0;
    assert_int_equal(execve("/nowhere/true", words, environ), -1);
    assert_int_equal(errno, ENOENT);
    errno = 0;
    assert_int_equal(execvp("no-such-program", words), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(mpr_probe->header->processes.exec_ns, 0);
    assert_int_equal(children(), 0);
}

static const struct mpr_exec_watch *watch;
static uint64_t announced;

static void begin_and_look(void)
{
    watch->begins();
    announced = mpr_probe->header->processes.exec_ns;
}

/* Until it fails, it is the target's end, with the moment. */
static void test_process_exec_is_announced(void **state)
{
    (void)state;
    char *words[] = {"true", NULL};
    watch = mpr_exec_start(NULL);
    struct mpr_exec_watch looking = *watch;
    looking.begins = begin_and_look;
    uint64_t before = mpr_clock_ns();
    mpr_exec_start(&looking);
    int status = execve("/nowhere/true", words, environ);
    mpr_exec_start(watch);
    assert_int_equal(status, -1);
    assert_true(announced >= before && announced <= mpr_clock_ns());
    assert_int_equal(mpr_probe->header->processes.exec_ns, 0);
}

static void *give_back(void *given)
{
    return given;
}

static void test_process_thread_unsettles_rss(void **state)
{
    (void)state;
    pthread_t thread;
    void *result = NULL;
    mpr_probe->gate.unsettled_ticks = 1u << 30;
    mpr_probe->gate.unsettled_until = 0;
    int64_t before = mpr_ticks(mpr_probe->ticks_are_ns);
    assert_int_equal(pthread_create(&thread, NULL, give_back, &counted), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &counted);
    assert_true((int64_t)mpr_probe->gate.unsettled_until >= before + (1 << 30));
    mpr_probe->armed = 0;
    mpr_probe->gate.unsettled_until = 0;
    assert_int_equal(pthread_create(&thread, NULL, give_back, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    mpr_probe->armed = 1;
    assert_int_equal(mpr_probe->gate.unsettled_until, 0);
    assert_int_equal(children(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_process_fork_counts_in_the_parent),
        cmocka_unit_test(test_process_forkpty_counts),
        cmocka_unit_test(test_process_failed_fork_is_no_child),
        cmocka_unit_test(test_process_spawned_children_count),
        cmocka_unit_test(test_process_vfork_child_counts_once),
        cmocka_unit_test(test_process_failed_exec_is_none),
        cmocka_unit_test(test_process_exec_is_announced),
        cmocka_unit_test(test_process_thread_unsettles_rss),
    };
    return cmocka_run_group_tests(tests, arm, disarm);
}
