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

#include "mprun/profile.h"

#define MIB(n) ((int64_t)(n) << 20)

/* A recording under construction. Its clock counts nanoseconds. */
static struct {
    char *bytes;
    size_t size;
} region;

static struct mpr_timeline timeline;
static struct mpr_run run;

static struct mpr_rec_header *header(void)
{
    return (struct mpr_rec_header *)(void *)region.bytes;
}

static int64_t mono_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void make_region(size_t size)
{
    static const char *const command[] = {"orders.py", NULL};
    region.bytes = calloc(1, size);
    region.size = size;
    assert_non_null(region.bytes);
    *header() = (struct mpr_rec_header){
        .magic = MPR_REC_MAGIC,
        .version = MPR_REC_VERSION,
        .header_size = sizeof(struct mpr_rec_header),
        .size = size,
        .log_used = MPR_REC_LOG,
        .state = MPR_REC_ENDED,
        .pid = 77,
        .container = MPR_REC_INTERPRETER,
        .rss_tier = MPR_RSS_RUSAGE,
        .python_version = "3.11.2",
        .trace_engine = "settrace",
        .ticks_are_ns = 1,
        .rss_resolution = 4096,
        .own = MIB(2),
        .rss_start = MIB(9),
        .rss_end = MIB(20),
        .hwm = MIB(32),
        .rss_last = MIB(20),
    };
    header()->ns0 = header()->tick0 = (uint64_t)mono_now() - 900000000;
    memset(&timeline, 0, sizeof timeline);
    timeline.samples_per_bucket = 1;
    run = (struct mpr_run){.command = command,
        .cwd = "/home/ann",
        .interpreter = "/usr/bin/python3",
        .duration_ns = 1000000000,
        .maxrss = MIB(32),
        .hwm_seen = MIB(31),
        .timeline = &timeline};
    clock_gettime(CLOCK_REALTIME, &run.started);
    run.started.tv_sec -= 1;
}

