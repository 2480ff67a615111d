/* SPDX-License-Identifier: MIT */
/* From a recording to the model, over regions made by hand. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "made_model.h"

static int setup(void **state)
{
    (void)state;
    make_region(4 << 20);
    return 0;
}

static bool has_note(const struct mpr_profile *profile, const char *part)
{
    for (size_t i = 0; i < profile->note_count; i++) {
        if (strstr(profile->notes[i], part))
            return true;
    }
    return false;
}

static const struct mpr_profile_row *row(const struct mpr_profile *profile, size_t f, uint32_t line)
{
    return &profile->functions[f].rows[line - profile->functions[f].first_line];
}

static void test_profile_has_rows_and_totals(void **state)
{
    (void)state;
    add_pattern("load");
    struct mpr_rec_function *fn = add_function("orders.py", "Shop.load", 4, 7, 0);
    set_row(fn, 5, 3, MIB(14), MIB(5));
    set_row(fn, 6, 2, MIB(13), -MIB(1));
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 1);
    const struct mpr_profile_function *load = &profile->functions[0];
    assert_string_equal(load->file, "/home/ann/orders.py");
    assert_string_equal(load->name, "load");
    assert_string_equal(load->qualname, "Shop.load");
    assert_string_equal(load->module, "__main__");
    assert_string_equal(load->selected_by, "load");
    assert_int_equal(load->last_line, 7);
    assert_int_equal(load->row_count, 4);
    assert_int_equal(load->rss_delta, MIB(4));
    assert_int_equal(load->time_ns, 2000);
    assert_int_equal(load->rss_entry, MIB(10));
    assert_int_equal(load->rows[0].rss, MIB(10));
    assert_false(load->rows[0].measured);
    assert_int_equal(load->rows[0].rss_delta, 0);
    assert_int_equal(load->rows[1].hits, 3);
    assert_true(load->rows[1].measured);
    assert_int_equal(load->rows[3].rss, MPR_UNKNOWN);
    assert_non_null(load->source_problem);
    mpr_profile_free(profile);
}

static void test_profile_facts_of_the_run(void **state)
{
    (void)state;
    struct mpr_profile *profile = build();
    assert_string_equal(profile->process[0].command[0], "orders.py");
    assert_string_equal(profile->process[0].python, "3.11.2");
    assert_int_equal(profile->process[0].container, MPR_CONTAINER_INTERPRETER);
    assert_int_equal(profile->process[0].tier, MPR_TIER_RUSAGE);
    assert_int_equal(profile->process[0].exit_status, 0);
    assert_int_equal(profile->process[0].rss_start, MIB(9));
    assert_int_equal(profile->process[0].rss_peak, MIB(30));
    assert_int_equal(profile->process[0].rss_end, MIB(20));
    assert_int_equal(profile->process[0].engine, MPR_ENGINE_SETTRACE);
    mpr_profile_free(profile);
    memset(header()->host.trace_engine, 0, sizeof header()->host.trace_engine);
    profile = build();
    assert_int_equal(profile->process[0].engine, MPR_ENGINE_NONE);
    mpr_profile_free(profile);
}

/* Said only where one may expect that a line or a sample sees it. */
static void test_profile_notes_a_peak_that_nothing_saw(void **state)
{
    static const char saw[] = "No sample and no line saw the peak: it passed";
    (void)state;
    run.interval_ns = 10000000;
    struct mpr_profile *profile = build();
    assert_false(has_note(profile, saw));
    mpr_profile_free(profile);
    set_row(add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT), 5, 1, MIB(12), MIB(2));
    profile = build();
    assert_true(has_note(profile, saw));
    mpr_profile_free(profile);
    run.duration_ns = 15000000;
    profile = build();
    assert_false(has_note(profile, saw));
    mpr_profile_free(profile);
}

static void test_profile_peak_is_not_below_start_and_end(void **state)
{
    (void)state;
    header()->rss.hwm = MIB(10);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].rss_peak, MIB(20));
    mpr_profile_free(profile);
    header()->rss.start = MIB(21);
    profile = build();
    assert_int_equal(profile->process[0].rss_peak, MIB(21));
    mpr_profile_free(profile);
}

