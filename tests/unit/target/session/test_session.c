/* SPDX-License-Identifier: MIT */
/* The order of calls, all of it: each state that a path leads to, and each call there. Python's
 * side is played; what needs none is real. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/recording_reader.h"
#include "played_session.h"

/* --- a session in a process of its own --- */

static int recording = -1;

static int open_session(struct mpr_error *err)
{
    struct mpr_session_config config = {.container = MPR_REC_EMBEDDED, .rss = MPR_RSS_OFF};
    return mpr_session_open(&config, recording, err);
}

static int end_main(struct mpr_error *err)
{
    return mpr_session_end(MPR_SESSION_MAIN, err);
}

typedef int call_fn(struct mpr_error *err);
static call_fn *const calls[CALLS] = {open_session, mpr_session_hook, mpr_session_arm,
    mpr_session_begin, end_main, mpr_session_close};

/* The calls in their order lead from state to state. */
static bool go_to(enum mpr_session_state state)
{
    for (int call = OPEN; mpr_session_state() != state; call++)
        if (call == CLOSE || calls[call](NULL) != 0)
            return false;
    return true;
}

static bool try_call(enum mpr_session_state state, int call)
{
    struct mpr_error err = {""};
    if (!go_to(state))
        return false;
    enum mpr_session_state wanted = table[state][call];
    int status = calls[call](&err);
    if (wanted == NO)
        return status == MPR_ERR_INVALID && err.message[0] && mpr_session_state() == state;
    return status == 0 && mpr_session_state() == wanted;
}

/* What `test` says in a child, which begins with nothing open. */
static bool in_child(
    bool (*test)(enum mpr_session_state, int), enum mpr_session_state state, int call)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(test(state, call) ? 0 : 1);
    return waitpid(child, &status, 0) == child && status == 0;
}

static int make_recording(void **unused)
{
    (void)unused;
    return mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &recording, NULL);
}

static void test_session_table(void **unused)
{
    (void)unused;
    for (int state = 0; state < MPR_SESSION_FORKED; state++)
        for (int call = 0; call < CALLS; call++)
            if (!in_child(try_call, (enum mpr_session_state)state, call))
                fail_msg("state %d, call %d", state, call);
}

static bool fork_in(enum mpr_session_state state, int call)
{
    struct mpr_error err = {""};
    int status;
    if (!go_to(state))
        return false;
    pid_t child = fork();
    if (child != 0)
        return waitpid(child, &status, 0) == child && status == 0 && mpr_session_state() == state;
    if (mpr_session_state() != MPR_SESSION_FORKED)
        _exit(2);
    status = calls[call](&err);
    bool closed = status == 0 && mpr_session_state() == MPR_SESSION_CLOSED;
    bool refused = status == MPR_ERR_INVALID && strstr(err.message, "parent");
    _exit((call == CLOSE ? closed : refused) ? 0 : 3);
}

static void test_session_fork(void **unused)
{
    (void)unused;
    for (int state = MPR_SESSION_OPENED; state < MPR_SESSION_FORKED; state++)
        for (int call = 0; call < CALLS; call++)
            if (!in_child(fork_in, (enum mpr_session_state)state, call))
                fail_msg("state %d, call %d", state, call);
}

/* Reasons only rise, but that the interpreter may collect more than once. */
static bool end_by_reasons(enum mpr_session_state state, int reason)
{
    (void)state;
    enum mpr_session_end first = (enum mpr_session_end)reason;
    if (!go_to(MPR_SESSION_RUNNING) || mpr_session_end(first, NULL) != 0)
        return false;
    for (int next = MPR_SESSION_STOPPED; next <= reason; next++) {
        bool again = next == MPR_SESSION_COLLECTED && reason == MPR_SESSION_COLLECTED;
        if (mpr_session_end((enum mpr_session_end)next, NULL) != (again ? 0 : MPR_ERR_INVALID))
            return false;
    }
    for (int next = reason + 1; next <= MPR_SESSION_FINALIZED; next++)
        if (mpr_session_end((enum mpr_session_end)next, NULL) != 0)
            return false;
    return true;
}

