/* SPDX-License-Identifier: MIT */
/* Which tier the doctor names, and what it says would give a better one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doctor.h"

#define SYSCTL "sudo sysctl kernel.perf_event_paranoid=1"
#define DOCKER "docker run --cap-add PERFMON ..."

static const struct {
    struct mpr_doctor_tries tries;
    enum mpr_rss_tier tier;
    enum mpr_rss_tier better;
    const char *why; /* part of it */
    const char *command;
} cases[] = {
    {{0, 0, 0, 1}, MPR_RSS_FAULTS, MPR_RSS_AUTO, "", NULL},
    {{0, 0, 0, 4}, MPR_RSS_FAULTS, MPR_RSS_AUTO, "", NULL}, /* privileged */
    {{0, -EACCES, 0, 2}, MPR_RSS_USER_FAULTS, MPR_RSS_FAULTS, "must be 1 or less", SYSCTL},
    {{0, -EACCES, -EACCES, 3}, MPR_RSS_RUSAGE, MPR_RSS_FAULTS, "must be 1 or less", SYSCTL},
    {{0, -EACCES, -EACCES, 4}, MPR_RSS_RUSAGE, MPR_RSS_FAULTS, "must be 1 or less", SYSCTL},
    {{0, -EPERM, -EPERM, 2}, MPR_RSS_RUSAGE, MPR_RSS_FAULTS, "a container", DOCKER},
    {{0, -ENOSYS, -ENOSYS, MPR_PARANOID_UNKNOWN}, MPR_RSS_RUSAGE, MPR_RSS_FAULTS, "no perf events",
        NULL},
    {{0, -EMFILE, -EMFILE, 1}, MPR_RSS_RUSAGE, MPR_RSS_FAULTS, "perf_event_open fails", NULL},
    {{-ENOENT, 0, 0, 1}, MPR_RSS_OFF, MPR_RSS_RUSAGE, "/proc/self/statm",
        "sudo mount -t proc proc /proc"},
};

static void test_doctor_rss_judges_tiers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mpr_doctor_tier got;
        mpr_doctor_judge(&cases[i].tries, &got);
        assert_int_equal(got.tier, cases[i].tier);
        assert_int_equal(got.better, cases[i].better);
        if (!strstr(got.why, cases[i].why) || (!cases[i].why[0] && got.why[0]))
            fail_msg("case %zu: %s", i, got.why);
        if (cases[i].command)
            assert_string_equal(got.command, cases[i].command);
        else
            assert_null(got.command);
    }
}

static void test_doctor_rss_resolution_is_pages(void **state)
{
    (void)state;
    uint32_t resolution = mpr_doctor_resolution();
    assert_int_equal(resolution % 4096, 0);
    assert_in_range(resolution, 4096, 512 * 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doctor_rss_judges_tiers),
        cmocka_unit_test(test_doctor_rss_resolution_is_pages),
    };
    return cmocka_run_group_tests_name("doctor_rss", tests, NULL, NULL);
}
