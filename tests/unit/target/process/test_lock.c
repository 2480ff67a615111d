/* SPDX-License-Identifier: MIT */
/* A lock refuses who would wait for ever: its own owner, in a signal's handler, and in a child who
 * was waiting for a thread that is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "mprun/lock.h"

#define PATIENCE 20

static struct mpr_lock lock;
static pthread_barrier_t taken;

static void test_lock_refuses_its_owner(void **state)
{
    (void)state;
    mpr_lock_make(&lock);
    assert_true(mpr_lock_take(&lock));
    assert_false(mpr_lock_take(&lock));
    mpr_lock_give(&lock);
    assert_true(mpr_lock_take(&lock));
    mpr_lock_give(&lock);
}

static pid_t child; /* 0: this is it; -1: there was none yet */

static void fork_once(int number)
{
    (void)number;
    if (child < 0)
        child = fork();
    if (child == 0) {
        signal(SIGALRM, SIG_DFL);
        alarm(PATIENCE);
    }
    if (child > 0)
        __atomic_store_n(&lock.owner, 0, __ATOMIC_RELEASE); /* it waits no more */
}

static void *hold_for_ever(void *ret_took)
{
    *(bool *)ret_took = mpr_lock_take(&lock);
    pthread_barrier_wait(&taken);
    return NULL;
}

static void test_lock_refuses_who_waits_in_a_child(void **state)
{
    const struct sigaction action = {.sa_handler = fork_once};
    const struct itimerval soon = {{0, 0}, {0, 50000}};
    pthread_t thread;
    bool held = false;
    int status = -1;
    (void)state;
    child = -1;
    mpr_lock_make(&lock);
    pthread_barrier_init(&taken, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, hold_for_ever, &held), 0);
    pthread_barrier_wait(&taken);
    pthread_join(thread, NULL);
    assert_true(held);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    bool took = mpr_lock_take(&lock);
    if (child == 0)
        _exit(took);
    assert_true(took);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lock_refuses_its_owner),
        cmocka_unit_test(test_lock_refuses_who_waits_in_a_child),
    };
    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