static void test_session_end_reasons(void **unused)
{
    (void)unused;
    for (int reason = MPR_SESSION_STOPPED; reason <= MPR_SESSION_FINALIZED; reason++)
        if (!in_child(end_by_reasons, MPR_SESSION_RUNNING, reason))
            fail_msg("reason %d", reason);
}

static bool program(enum mpr_session_state state, int call)
{
    (void)state, (void)call;
    python_runs = true;
    if (!go_to(MPR_SESSION_ARMED) || watch->module_entered(false) ||
        mpr_session_state() != MPR_SESSION_ARMED)
        return false;
    if (!watch->module_entered(true) || mpr_session_state() != MPR_SESSION_RUNNING ||
        mpr_probe->header->state != MPR_REC_RUNNING)
        return false;
    watch->module_left();
    return mpr_session_state() == MPR_SESSION_ENDED && rows_closed == 0;
}

static void test_session_program(void **unused)
{
    (void)unused;
    assert_true(in_child(program, MPR_SESSION_ARMED, 0));
}

static bool blind(enum mpr_session_state state, int call)
{
    (void)state, (void)call;
    trace_answer = MPR_TRACE_BLIND;
    return go_to(MPR_SESSION_HOOKED) && mpr_session_arm(NULL) == 0 &&
           mpr_session_state() == MPR_SESSION_RUNNING;
}

static void test_session_blind(void **unused)
{
    (void)unused;
    assert_true(in_child(blind, MPR_SESSION_ARMED, 0));
}

/* The recording says why, and nothing is open. */
static bool broken(enum mpr_session_state state, int call)
{
    (void)state, (void)call;
    trace_answer = MPR_ERR_UNSUPPORTED;
    return go_to(MPR_SESSION_HOOKED) && mpr_session_arm(NULL) == MPR_ERR_UNSUPPORTED &&
           mpr_session_state() == MPR_SESSION_CLOSED;
}

static void test_session_failure(void **unused)
{
    struct mpr_rec_reader *reader;
    (void)unused;
    assert_true(in_child(broken, MPR_SESSION_ARMED, 0));
    assert_int_equal(mpr_rec_open(recording, &reader, NULL), 0);
    assert_int_equal(mpr_rec_header(reader)->state, MPR_REC_REFUSED);
    assert_string_equal(mpr_rec_header(reader)->host.refusal, "this Python does not work");
    mpr_rec_close(reader);
}

/* Late, a process opens one after the other. */
static bool late_again(enum mpr_session_state state, int call)
{
    struct mpr_session_config config = {.late = true, .rss = MPR_RSS_OFF};
    (void)state, (void)call;
    python_runs = true;
    for (int i = 1; i <= 3; i++) {
        int fd;
        if (mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL) < 0 ||
            mpr_session_open(&config, fd, NULL) != 0 || mpr_session_state() != MPR_SESSION_ARMED ||
            mpr_session_begin(NULL) != 0 || mpr_session_close(NULL) != 0 || started != i ||
            stopped != i || rows_closed != i || rows_dropped != i || mpr_probe->header)
            return false;
        struct mpr_rec_reader *reader;
        if (mpr_rec_open(fd, &reader, NULL) != 0 || mpr_rec_header(reader)->state != MPR_REC_ENDED)
            return false;
        mpr_rec_close(reader);
        close(fd);
    }
    return true;
}

static void test_session_late_again(void **unused)
{
    (void)unused;
    assert_true(in_child(late_again, MPR_SESSION_CLOSED, 0));
}

static void test_session_no_recording(void **unused)
{
    struct mpr_session_config config = {.rss = MPR_RSS_OFF};
    struct mpr_error err = {""};
    (void)unused;
    assert_true(mpr_session_open(&config, STDIN_FILENO, &err) < 0);
    assert_non_null(strstr(err.message, "not a recording"));
    assert_int_equal(mpr_session_state(), MPR_SESSION_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_table),
        cmocka_unit_test(test_session_fork),
        cmocka_unit_test(test_session_end_reasons),
        cmocka_unit_test(test_session_program),
        cmocka_unit_test(test_session_blind),
        cmocka_unit_test(test_session_failure),
        cmocka_unit_test(test_session_late_again),
        cmocka_unit_test(test_session_no_recording),
    };
    return cmocka_run_group_tests(tests, make_recording, NULL);
}