static int setup(void **state)
{
    (void)state;
    make_region(4 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(region.bytes);
    return 0;
}

static void *add_record(uint32_t kind, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    assert_true(header()->log_used + size <= region.size);
    struct mpr_rec_head *head = (void *)(region.bytes + header()->log_used);
    head->kind = kind;
    head->size = (uint32_t)size;
    header()->log_used += size;
    return head;
}

static void add_pattern(const char *text)
{
    size_t len = strlen(text) + 1;
    struct mpr_rec_pattern *pattern = add_record(MPR_REC_PATTERN, sizeof *pattern + len);
    memcpy(pattern->text, text, len);
}

static size_t text_size(const char *file, const char *name)
{
    return strlen(file) + strlen(name) + 2 + sizeof "__main__";
}

static void set_identity(void *record, struct mpr_rec_identity *id, size_t texts, const char *file,
    const char *name, uint32_t first, uint32_t last, uint32_t by)
{
    char *text = (char *)record + texts;
    *id = (struct mpr_rec_identity){.first_line = first, .last_line = last, .selected_by = by};
    id->file = (uint32_t)texts;
    text = stpcpy(text, file) + 1;
    id->qualname = (uint32_t)(text - (char *)record);
    text = stpcpy(text, name) + 1;
    id->module = (uint32_t)(text - (char *)record);
    strcpy(text, "__main__");
}

static struct mpr_rec_function *add_function(
    const char *file, const char *name, uint32_t first, uint32_t last, uint32_t by)
{
    size_t rows = (size_t)last - first + 1;
    size_t texts = sizeof(struct mpr_rec_function) + rows * sizeof(struct mpr_rec_row);
    struct mpr_rec_function *fn = add_record(MPR_REC_FUNCTION, texts + text_size(file, name));
    set_identity(fn, &fn->id, texts, file, name, first, last, by);
    fn->row_count = (uint32_t)rows;
    fn->rows = sizeof *fn;
    fn->calls = 1;
    fn->rss_entry = MIB(10);
    return fn;
}

static void add_candidate(const char *file, const char *name, uint32_t first, uint32_t by)
{
    size_t texts = sizeof(struct mpr_rec_candidate);
    struct mpr_rec_candidate *candidate =
        add_record(MPR_REC_CANDIDATE, texts + text_size(file, name));
    set_identity(candidate, &candidate->id, texts, file, name, first, first + 3, by);
}

static uint64_t offset_of(const void *record)
{
    return (uint64_t)((const char *)record - region.bytes);
}

static void set_row(
    struct mpr_rec_function *fn, uint32_t line, uint64_t hits, int64_t rss, int64_t rss_delta)
{
    struct mpr_rec_row *rows = (void *)((char *)fn + fn->rows);
    rows[line - fn->id.first_line] = (struct mpr_rec_row){
        .hits = hits, .rss_delta = rss_delta, .ticks = 1000, .rss = rss, .rss_max = rss};
}

static void add_sample(uint64_t ms, int64_t rss, uint64_t function, uint32_t line)
{
    timeline.bucket[timeline.count++] = (struct mpr_timeline_bucket){.t_ns = ms * 1000000,
        .rss_first = rss,
        .rss_min = rss,
        .rss_max = rss,
        .max_function = function,
        .max_line = line,
        .samples = 1};
    timeline.samples++;
    timeline.last_t_ns = ms * 1000000;
    timeline.last_rss = rss;
}

static struct mpr_profile *build(enum mpr_sort sort)
{
    struct mpr_rec_reader *reader = NULL;
    struct mpr_profile *profile = NULL;
    struct mpr_error err = {""};
    assert_int_equal(mpr_rec_open_memory(region.bytes, region.size, &reader, &err), 0);
    if (mpr_profile_build(reader, &run, sort, &profile, &err) != 0)
        fail_msg("%s", err.message);
    mpr_rec_close(reader);
    return profile;
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
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
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
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_string_equal(profile->command[0], "orders.py");
    assert_string_equal(profile->python, "3.11.2");
    assert_string_equal(profile->host, "interpreter");
    assert_string_equal(profile->rss_tier, "rusage");
    assert_int_equal(profile->exit_status, 0);
    assert_int_equal(profile->rss_start, MIB(9));
    assert_int_equal(profile->rss_peak, MIB(30));
    assert_int_equal(profile->rss_end, MIB(20));
    assert_true(has_note(profile, "saw the peak of 30 MiB"));
    mpr_profile_free(profile);
}

static void test_profile_peak_is_never_below_what_was_seen(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, 1, MIB(40), MIB(30));
    add_sample(10, MIB(50), offset_of(fn), 6);
    add_sample(20, MIB(20), 0, 0);
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_int_equal(profile->rss_peak, MIB(50));
    assert_int_equal(profile->peak_function, 0);
    assert_int_equal(profile->peak_line, 6);
    assert_false(has_note(profile, "saw the peak"));
    mpr_profile_free(profile);
}

static void test_profile_peak_leaves_children_out(void **state)
{
    (void)state;
    header()->rss_end = header()->hwm = 0;
    header()->children = 2;
    run.maxrss = MIB(500);
    add_sample(10, MIB(18), 0, 0);
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_int_equal(profile->rss_peak, MIB(29));
    assert_int_equal(profile->rss_end, MIB(18));
    assert_true(has_note(profile, "started 2 processes: they were not measured"));
    mpr_profile_free(profile);
}

static struct mpr_rec_slots *add_slots(uint32_t count)
{
    struct mpr_rec_slots *slots =
        add_record(MPR_REC_SLOTS, sizeof *slots + count * sizeof(struct mpr_rec_activation));
    slots->count = count;
    return slots;
}

static struct mpr_rec_activation opened(
    uint64_t seq, const struct mpr_rec_function *fn, uint32_t line, int64_t base, int64_t charged)
{
    return (struct mpr_rec_activation){
        .seq = seq,
        .function = offset_of(fn),
        .base_rss = base,
        .base_ticks = (int64_t)header()->tick0 + 100000000,
        .charged_rss = charged,
        .state = MPR_ACT_OPEN,
        .line = line,
        .thread = 77,
    };
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
    header()->rss_end = header()->hwm = 0;
    header()->rss_last = MIB(14);
    run.wait_status = SIGKILL;
}

static void test_profile_charges_open_rows_innermost_first(void **state)
{
    (void)state;
    add_open_stack();
    add_sample(950, MIB(18), 0, 0);
    struct mpr_profile *profile = build(MPR_SORT_SOURCE);
    assert_int_equal(profile->exit_status, -1);
    assert_int_equal(profile->exit_signal, SIGKILL);
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
    assert_int_equal(profile->open_count, 3);
    assert_int_equal(profile->open[0].line, 5);
    assert_int_equal(profile->open[2].line, 21);
    assert_int_equal(profile->open[2].function, 1);
    assert_true(has_note(profile, "ended inside the lines marked \"ended here\""));
    mpr_profile_free(profile);
}

