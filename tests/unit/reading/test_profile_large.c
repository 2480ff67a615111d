/* SPDX-License-Identifier: MIT */
/* Profiles of real recordings at their limits: of the size that a recording must hold, and of more
 * than it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "made_report.h"
#include "mprun/reading.h"
#include "mprun/recording_writer.h"

#define MIB(n) ((int64_t)(n) << 20)
#define FUNCTIONS 50000u
#define LINES 20u

static struct mpr_timeline timeline;

/* A new recording, its writer, and its header as the host would fill it. */
static struct mpr_rec_writer *make_recording(int *ret_fd)
{
    struct mpr_rec_writer *writer = NULL;
    struct mpr_error err = {""};
    if (mpr_rec_create(NULL, 0, MPR_REC_SELECT_DEFAULT, MPR_RSS_RUSAGE, ret_fd, &err) != 0 ||
        mpr_rec_attach(*ret_fd, &writer, &err) != 0)
        fail_msg("%s", err.message);
    struct mpr_rec_header *header = mpr_rec_writer_header(writer);
    header->state = MPR_REC_ENDED;
    header->rss.tier = MPR_RSS_RUSAGE;
    header->rss.resolution = 4096;
    header->clock.ticks_are_ns = 1;
    header->rss.start = MIB(9);
    header->rss.end = MIB(20);
    return writer;
}

/* False if it found no room. */
static bool append_function(struct mpr_rec_writer *writer, uint32_t number)
{
    char name[32];
    size_t rows_size = LINES * sizeof(struct mpr_rec_row);
    size_t name_size = (size_t)snprintf(name, sizeof name, "f%u", number) + 1;
    struct mpr_rec_function *fn = mpr_rec_append(
        writer, MPR_KIND_FUNCTION, sizeof *fn + rows_size + sizeof "<made>" + name_size);
    if (!fn)
        return false;
    fn->row_count = LINES;
    fn->rows = sizeof *fn;
    fn->calls = 1;
    fn->id.first_line = 1 + number * LINES;
    fn->id.last_line = fn->id.first_line + LINES - 1;
    fn->id.selected_by = MPR_REC_BY_DEFAULT;
    fn->id.file = (uint32_t)(sizeof *fn + rows_size);
    fn->id.qualname = fn->id.file + (uint32_t)sizeof "<made>";
    fn->id.module = fn->id.qualname + (uint32_t)name_size - 1;
    memcpy((char *)fn + fn->id.file, "<made>", sizeof "<made>");
    memcpy((char *)fn + fn->id.qualname, name, name_size);
    struct mpr_rec_row *rows = (void *)((char *)fn + fn->rows);
    for (uint32_t i = 1; i < LINES; i++)
        rows[i] = (struct mpr_rec_row){.hits = 1,
            .sum[MPR_COUNTER_RSS] = (int64_t)(number * 7919 % FUNCTIONS),
            .sum[MPR_COUNTER_TICKS] = 1000,
            .rss = MIB(10),
            .rss_max = MIB(10)};
    mpr_rec_publish(writer);
    return true;
}

static struct mpr_profile *build(int fd)
{
    static const char *const command[] = {"large.py", NULL};
    struct mpr_rec_reader *reader = NULL;
    struct mpr_profile *profile = NULL;
    struct mpr_error err = {""};
    struct mpr_run run = {.command = command,
        .cwd = "/home/ann",
        .interpreter = "/usr/bin/python3",
        .duration_ns = 1000000000,
        .timeline = &timeline};
    clock_gettime(CLOCK_REALTIME, &run.started);
    if (mpr_rec_open(fd, &reader, &err) != 0 ||
        mpr_profile_build(reader, &run, &profile, &err) != 0)
        fail_msg("%s", err.message);
    mpr_rec_close(reader);
    return profile;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_profile_large_holds_a_million_rows(void **state)
{
    int fd = -1;
    (void)state;
    struct mpr_rec_writer *writer = make_recording(&fd);
    for (uint32_t i = 0; i < FUNCTIONS; i++)
        assert_true(append_function(writer, i));
    double before = seconds();
    struct mpr_profile *profile = build(fd);
    assert_true(seconds() - before < 3.0);
    size_t rows = 0;
    for (size_t i = 0; i < profile->function_count; i++)
        rows += profile->functions[i].row_count;
    assert_int_equal(profile->function_count, FUNCTIONS);
    assert_int_equal(rows, FUNCTIONS * LINES);
    assert_int_equal(profile->process[0].dropped, 0);
    mpr_profile_free(profile);
    close(fd);
}

static void test_profile_large_reports_what_found_no_room(void **state)
{
    int fd = -1;
    uint32_t found = 0;
    (void)state;
    struct mpr_rec_writer *writer = make_recording(&fd);
    /* Names of functions that no pattern selects fill most of it. */
    for (uint64_t used = 0; used + MIB(16) < MPR_REC_SIZE; used += MIB(1)) {
        struct mpr_rec_candidate *filler =
            mpr_rec_append(writer, MPR_KIND_CANDIDATE, (size_t)MIB(1));
        assert_non_null(filler);
        filler->id.selected_by = MPR_REC_BY_NONE;
        mpr_rec_publish(writer);
    }
    while (append_function(writer, found))
        found++;
    assert_false(append_function(writer, found));
    struct mpr_profile *profile = build(fd);
    assert_int_equal(profile->function_count, found);
    assert_int_equal(profile->process[0].dropped, 2);
    struct made_options options = {.report.unicode = true};
    struct mpr_sink sink;
    made_sink(&sink);
    const struct mpr_format *text = mpr_format_by_name("text");
    assert_int_equal(made_report(profile, text, &options, &sink, NULL), 0);
    assert_non_null(strstr(sink.out.data,
        "Note: The recording was full: 2 functions or rows found no room and are "
        "missing."));
    mpr_sink_release(&sink);
    mpr_profile_free(profile);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile_large_holds_a_million_rows),
        cmocka_unit_test(test_profile_large_reports_what_found_no_room),
    };
    return cmocka_run_group_tests_name("profile_large", tests, NULL, NULL);
}
