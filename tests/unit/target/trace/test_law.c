/* SPDX-License-Identifier: MIT */
/* The law on both sides: what the reader charges to rows that were open when the target ended is
 * what the target would have charged had they closed then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "activation.h"
#include "mprun/reading.h"
#include "mprun/recording_reader.h"
#include "tables.h"

#define TABLES 3
#define DEEPEST 24
#define START 1000000

static struct mpr_rec_reader *reader;
static struct mpr_stack stack;
static struct mpr_thread thread = {.tid = 77, .stack = &stack};
static struct mpr_function_rows *tables[TABLES];
static struct mpr_sample now = {.rss = 40960, .ticks = START};

static unsigned below(unsigned limit)
{
    return (unsigned)random() % limit;
}

/* Everything moves; what was allocated may be freed by others. */
static struct mpr_sample step(void)
{
    struct mpr_rec_heap_counts *counts = thread.heap.counts;
    now.ticks += 1 + below(1000);
    now.rss += 4096 * (int64_t)below(9);
    for (unsigned i = below(4); i > 0; i--) {
        counts->allocated += 16 * (uint64_t)(1 + below(100));
        counts->allocations++;
        int64_t level = (int64_t)(counts->allocated - counts->freed);
        if (level > counts->high)
            counts->high = level;
        counts->freed += 16 * (uint64_t)below(90);
    }
    mpr_probe->header->rss.last = now.rss;
    return now;
}

static struct mpr_profile *build(void)
{
    static const char *const command[] = {"law.py", NULL};
    struct mpr_profile *profile = NULL;
    struct mpr_error err = {""};
    struct mpr_run run = {.command = command,
        .cwd = "/nonexistent",
        .interpreter = "/usr/bin/python3",
        .start_ns = START,
        .duration_ns = (uint64_t)now.ticks - START};
    if (mpr_profile_build(reader, &run, &profile, &err) != 0)
        fail_msg("%s", err.message);
    return profile;
}

static void check_same_row(const struct mpr_profile_row *open, const struct mpr_profile_row *closed)
{
    assert_int_equal(open->hits, closed->hits);
    assert_int_equal(open->rss_delta, closed->rss_delta);
    assert_int_equal(open->rss, closed->rss);
    assert_int_equal(open->rss_max, closed->rss_max);
    assert_int_equal(open->time_ns, closed->time_ns);
    assert_int_equal(open->heap_allocated, closed->heap_allocated);
    assert_int_equal(open->heap_freed, closed->heap_freed);
    assert_int_equal(open->allocations, closed->allocations);
    assert_int_equal(open->spike, closed->spike);
}

static void check_same(const struct mpr_profile *open, const struct mpr_profile *closed)
{
    assert_int_equal(open->function_count, closed->function_count);
    assert_true(open->process[0].open_count > 0);
    assert_int_equal(closed->process[0].open_count, 0);
    for (size_t i = 0; i < open->function_count; i++)
        for (size_t n = 0; n < open->functions[i].row_count; n++)
            check_same_row(&open->functions[i].rows[n], &closed->functions[i].rows[n]);
}

/* Calls upon calls, some of which return; those that are left are open. */
static size_t run_until(size_t depth, struct mpr_activation **open)
{
    static uint64_t frame = 0x1000;
    size_t count = 0;
    for (unsigned i = 0; count < depth && i < 1000; i++) {
        if (count > 0 && below(3) == 0)
            mpr_activation_end(open[--count], &thread, step());
        open[count] = mpr_activation_start(tables[below(TABLES)], frame += 16, true, &thread);
        assert_non_null(open[count]);
        for (unsigned lines = 1 + below(4); lines > 0; lines--)
            mpr_activation_line(open[count], &thread, 2 + below(8), step());
        count++;
    }
    return count;
}

static void test_law_reader_charges_as_the_target(void **state)
{
    (void)state;
    struct mpr_activation *open[DEEPEST + 1];
    for (unsigned round = 0; round < 200; round++) {
        srandom(round);
        size_t count = run_until(1 + round % DEEPEST, open);
        struct mpr_sample last = step();
        struct mpr_profile *before = build();
        while (count > 0)
            mpr_activation_end(open[--count], &thread, last);
        struct mpr_profile *after = build();
        check_same(before, after);
        mpr_profile_free(before);
        mpr_profile_free(after);
    }
}

static int setup(void **state)
{
    static const char *const names[TABLES] = {"first", "second", "third"};
    (void)state;
    int fd;
    if (mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL) < 0 || mpr_probe_attach(fd, NULL) < 0 ||
        mpr_rec_open(fd, &reader, NULL) < 0)
        return -1;
    close(fd);
    for (int i = 0; i < TABLES; i++) {
        struct mpr_key key = {.file = "law.py",
            .qualname = names[i],
            .module = "__main__",
            .first_line = 1,
            .last_line = 10};
        tables[i] = mpr_function_rows_add(&key, MPR_REC_BY_DEFAULT);
    }
    struct mpr_rec_header *header = mpr_probe->header;
    header->clock = (struct mpr_rec_clock){.ticks_are_ns = 1, .start = {START, START, 0}};
    header->rss.tier = MPR_RSS_RUSAGE;
    header->heap.tracked = 1;
    header->state = MPR_REC_RUNNING;
    thread.record = mpr_rec_append(mpr_probe->writer, MPR_KIND_THREAD, sizeof *thread.record);
    thread.record->tid = thread.tid;
    thread.heap.counts = &thread.record->heap;
    mpr_rec_publish(mpr_probe->writer);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mpr_rec_close(reader);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_law_reader_charges_as_the_target),
    };
    return cmocka_run_group_tests_name("law", tests, setup, teardown);
}