static void test_profile_peak_names_the_row_that_closed_with_it(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, 1, MIB(199), MIB(180));
    set_row(fn, 6, 1, MIB(30), 0);
    add_sample(10, MIB(200), offset_of(fn), 6);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].peak_line, 5);
    mpr_profile_free(profile);
    set_row(fn, 5, 1, MIB(190), MIB(180));
    profile = build();
    assert_int_equal(profile->process[0].peak_line, 6);
    mpr_profile_free(profile);
}

static void test_profile_peak_is_never_below_what_was_seen(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, 1, MIB(40), MIB(30));
    add_sample(10, MIB(50), offset_of(fn), 6);
    add_sample(20, MIB(20), 0, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].rss_peak, MIB(50));
    assert_int_equal(profile->process[0].peak_function, 0);
    assert_int_equal(profile->process[0].peak_line, 6);
    assert_false(has_note(profile, "saw the peak"));
    mpr_profile_free(profile);
}

static void test_profile_peak_leaves_children_out(void **state)
{
    (void)state;
    header()->rss.end = header()->rss.hwm = 0;
    header()->processes.children = 2;
    run.maxrss = MIB(500);
    add_sample(10, MIB(18), 0, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].rss_peak, MIB(29));
    assert_int_equal(profile->process[0].rss_end, MIB(18));
    assert_true(has_note(profile, "started 2 processes: they were not measured"));
    mpr_profile_free(profile);
}

/* f(5) -> f(6) -> g(21), the inner f having grown by 3 MiB before g, and 4 in it. */
static void add_open_stack(void)
{
    struct mpr_rec_function *f = add_function("orders.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    struct mpr_rec_function *g = add_function("orders.py", "g", 20, 22, MPR_REC_BY_DEFAULT);
    set_row(f, 6, 1, MIB(11), MIB(1));
    struct mpr_rec_slots *slots = add_slots(5);
    slots->slot[0] = opened(1, f, 5, MIB(10), MIB(1));
    slots->slot[1] = opened(7, g, 21, MIB(14), 0);
    slots->slot[2] = opened(5, f, 6, MIB(11), 0);
    slots->slot[3] = opened(9, f, 6, MIB(11), 0);
    slots->slot[3].state = MPR_ACT_SUSPENDED;
    slots->slot[4] = opened(10, f, 99, MIB(11), 0);
    header()->rss.end = header()->rss.hwm = 0;
    header()->rss.last = MIB(14);
    run.wait_status = SIGKILL;
}

static void test_profile_charges_open_rows_innermost_first(void **state)
{
    (void)state;
    add_open_stack();
    add_sample(950, MIB(18), 0, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].exit_status, -1);
    assert_int_equal(profile->process[0].exit_signal, SIGKILL);
    assert_int_equal(row(profile, 1, 21)->rss_delta, MIB(4));
    assert_int_equal(row(profile, 1, 21)->rss, MIB(18));
    assert_true(row(profile, 1, 21)->measured);
    /* 1 from before, 7 of the inner f; the outer f's 8 less the 1 and 7 charged already. */
    assert_int_equal(row(profile, 0, 6)->rss_delta, MIB(8));
    assert_int_equal(row(profile, 0, 5)->rss_delta, 0);
    assert_int_equal(profile->functions[0].rss_delta, MIB(8));
    assert_true(row(profile, 0, 5)->ended_here);
    assert_true(row(profile, 0, 6)->ended_here);
    assert_false(row(profile, 0, 7)->ended_here);
    assert_int_equal(profile->process[0].open_count, 3);
    assert_int_equal(profile->process[0].open[0].line, 5);
    assert_int_equal(profile->process[0].open[2].line, 21);
    assert_int_equal(profile->process[0].open[2].function, 1);
    assert_true(has_note(profile, "ended inside the lines marked \"ended here\""));
    mpr_profile_free(profile);
}

