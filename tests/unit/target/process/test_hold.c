/* SPDX-License-Identifier: MIT */
/* Holds: whose they are, and who is waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mprun/clock.h"
#include "mprun/probe.h"
#include "mprun/recording_reader.h"

/* More than fit into a page, and than are made before those of threads that are gone are used
 * again. */
#define THREADS 160
#define STACK ((size_t)64 << 10)
#define SETTLING_NS 10000000u

static pthread_barrier_t first_has, all_have, compared;

static void use(void)
{
    if (mpr_hold_begin(&mpr_thread_block))
        mpr_hold_end(&mpr_thread_block);
}

static void *show_hold(void *ret_hold)
{
    use();
    *(void **)ret_hold = mpr_thread_block.hold;
    pthread_barrier_wait(&all_have);
    pthread_barrier_wait(&compared);
    return NULL;
}

/* As vfork has it: the child runs in its parent's memory, and in its parent's thread. */
static int use_in_a_child(void *unused)
{
    (void)unused;
    use();
    return 0;
}

static void *show_hold_by_a_child(void *ret_hold)
{
    static char stack[STACK] __attribute__((aligned(16)));
    pid_t child = clone(use_in_a_child, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    if (child > 0)
        waitpid(child, NULL, 0);
    pthread_barrier_wait(&first_has);
    return show_hold(ret_hold);
}

static void check_all_differ(void *const *hold)
{
    for (size_t i = 0; i < THREADS; i++) {
        assert_non_null(hold[i]);
        for (size_t other = 0; other < i; other++)
            assert_ptr_not_equal(hold[i], hold[other]);
    }
}

static void test_hold_is_one_threads(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    void *hold[THREADS];
    int64_t own = mpr_probe->header->rss.own;
#ifdef __SANITIZE_THREAD__
    print_message("left out: the thread sanitizer takes the child for a process of its own\n");
    return;
#endif
    pthread_barrier_init(&first_has, NULL, 2);
    pthread_barrier_init(&all_have, NULL, THREADS + 1);
    pthread_barrier_init(&compared, NULL, THREADS + 1);
    assert_int_equal(pthread_create(&thread[0], NULL, show_hold_by_a_child, &hold[0]), 0);
    pthread_barrier_wait(&first_has);
    for (size_t i = 1; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, show_hold, &hold[i]), 0);
    pthread_barrier_wait(&all_have);
    check_all_differ(hold);
    assert_in_range(mpr_probe->header->rss.own - own, 1, 2 * sysconf(_SC_PAGESIZE));
    pthread_barrier_wait(&compared);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
}

static void *die_in_a_hold(void *unused)
{
    (void)unused;
    return mpr_hold_begin(&mpr_thread_block) ? &mpr_thread_block : NULL;
}

static void test_hold_ends_with_its_thread(void **state)
{
    (void)state;
    pthread_t thread;
    void *died;
    assert_int_equal(pthread_create(&thread, NULL, die_in_a_hold, NULL), 0);
    assert_int_equal(pthread_join(thread, &died), 0);
    assert_non_null(died);
    assert_true(mpr_holds_wait());
}

static void test_hold_is_waited_for(void **state)
{
    (void)state;
    assert_true(mpr_hold_begin(&mpr_thread_block));
    assert_false(mpr_holds_wait());
    mpr_hold_end(&mpr_thread_block);
    assert_true(mpr_holds_wait());
}

/* --- without membarrier --- */

static bool refuse_barriers(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static void ignore(int signal)
{
    (void)signal;
}

/* In a child, which has not asked for barriers yet. How long a wait takes while a signal comes each
 * millisecond; 0: it was none. */
static uint64_t wait_among_signals(int fd)
{
    const struct sigaction action = {.sa_handler = ignore};
    const struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    if (!refuse_barriers() || mpr_probe_attach(fd, NULL) < 0)
        return 0;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    uint64_t since = mpr_clock_ns();
    bool all = mpr_holds_wait();
    uint64_t took = mpr_clock_ns() - since;
    setitimer(ITIMER_REAL, &never, NULL);
    mpr_probe_detach();
    return all ? took : 0;
}

static void test_hold_is_seen_without_barriers(void **state)
{
    (void)state;
    int fd, status = -1;
    assert_int_equal(mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(wait_among_signals(fd) < SETTLING_NS);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(fd);
}

static int attach(void **state)
{
    int fd;
    (void)state;
    if (mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL) < 0)
        return -1;
    int status = mpr_probe_attach(fd, NULL);
    close(fd);
    return status;
}

static int detach(void **state)
{
    (void)state;
    mpr_probe_detach();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hold_is_one_threads),
        cmocka_unit_test(test_hold_ends_with_its_thread),
        cmocka_unit_test(test_hold_is_waited_for),
        cmocka_unit_test(test_hold_is_seen_without_barriers),
    };
    return cmocka_run_group_tests(tests, attach, detach);
}
