/* SPDX-License-Identifier: MIT */
/* What a view shows of a tree of processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_processes.h"
#include "made_view.h"

static const struct mpr_view_options all = {.top = 5};

static void test_tree_orders_processes_by_their_peaks(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    struct mpr_view *view = made_view(profile, &all);
    assert_int_equal(view->process_count, 3);
    assert_ptr_equal(view->processes[0], &profile->process[1]);
    assert_ptr_equal(view->processes[1], &profile->process[2]);
    mpr_view_free(view);
    profile->process[2].rss_peak = profile->process[0].rss_peak;
    view = made_view(profile, &all);
    assert_ptr_equal(view->processes[1], &profile->process[0]);
    profile->process[0].rss_peak = MPR_UNKNOWN;
    mpr_view_free(view);
    view = made_view(profile, &all);
    assert_ptr_equal(view->processes[2], &profile->process[0]);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* All that shows one process shows the sum. */
static void test_tree_is_one_process(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    struct mpr_view *view = made_view(profile, &all);
    assert_int_equal(view->process->rss_peak, MADE_MIB(100));
    assert_int_equal(view->process->timeline.count, 3);
    assert_int_equal(view->process->pid, 4711);
    assert_int_equal(mpr_view_highest_rss(view)->t_ns, 750000000);
    assert_string_equal(view->size.label, "MiB");
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static void test_tree_tells_when_a_process_started(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    struct mpr_view *view = made_view(profile, &all);
    struct mpr_profile_process *process = profile->process;
    assert_int_equal(mpr_view_process_from(view, &process[0]), 0);
    assert_int_equal(mpr_view_process_from(view, &process[1]), 250000000);
    assert_int_equal(mpr_view_process_from(view, &process[2]), 1500000000);
    process[2].started.tv_sec = 0; /* a store may say anything */
    assert_int_equal(mpr_view_process_from(view, &process[2]), 0);
    process[2].started.tv_sec = INT64_MAX;
    assert_int_equal(mpr_view_process_from(view, &process[2]), 0);
    process[0].started.tv_sec = INT64_MIN;
    assert_int_equal(mpr_view_process_from(view, &process[2]), 0);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static void test_tree_finds_the_highest_sample(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    assert_int_equal(mpr_view_process_highest(&profile->process[1])->t_ns, 500000000);
    profile->process[1].timeline.count = 0;
    assert_null(mpr_view_process_highest(&profile->process[1]));
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_orders_processes_by_their_peaks),
        cmocka_unit_test(test_tree_is_one_process),
        cmocka_unit_test(test_tree_tells_when_a_process_started),
        cmocka_unit_test(test_tree_finds_the_highest_sample),
    };
    return cmocka_run_group_tests_name("view of a tree", tests, NULL, NULL);
}