static void test_profile_closes_open_rows_with_the_later_value(void **state)
{
    (void)state;
    add_open_stack();
    add_sample(50, MIB(12), 0, 0); /* before the rows opened, 200 ms after the start */
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 1, 21)->rss, MIB(14));
    assert_int_equal(row(profile, 1, 21)->rss_delta, 0);
    assert_int_equal(profile->process[0].rss_end, MIB(14));
    /* Open for 800 of 1000 ms; the inner f's time is charged to no outer row twice. */
    assert_int_equal(row(profile, 0, 6)->time_ns, 800000000 + 1000); /* its own from before */
    assert_int_equal(row(profile, 0, 5)->time_ns, 0);
    mpr_profile_free(profile);
}

/* Two ticks a nanosecond, as the recording has it: no clock of the reader's comes in. */
static void test_profile_means_the_same_tomorrow(void **state)
{
    (void)state;
    struct mpr_rec_function *f = add_function("orders.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(f, 5, 1, MIB(11), MIB(1)); /* 1000 ticks */
    header()->clock = (struct mpr_rec_clock){.start = {400, 1000000}, .end = {4000400, 3000000}};
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 0, 5)->time_ns, 500);
    mpr_profile_free(profile);
    header()->clock.end = (struct mpr_rec_moment){0, 0};
    run.end = (struct mpr_rec_moment){1000400, 5000000};
    profile = build();
    assert_int_equal(row(profile, 0, 5)->time_ns, 4000);
    mpr_profile_free(profile);
}

static void test_profile_of_a_sudden_death_ends_with_what_was_seen(void **state)
{
    (void)state;
    header()->rss.end = header()->rss.hwm = 0;
    run.wait_status = SIGKILL;
    struct mpr_profile *profile = build();
    assert_int_equal(
        profile->process[0].rss_end, MIB(20)); /* at the last line, for nothing else was seen */
    mpr_profile_free(profile);
    add_sample(950, MIB(18), 0, 0);
    profile = build();
    assert_int_equal(profile->process[0].rss_end, MIB(18));
    mpr_profile_free(profile);
    timeline.count = 0;
    header()->rss.tier = MPR_RSS_OFF;
    profile = build();
    assert_int_equal(profile->process[0].rss_end, MPR_UNKNOWN);
    mpr_profile_free(profile);
}

static void test_profile_in_order_closes_with_the_end(void **state)
{
    (void)state;
    add_open_stack();
    header()->rss.end = MIB(15);
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 1, 21)->rss_delta, MIB(1));
    assert_int_equal(profile->process[0].rss_end, MIB(15));
    mpr_profile_free(profile);
}

static void test_profile_without_rss_knows_no_sizes(void **state)
{
    (void)state;
    header()->rss.tier = MPR_RSS_OFF;
    struct mpr_rec_function *fn = add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, 3, 1, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 0, 5)->rss, MPR_UNKNOWN);
    assert_int_equal(row(profile, 0, 5)->rss_delta, MPR_UNKNOWN);
    assert_true(row(profile, 0, 5)->measured);
    assert_int_equal(profile->functions[0].rss_entry, MPR_UNKNOWN);
    assert_int_equal(profile->functions[0].rss_delta, MPR_UNKNOWN);
    assert_int_equal(profile->functions[0].time_ns, 1000);
    assert_int_equal(profile->process[0].rss_resolution, MPR_UNKNOWN);
    mpr_profile_free(profile);
}

static void test_profile_lists_the_never_called_once(void **state)
{
    (void)state;
    add_pattern("load*");
    add_candidate("orders.py", "loader", 30, 0);
    add_candidate("orders.py", "load", 4, 0);
    add_candidate("orders.py", "loader", 30, 0);
    add_candidate("orders.py", "other", 40, MPR_REC_BY_NONE);
    add_candidate("orders.py", "marked", 50, MPR_REC_BY_DECORATOR);
    add_function("orders.py", "load", 4, 7, 0);
    header()->notes = MPR_NOTE_NUMBA;
    struct mpr_profile *profile = build();
    assert_true(has_note(profile, "What numba compiles runs as machine code"));
    assert_int_equal(profile->function_count, 3);
    assert_string_equal(profile->functions[1].qualname, "loader");
    assert_string_equal(profile->functions[2].qualname, "marked");
    assert_string_equal(profile->functions[2].selected_by, "@profile");
    assert_int_equal(profile->functions[1].calls, 0);
    assert_int_equal(profile->functions[1].row_count, 0);
    assert_int_equal(profile->functions[1].last_line, 33);
    assert_ptr_equal(profile->functions[1].source_problem, NULL);
    assert_int_equal(profile->functions[1].rss_entry, MPR_UNKNOWN);
    assert_int_equal(profile->unmatched_count, 0);
    mpr_profile_free(profile);
}

