/* SPDX-License-Identifier: MIT */
/* Each call that supervising takes, refused as a sandbox would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/supervise.h"

static const char *refused = "";

/* By the linker, in the place of the C library's. */
int __real_poll(struct pollfd *items, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *items, nfds_t count, int timeout);
int __real_kill(pid_t pid, int number);
int __wrap_kill(pid_t pid, int number);
pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
pid_t __real_getpid(void);
pid_t __wrap_getpid(void);
int __real_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int __real_sigaction(int number, const struct sigaction *action, struct sigaction *old);
int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *old);

static bool is_refused(const char *name)
{
    if (strcmp(refused, name) != 0)
        return false;
    errno = EPERM;
    return true;
}

int __wrap_poll(struct pollfd *items, nfds_t count, int timeout)
{
    return is_refused("poll") ? -1 : __real_poll(items, count, timeout);
}

int __wrap_kill(pid_t pid, int number)
{
    return is_refused("kill") ? -1 : __real_kill(pid, number);
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
    return is_refused("wait4") ? -1 : __real_waitpid(pid, status, options);
}

/* The C library hands on what the kernel says. */
pid_t __wrap_getpid(void)
{
    return is_refused("getpid, getppid") ? -EPERM : __real_getpid();
}

int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    return is_refused("rt_sigprocmask") ? -1 : __real_sigprocmask(how, set, old);
}

int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    return is_refused("rt_sigaction") ? -1 : __real_sigaction(number, action, old);
}

static void test_needed_nothing_is_refused(void **state)
{
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(mpr_supervisor_check(&err), 0);
    assert_string_equal(err.message, "");
}

static void test_needed_names_the_call(void **state)
{
    static const char *const calls[] = {
        "getpid, getppid", "kill", "rt_sigprocmask", "rt_sigaction", "wait4", "poll"};
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct mpr_error err = {""};
        refused = calls[i];
        int status = mpr_supervisor_check(&err);
        refused = "";
        assert_int_equal(status, MPR_ERR_IO);
        char *named = mpr_asprintf("(%s): Operation not permitted", calls[i]);
        assert_non_null(strstr(err.message, named));
        free(named);
    }
}

/* It changes nothing: a child is still there to be waited for. */
static void test_needed_leaves_children_alone(void **state)
{
    int status;
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(mpr_supervisor_check(NULL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_needed_nothing_is_refused),
        cmocka_unit_test(test_needed_names_the_call),
        cmocka_unit_test(test_needed_leaves_children_alone),
    };
    return cmocka_run_group_tests_name("needed", tests, NULL, NULL);
}
