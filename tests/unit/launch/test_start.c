/* SPDX-License-Identifier: MIT */
/* Fork and exec of the target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/launch.h"

/* Start `executable` as the target and give its exit status back, -1 if it did not start. */
static int start(char *executable, const char *const *args, struct mpr_error *err)
{
    char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
    struct mpr_inherited inherited = {0};
    struct mpr_launch launch = {
        .argv0 = "python3", .executable = executable, .environment = environment};
    struct mpr_launch_start how = {.args = args, .inherited = &inherited};
    pid_t pid;
    int status;
    mpr_inherited_signals(&inherited);
    how.recording_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int rc = mpr_launch_start(&launch, &how, &pid, err);
    close(how.recording_fd);
    if (rc < 0)
        return -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void test_start_hands_over_words_and_the_recording(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    const char *const args[] = {"-c",
        "test \"$0 $1\" = 'one two' && test -e /proc/self/fd/$MPRUN_RECORDING && exit 7", "one",
        "two", NULL};
    assert_int_equal(start("/bin/sh", args, &err), 7);
}

static void test_start_reports_a_failed_exec(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    const char *const args[] = {NULL};
    assert_int_equal(start("/nowhere/none", args, &err), -1);
    assert_non_null(strstr(err.message, "/nowhere/none"));
    assert_non_null(strstr(err.message, "No such file"));
}

/* What mprun was given is what the target gets: here a signal that is ignored, and one blocked. (A
 * shell might unblock it.) */
static void test_start_leaves_signals_as_they_were(void **state)
{
    static const char *const lines[] = {"^SigBlk:.0*200$", "^SigIgn:.*[89a-f]..$"};
    struct mpr_error err = {""};
    sigset_t blocked, old;
    int status[2];
    (void)state;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_SETMASK, &blocked, &old);
    void (*before)(int) = signal(SIGUSR2, SIG_IGN);
    for (size_t i = 0; i < 2; i++)
        status[i] = start(
            "/bin/grep", (const char *const[]){"-q", lines[i], "/proc/self/status", NULL}, &err);
    signal(SIGUSR2, before);
    sigprocmask(SIG_SETMASK, &old, NULL);
    assert_int_equal(status[0], 0);
    assert_int_equal(status[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_hands_over_words_and_the_recording),
        cmocka_unit_test(test_start_reports_a_failed_exec),
        cmocka_unit_test(test_start_leaves_signals_as_they_were),
    };
    return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