static void test_profile_names_what_comes_nearest(void **state)
{
    (void)state;
    add_pattern("heavy");
    add_pattern("laod");
    add_pattern("load");
    add_pattern("lo*");
    add_candidate("orders.py", "loader", 30, MPR_REC_BY_NONE);
    add_candidate("/srv/x.py", "zebra_crossing_function", 4, MPR_REC_BY_NONE);
    add_function("orders.py", "load", 4, 7, 2);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->unmatched_count, 2);
    assert_string_equal(profile->unmatched[1].pattern, "laod");
    assert_string_equal(profile->unmatched[1].nearest[0], "load (orders.py:4)");
    assert_string_equal(profile->unmatched[0].pattern, "heavy");
    assert_false(profile->unmatched[1].none_near);
    mpr_profile_free(profile);
}

static void test_profile_names_some_where_nothing_is_near(void **state)
{
    (void)state;
    add_pattern("zzzzzz");
    add_pattern("json:*");
    add_pattern("json:zzzzzz");
    add_candidate("orders.py", "<lambda>", 1, MPR_REC_BY_NONE);
    add_candidate("orders.py", "load", 4, MPR_REC_BY_NONE);
    add_function("orders.py", "store", 30, 32, MPR_REC_BY_DECORATOR);
    add_function("/usr/lib/python3/json.py", "dumps", 4, 7, 1);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->unmatched_count, 2);
    const struct mpr_profile_unmatched *miss = &profile->unmatched[0];
    assert_true(miss->none_near);
    assert_false(miss->scoped);
    assert_string_equal(miss->nearest[0], "load (orders.py:4)");
    assert_string_equal(miss->nearest[1], "store (orders.py:30)");
    assert_ptr_equal(miss->nearest[2], NULL);
    assert_true(profile->unmatched[1].scoped);
    mpr_profile_free(profile);
}

/* Whatever they did: another order is a view's. */
static void test_profile_keeps_the_order_of_first_starts(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("b.py", "late", 50, 51, MPR_REC_BY_DEFAULT);
    set_row(fn, 51, 1, MIB(9), MIB(1));
    fn = add_function("a.py", "small", 1, 2, MPR_REC_BY_DEFAULT);
    set_row(fn, 2, 1, MIB(9), MIB(7));
    struct mpr_profile *profile = build();
    assert_string_equal(profile->functions[0].qualname, "late");
    assert_string_equal(profile->functions[1].qualname, "small");
    mpr_profile_free(profile);
}

static void test_profile_leaves_the_withdrawn_out(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("b.py", "f", 5, 6, MPR_REC_BY_DEFAULT);
    fn->flags = MPR_REC_FN_WITHDRAWN;
    add_slots(1)->slot[0] = opened(1, fn, 5, MIB(1), 0);
    add_function("b.py", "g", 9, 9, MPR_REC_BY_DECORATOR);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 1);
    assert_string_equal(profile->functions[0].selected_by, "@profile");
    assert_int_equal(profile->process[0].open_count, 0);
    mpr_profile_free(profile);
}

static void test_profile_source_of_dash_c_is_not_that_of_exec(void **state)
{
    (void)state;
    run.code = "def f():\n    return 1\nf()";
    add_function("<string>", "f", 1, 2, MPR_REC_BY_DEFAULT);
    struct mpr_rec_function *fn = add_function("<string>", "other", 1, 2, MPR_REC_BY_DEFAULT);
    set_row(fn, 2, 1, MIB(9), 0);
    struct mpr_profile *profile = build();
    assert_ptr_equal(profile->functions[0].source_problem, NULL);
    assert_string_equal(profile->functions[0].rows[1].source, "    return 1");
    assert_non_null(profile->functions[1].source_problem);
    assert_ptr_equal(profile->functions[1].rows[1].source, NULL);
    mpr_profile_free(profile);
}