static void test_profile_closes_open_rows_with_the_later_value(void **state)
{
    (void)state;
    add_open_stack();
    add_sample(50, MIB(12), 0, 0); /* before the rows opened, 200 ms after the start */
    struct mpr_profile *profile = build(MPR_SORT_SOURCE);
    assert_int_equal(row(profile, 1, 21)->rss, MIB(14));
    assert_int_equal(row(profile, 1, 21)->rss_delta, 0);
    /* Open for 800 of 1000 ms; the inner f's time is charged to no outer row twice. */
    assert_in_range(row(profile, 0, 6)->time_ns, 700000000, 900000000);
    assert_int_equal(row(profile, 0, 5)->time_ns, 0);
    mpr_profile_free(profile);
}

static void test_profile_in_order_closes_with_the_end(void **state)
{
    (void)state;
    add_open_stack();
    header()->rss_end = MIB(15);
    struct mpr_profile *profile = build(MPR_SORT_SOURCE);
    assert_int_equal(row(profile, 1, 21)->rss_delta, MIB(1));
    mpr_profile_free(profile);
}

static void test_profile_without_rss_knows_no_sizes(void **state)
{
    (void)state;
    header()->rss_tier = MPR_RSS_OFF;
    struct mpr_rec_function *fn = add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, 3, 1, 0);
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_int_equal(row(profile, 0, 5)->rss, MPR_UNKNOWN);
    assert_int_equal(row(profile, 0, 5)->rss_delta, MPR_UNKNOWN);
    assert_true(row(profile, 0, 5)->measured);
    assert_int_equal(profile->functions[0].rss_entry, MPR_UNKNOWN);
    assert_int_equal(profile->functions[0].rss_delta, MPR_UNKNOWN);
    assert_int_equal(profile->functions[0].time_ns, 1000);
    assert_int_equal(profile->rss_resolution, MPR_UNKNOWN);
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
    add_function("orders.py", "load", 4, 7, 0);
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_int_equal(profile->function_count, 2);
    assert_string_equal(profile->functions[1].qualname, "loader");
    assert_int_equal(profile->functions[1].calls, 0);
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
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_int_equal(profile->unmatched_count, 2);
    assert_string_equal(profile->unmatched[1].pattern, "laod");
    assert_string_equal(profile->unmatched[1].nearest[0], "load (orders.py:4)");
    assert_string_equal(profile->unmatched[0].pattern, "heavy");
    mpr_profile_free(profile);
}

static void test_profile_orders_functions(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("b.py", "late", 50, 51, MPR_REC_BY_DEFAULT);
    set_row(fn, 51, 1, MIB(9), -MIB(7));
    fn = add_function("a.py", "small", 1, 2, MPR_REC_BY_DEFAULT);
    set_row(fn, 2, 1, MIB(9), MIB(1));
    fn = add_function("b.py", "early", 5, 6, MPR_REC_BY_DEFAULT);
    set_row(fn, 6, 1, MIB(9), MIB(2));
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_string_equal(profile->functions[0].qualname, "late");
    assert_string_equal(profile->functions[1].qualname, "early");
    mpr_profile_free(profile);
    profile = build(MPR_SORT_SOURCE);
    assert_string_equal(profile->functions[0].qualname, "early");
    assert_string_equal(profile->functions[1].qualname, "late");
    assert_string_equal(profile->functions[2].qualname, "small");
    mpr_profile_free(profile);
}

static void test_profile_leaves_the_withdrawn_out(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("b.py", "f", 5, 6, MPR_REC_BY_DEFAULT);
    fn->flags = MPR_REC_FN_WITHDRAWN;
    add_slots(1)->slot[0] = opened(1, fn, 5, MIB(1), 0);
    add_function("b.py", "g", 9, 9, MPR_REC_BY_DECORATOR);
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_int_equal(profile->function_count, 1);
    assert_string_equal(profile->functions[0].selected_by, "@profile");
    assert_int_equal(profile->open_count, 0);
    mpr_profile_free(profile);
}

