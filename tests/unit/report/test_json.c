/* SPDX-License-Identifier: MIT */
/* The JSON report: keys of the run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read_json.h"

static void test_json_has_the_keys_of_the_run(void **state)
{
    (void)state;
    json_t *root = render_json(made_orders());
    assert_int_equal(json_number(root, "schema"), 1);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(root, "command"), 0)), "orders.py");
    assert_string_equal(json_text(root, "cwd"), "/home/ann/shop");
    assert_string_equal(json_text(root, "python"), "3.11.2");
    assert_string_equal(json_text(root, "host"), "interpreter");
    assert_string_equal(json_text(root, "started"), "2026-01-01T00:00:00Z");
    assert_int_equal(json_number(root, "duration_ns"), 412000000);
    assert_int_equal(json_number(json_object_get(root, "exit"), "status"), 0);
    assert_json_null(json_object_get(root, "exit"), "signal");
    const json_t *engines = json_object_get(root, "engines");
    assert_string_equal(json_text(engines, "trace"), "settrace");
    assert_string_equal(json_text(engines, "rss"), "rusage");
    assert_true(json_is_false(json_object_get(engines, "heap")));
    assert_int_equal(json_number(engines, "statm_reads"), 161);
    assert_ptr_equal(json_object_get(engines, "check"), NULL);
    assert_int_equal(json_number(json_object_get(root, "rss"), "own"), MADE_MIB(1.9));
    assert_int_equal(json_number(json_object_get(root, "rss"), "peak_line"), 15);
    assert_json_null(root, "heap");
    assert_json_null(root, "sites");
    assert_int_equal(json_array_size(json_object_get(root, "timeline")), 14);
    json_decref(root);
}

static void test_json_of_a_killed_program(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    profile->process[0].exit_status = -1;
    profile->process[0].exit_signal = 9;
    profile->process[0].open = calloc(1, sizeof *profile->process[0].open);
    profile->process[0].open[0] = (struct mpr_profile_open){4711, 0, 15};
    profile->process[0].open_count = 1;
    json_t *root = render_json(profile);
    assert_json_null(json_object_get(root, "exit"), "status");
    assert_int_equal(json_number(json_object_get(root, "exit"), "signal"), 9);
    const json_t *open = json_array_get(json_object_get(root, "open"), 0);
    assert_string_equal(json_text(open, "function"), "load");
    assert_int_equal(json_number(open, "line"), 15);
    assert_int_equal(json_number(open, "thread"), 4711);
    json_decref(root);
}

static void test_json_of_what_was_not_measured_is_null(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    struct mpr_profile_function *f = &profile->functions[0];
    profile->process[0].tier = MPR_TIER_OFF;
    profile->process[0].engine = MPR_ENGINE_NONE;
    profile->process[0].rss_resolution = profile->process[0].rss_start =
        profile->process[0].rss_end = MPR_UNKNOWN;
    f->rss_entry = f->rss_delta = MPR_UNKNOWN;
    f->rows[4].rss = f->rows[4].rss_max = f->rows[4].rss_delta = MPR_UNKNOWN;
    json_t *root = render_json(profile);
    assert_json_null(json_object_get(root, "engines"), "rss_resolution");
    assert_json_null(json_object_get(root, "engines"), "trace");
    assert_json_null(json_object_get(root, "rss"), "start");
    assert_json_null(json_function(root), "rss_entry");
    assert_json_null(json_row(root, 4), "rss_delta");
    json_decref(root);
}

static void test_json_of_the_rss_check(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    profile->process[0].checked = true;
    profile->process[0].check_changes = 120;
    json_t *root = render_json(profile);
    const json_t *check = json_object_get(json_object_get(root, "engines"), "check");
    assert_int_equal(json_number(check, "changes"), 120);
    assert_int_equal(json_number(check, "missed"), 0);
    json_decref(root);
}

static void test_json_of_an_empty_profile(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    profile->process[0].command[0][0] = '[';
    json_t *root = render_json(profile);
    assert_int_equal(json_array_size(json_object_get(root, "functions")), 0);
    assert_int_equal(json_array_size(json_object_get(root, "open")), 0);
    assert_int_equal(json_array_size(json_object_get(root, "notes")), 0);
    json_decref(root);
}

/* Control characters of any name, and numbers beyond what JSON readers take, stay valid. */
static void test_json_of_hostile_facts(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_process *process = &profile->process[0];
    free(process->command[0]);
    process->command[0] = made_text("\xc2\x9b\xe2\x80\xae\"\\ \xf0\x9f\x98\x80");
    process->duration_ns = process->dropped = process->events = UINT64_MAX;
    process->started.tv_sec = INT64_MAX;
    process->peak_function = 99;
    process->peak_line = 3;
    made_note(profile, "\t");
    json_t *root = render_json(profile);
    assert_string_equal(json_string_value(json_array_get(json_object_get(root, "command"), 0)),
        "\xc2\x9b\xe2\x80\xae\"\\ \xf0\x9f\x98\x80");
    assert_int_equal(json_number(root, "duration_ns"), INT64_MAX);
    assert_int_equal(json_number(root, "dropped"), INT64_MAX);
    assert_json_null(root, "started");
    assert_json_null(json_object_get(root, "rss"), "peak_line");
    assert_string_equal(json_string_value(json_array_get(json_object_get(root, "notes"), 0)), "\t");
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_has_the_keys_of_the_run),
        cmocka_unit_test(test_json_of_a_killed_program),
        cmocka_unit_test(test_json_of_what_was_not_measured_is_null),
        cmocka_unit_test(test_json_of_the_rss_check),
        cmocka_unit_test(test_json_of_an_empty_profile),
        cmocka_unit_test(test_json_of_hostile_facts),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