/* What the target recorded, and which functions it is shown for. */
static void test_profile_source_that_was_recorded(void **state)
{
    (void)state;
    add_source("<made>", MPR_SOURCE_TEXT, "def f():\n    return 1\n");
    add_source("/nowhere/gone.py", MPR_SOURCE_STAMPED, "");
    add_source("/nowhere/gone.py", MPR_SOURCE_TEXT | MPR_SOURCE_CHANGED, "def f():\n    pass\n");
    add_function("<made>", "f", 1, 2, MPR_REC_BY_DEFAULT);
    add_function("<made>", "other", 1, 2, MPR_REC_BY_DEFAULT);
    add_function("/nowhere/gone.py", "f", 1, 2, MPR_REC_BY_DEFAULT);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 3);
    for (size_t i = 0; i < 3; i++) {
        struct mpr_profile_function *fn = &profile->functions[i];
        bool made = fn->file[0] == '<';
        if (strcmp(fn->name, "other") == 0)
            assert_ptr_equal(fn->rows[1].source, NULL);
        else
            assert_string_equal(fn->rows[1].source, made ? "    return 1" : "    pass");
        assert_true((strcmp(fn->name, "other") == 0) == (fn->source_problem != NULL));
    }
    assert_true(has_note(profile, "gone.py changed after it had been loaded"));
    assert_false(has_note(profile, "<made> changed"));
    mpr_profile_free(profile);
}

static void test_profile_notes_name_what_happened(void **state)
{
    (void)state;
    header()->counts.dropped = 3;
    header()->processes.exec_ns = header()->clock.start.ns + 100000000;
    header()->notes = MPR_NOTE_MEMORY_PROFILER | MPR_NOTE_THREADS | MPR_NOTE_DEEP_STACK |
                      MPR_NOTE_TRACER_REPLACED | MPR_NOTE_LINE_OUTSIDE | MPR_NOTE_NUMBA;
    header()->rss.resolution = 262144;
    header()->settings.flags = MPR_REC_RSS_CHECK;
    header()->rss.check_changes = 120;
    struct mpr_profile *profile = build();
    assert_true(has_note(profile, "3 functions"));
    assert_true(has_note(profile, "(exec) after 0.20 s"));
    assert_true(has_note(profile, "imports memory_profiler"));
    assert_true(has_note(profile, "more than one thread"));
    assert_true(has_note(profile, "less than half of the C stack"));
    assert_true(has_note(profile, "Another trace function took the place of mprun's"));
    assert_true(has_note(profile, "lines that the function which runs does not have"));
    assert_false(has_note(profile, "numba")); /* every function was called */
    assert_true(has_note(profile, "steps of 256 KiB"));
    assert_true(has_note(profile, "120 changes seen, 0 of them missed by the rusage tier"));
    mpr_profile_free(profile);
    header()->rss.resolution = 1600 << 10;
    profile = build();
    assert_true(has_note(profile, "steps of 1.6 MiB"));
    mpr_profile_free(profile);
}

static void add_undecorated(const char *file, const char *type, uint32_t line)
{
    size_t file_size = strlen(file) + 1, type_size = strlen(type) + 1;
    struct mpr_rec_undecorated *record =
        add_record(MPR_KIND_UNDECORATED, sizeof *record + file_size + type_size);
    record->line = line;
    record->file = sizeof *record;
    record->type = (uint32_t)(sizeof *record + file_size);
    memcpy((char *)record + record->file, file, file_size);
    memcpy((char *)record + record->type, type, type_size);
}

