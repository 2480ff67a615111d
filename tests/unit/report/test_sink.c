/* SPDX-License-Identifier: MIT */
/* Where a report goes: to its end, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "made_report.h"

/* A format that makes a file of its own. */
static int render_own(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    (void)view, (void)options;
    FILE *file = fopen(sink->path, "w");
    if (!file || fputs("made", file) < 0 || fclose(file) != 0)
        return mpr_error_set(err, MPR_ERR_IO, "no file");
    return 0;
}

static void test_sink_of_a_format_with_a_file_of_its_own(void **state)
{
    static const struct mpr_format own = {
        .name = "own", .owns_file = true, .trees = true, .render = render_own};
    const struct mpr_report_options options = {.width = 80};
    char path[64], got[8] = "";
    struct mpr_sink sink;
    (void)state;
    int fd = memfd_create("report", MFD_CLOEXEC);
    assert_true(fd >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    made_sink(&sink);
    assert_int_equal(mpr_report(&own, NULL, &options, &sink, NULL), MPR_ERR_INVALID);
    sink.path = path;
    assert_int_equal(mpr_report(&own, NULL, &options, &sink, NULL), 0);
    assert_int_equal(pread(fd, got, sizeof got, 0), 4);
    assert_string_equal(got, "made");
    mpr_sink_release(&sink);
    close(fd);
}

static int render_words(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    (void)view, (void)options, (void)err;
    for (int i = 0; i < 100; i++)
        mpr_buf_puts(&sink->out, "word ");
    return 0;
}

static int take(void *to, const char *bytes, size_t len)
{
    (void)bytes;
    size_t *left = to;
    if (*left < len)
        return -1;
    *left -= len;
    return 0;
}

/* To the last byte, or not at all. */
static void test_sink_has_all_of_it_or_an_error(void **state)
{
    static const struct mpr_format words = {.name = "words", .trees = true, .render = render_words};
    const struct mpr_report_options options = {.width = 80};
    char storage[64];
    struct mpr_sink sink;
    (void)state;
    for (size_t room = 500; room >= 499; room--) {
        size_t left = room;
        mpr_sink_init_draining(&sink, storage, sizeof storage, take, &left);
        assert_int_equal(
            mpr_report(&words, NULL, &options, &sink, NULL), room < 500 ? MPR_ERR_NOMEM : 0);
        mpr_sink_release(&sink);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sink_of_a_format_with_a_file_of_its_own),
        cmocka_unit_test(test_sink_has_all_of_it_or_an_error),
    };
    return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
