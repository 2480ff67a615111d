/* SPDX-License-Identifier: MIT */
/* What to make of a target whose host never took over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "caught_stderr.h"
#include "never_armed.h"

static const int exit_3 = 3 << 8, by_signal_11 = 11;

static void assert_judged(const struct mpr_rec_header *header, int wait_status,
    enum mpr_host_kind host, enum mpr_armed expected, const char *says)
{
    char program[] = "/opt/python3";
    const struct mpr_launch launch = {.host = host, .executable = program};
    catch_stderr();
    enum mpr_armed got = mpr_never_armed(header, wait_status, &launch);
    const char *said = caught_stderr();
    assert_int_equal(got, expected);
    if (!says)
        assert_string_equal(said, "");
    else if (!strstr(said, says))
        fail_msg("\"%s\" not in: %s", says, said);
}

static void test_never_armed_it_was(void **state)
{
    struct mpr_rec_header header = {.state = MPR_REC_RUNNING, .clock.start = {5, 5, 0}};
    (void)state;
    assert_judged(&header, exit_3, MPR_HOST_INTERPRETER, MPR_ARMED, NULL);
    header.state = MPR_REC_ENDED;
    assert_judged(&header, exit_3, MPR_HOST_INTERPRETER, MPR_ARMED, NULL);
    header.clock.start = (struct mpr_rec_moment){0}; /* --version, a bad option */
    assert_judged(&header, exit_3, MPR_HOST_INTERPRETER, MPR_PYTHON_ANSWERED, NULL);
}

static void test_never_armed_and_why(void **state)
{
    struct mpr_rec_header header = {.state = MPR_REC_STARTING};
    (void)state;
    assert_judged(&header, exit_3, MPR_HOST_INTERPRETER, MPR_NOT_MEASURED,
        "nothing was measured: /opt/python3 ended with status 3 without mprun's host in it");
    assert_judged(&header, by_signal_11, MPR_HOST_INTERPRETER, MPR_NOT_MEASURED,
        "/opt/python3 was ended by signal 11 (Segmentation fault) before the program started");
    assert_judged(&header, exit_3, MPR_HOST_EMBEDDED, MPR_NOT_MEASURED,
        "the host /opt/python3 ended with status 3 before the program started");
    header.host.container = MPR_REC_INTERPRETER;
    assert_judged(&header, exit_3, MPR_HOST_INTERPRETER, MPR_NOT_MEASURED, "look at sitecustomize");
}

/* The host's own words, which may lack their end. */
static void test_never_armed_because_it_refused(void **state)
{
    struct mpr_rec_header header = {.state = MPR_REC_REFUSED};
    (void)state;
    strcpy(header.host.refusal, "this Python is free-threaded");
    assert_judged(&header, exit_3, MPR_HOST_INTERPRETER, MPR_NOT_MEASURED,
        "mprun: this Python is free-threaded\n");
    memset(header.host.refusal, 'x', sizeof header.host.refusal);
    assert_judged(&header, exit_3, MPR_HOST_INTERPRETER, MPR_NOT_MEASURED, "mprun: xxxx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_armed_it_was),
        cmocka_unit_test(test_never_armed_and_why),
        cmocka_unit_test(test_never_armed_because_it_refused),
    };
    return cmocka_run_group_tests_name("never_armed", tests, NULL, NULL);
}