static void test_profile_names_decorators_that_select_nothing(void **state)
{
    (void)state;
    add_undecorated("/home/ann/a.py", "functools.partial", 12);
    add_undecorated("b.py", "Thing", 3);
    struct mpr_rec_undecorated *hostile = add_record(MPR_KIND_UNDECORATED, sizeof *hostile + 8);
    hostile->file = 4;
    hostile->type = UINT32_MAX;
    memset(hostile + 1, 'x', 8);
    for (uint32_t i = 0; i < 20; i++)
        add_undecorated("c.py", "Thing", 100 + i);
    struct mpr_profile *profile = build();
    assert_true(
        has_note(profile, "at a.py:12 selects nothing: what it was given (functools.partial)"));
    assert_true(has_note(profile, "at b.py:3 selects nothing"));
    assert_true(has_note(profile, "at c.py:112 selects nothing"));
    assert_false(has_note(profile, "at c.py:113"));
    mpr_profile_free(profile);
}

static void test_profile_says_what_it_could_not_map(void **state)
{
    (void)state;
    add_function("b.py", "f", 5, 6, MPR_REC_BY_DEFAULT);
    region.size = header()->log_used + 64;
    add_record(MPR_KIND_CANDIDATE, 64);
    header()->log_used += 4096;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 1);
    assert_true(has_note(profile, "could not be read whole: address space limit"));
    assert_false(has_note(profile, "damaged"));
    mpr_profile_free(profile);
}

static void test_profile_reports_what_stands_before_the_damage(void **state)
{
    (void)state;
    add_function("b.py", "f", 5, 6, MPR_REC_BY_DEFAULT);
    struct mpr_rec_head *bad = add_record(MPR_KIND_FUNCTION, 8);
    bad->size = 0xfffffff8;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 1);
    assert_true(has_note(profile, "damaged"));
    mpr_profile_free(profile);
}

/* Bytes turned at random: any answer is right but a crash. */
static void test_profile_survives_any_recording(void **state)
{
    (void)state;
    add_pattern("f*");
    add_open_stack();
    add_candidate("orders.py", "fast", 30, 0);
    add_sample(950, MIB(18), MPR_REC_LOG, 4);
    size_t used = header()->log_used;
    char *clean = malloc(used);
    assert_non_null(clean);
    memcpy(clean, region.bytes, used);
    srandom(20260101);
    for (int round = 0; round < 3000; round++) {
        memcpy(region.bytes, clean, used);
        for (int i = 0; i < 8; i++) {
            /* Magic, version and sizes stay: the rest of the header and the log turn. */
            size_t at = 32 + (size_t)random() % (used - 32);
            if (at < sizeof(struct mpr_rec_header) || at >= MPR_REC_LOG)
                region.bytes[at] = (char)(random() % 3 ? random() : -1);
        }
        mpr_profile_free(build());
    }
    free(clean);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, free_region)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_profile_has_rows_and_totals),
        TEST(test_profile_facts_of_the_run),
        TEST(test_profile_peak_is_never_below_what_was_seen),
        TEST(test_profile_peak_leaves_children_out),
        TEST(test_profile_notes_a_peak_that_nothing_saw),
        TEST(test_profile_peak_is_not_below_start_and_end),
        TEST(test_profile_peak_names_the_row_that_closed_with_it),
        TEST(test_profile_means_the_same_tomorrow),
        TEST(test_profile_of_a_sudden_death_ends_with_what_was_seen),
        TEST(test_profile_names_some_where_nothing_is_near),
        TEST(test_profile_says_what_it_could_not_map),
        TEST(test_profile_charges_open_rows_innermost_first),
        TEST(test_profile_closes_open_rows_with_the_later_value),
        TEST(test_profile_in_order_closes_with_the_end),
        TEST(test_profile_without_rss_knows_no_sizes),
        TEST(test_profile_lists_the_never_called_once),
        TEST(test_profile_names_what_comes_nearest),
        TEST(test_profile_keeps_the_order_of_first_starts),
        TEST(test_profile_leaves_the_withdrawn_out),
        TEST(test_profile_source_of_dash_c_is_not_that_of_exec),
        TEST(test_profile_source_that_was_recorded),
        TEST(test_profile_notes_name_what_happened),
        TEST(test_profile_names_decorators_that_select_nothing),
        TEST(test_profile_reports_what_stands_before_the_damage),
        TEST(test_profile_survives_any_recording),
    };
    return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