static void test_profile_source_of_dash_c_is_not_that_of_exec(void **state)
{
    (void)state;
    run.code = "def f():\n    return 1\nf()";
    add_function("<string>", "f", 1, 2, MPR_REC_BY_DEFAULT);
    struct mpr_rec_function *fn = add_function("<string>", "other", 1, 2, MPR_REC_BY_DEFAULT);
    set_row(fn, 2, 1, MIB(9), 0);
    struct mpr_profile *profile = build(MPR_SORT_SOURCE);
    assert_ptr_equal(profile->functions[0].source_problem, NULL);
    assert_string_equal(profile->functions[0].rows[1].source, "    return 1");
    assert_non_null(profile->functions[1].source_problem);
    assert_ptr_equal(profile->functions[1].rows[1].source, NULL);
    mpr_profile_free(profile);
}

static void test_profile_notes_name_what_happened(void **state)
{
    (void)state;
    header()->dropped = 3;
    header()->exec_ns = header()->ns0 + 100000000;
    header()->remarks = MPR_REC_MEMORY_PROFILER | MPR_REC_THREADS;
    header()->rss_resolution = 262144;
    header()->settings = MPR_REC_RSS_CHECK;
    header()->check_changes = 120;
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    assert_true(has_note(profile, "3 functions"));
    assert_true(has_note(profile, "(exec) after 0.20 s"));
    assert_true(has_note(profile, "imports memory_profiler"));
    assert_true(has_note(profile, "more than one thread"));
    assert_true(has_note(profile, "steps of 256 KiB"));
    assert_true(has_note(profile, "120 changes seen, 0 of them missed by the rusage tier"));
    mpr_profile_free(profile);
}

static void test_profile_reports_what_stands_before_the_damage(void **state)
{
    (void)state;
    add_function("b.py", "f", 5, 6, MPR_REC_BY_DEFAULT);
    struct mpr_rec_head *bad = add_record(MPR_REC_FUNCTION, 8);
    bad->size = 0xfffffff8;
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
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
        mpr_profile_free(build((enum mpr_sort)(round % 4)));
    }
    free(clean);
}

static void test_profile_of_fifty_thousand_functions_is_fast(void **state)
{
    char name[32];
    struct timespec before;
    struct timespec after;
    (void)state;
    free(region.bytes);
    make_region((size_t)80 << 20);
    for (uint32_t i = 0; i < 50000; i++) {
        snprintf(name, sizeof name, "f%u", i);
        struct mpr_rec_function *fn =
            add_function("<made>", name, 1 + i * 20, 20 + i * 20, MPR_REC_BY_DEFAULT);
        set_row(fn, 2 + i * 20, 1, MIB(10), (int64_t)(i * 7919 % 50000));
    }
    clock_gettime(CLOCK_MONOTONIC, &before);
    struct mpr_profile *profile = build(MPR_SORT_AUTO);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_int_equal(profile->function_count, 50000);
    /* The bar is 2 s; sanitizers take their share. */
    assert_true(after.tv_sec - before.tv_sec <= 5);
    mpr_profile_free(profile);
}

static void test_profile_sorts_have_names(void **state)
{
    (void)state;
    enum mpr_sort sort = MPR_SORT_AUTO;
    assert_int_equal(mpr_sort_parse("time", &sort), 0);
    assert_int_equal(sort, MPR_SORT_TIME);
    assert_int_equal(mpr_sort_parse("heap", &sort), MPR_ERR_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_profile_has_rows_and_totals),
        TEST(test_profile_facts_of_the_run),
        TEST(test_profile_peak_is_never_below_what_was_seen),
        TEST(test_profile_peak_leaves_children_out),
        TEST(test_profile_charges_open_rows_innermost_first),
        TEST(test_profile_closes_open_rows_with_the_later_value),
        TEST(test_profile_in_order_closes_with_the_end),
        TEST(test_profile_without_rss_knows_no_sizes),
        TEST(test_profile_lists_the_never_called_once),
        TEST(test_profile_names_what_comes_nearest),
        TEST(test_profile_orders_functions),
        TEST(test_profile_leaves_the_withdrawn_out),
        TEST(test_profile_source_of_dash_c_is_not_that_of_exec),
        TEST(test_profile_notes_name_what_happened),
        TEST(test_profile_reports_what_stands_before_the_damage),
        TEST(test_profile_survives_any_recording),
        TEST(test_profile_of_fifty_thousand_functions_is_fast),
        cmocka_unit_test(test_profile_sorts_have_names),
    };
    return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
