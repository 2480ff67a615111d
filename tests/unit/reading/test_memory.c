/* SPDX-License-Identifier: MIT */
/* Reports where memory ends: whatever request fails, alone or with all that follow, there is a
 * report, of less if need be, or an error. The linker lets this program stand in for malloc. */
#include <stdio.h>

#include "made_recording.h"
#include "made_report.h"
#include "opened_memory.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
int __real_vasprintf(char **ret_text, const char *format, va_list args);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
int __wrap_vasprintf(char **ret_text, const char *format, va_list args);
char *__wrap_strdup(const char *text);

/* Requests until the one that fails, 0: none does; and whether all that follow fail, too. */
static size_t countdown;
static bool forever;
static bool failed;

static bool fails(void)
{
    if (countdown == 0)
        return forever && failed;
    failed = --countdown == 0;
    return failed;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

int __wrap_vasprintf(char **ret_text, const char *format, va_list args)
{
    return fails() ? -1 : __real_vasprintf(ret_text, format, args);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

static void fail_from(size_t request, bool all)
{
    countdown = request;
    forever = all;
    failed = false;
}

static int setup(void **state)
{
    (void)state;
    make_region(1 << 20);
    struct mpr_rec_node *node = made_heap();
    node[6].at_peak = MIB(2);
    add_pattern("load");
    add_pattern("nobody");
    add_candidate("shop.py", "other", 50, 0);
    struct mpr_rec_function *made = add_function("<made>", "made", 1, 2, 0);
    set_row(made, 2, 1, MIB(3), MIB(1));
    add_source("<made>", MPR_SOURCE_ABSENT | MPR_SOURCE_TEXT, "def made():\n    return 1\n");
    struct mpr_rec_slots *slots = add_slots(1);
    slots->slot[0] = opened(1, made, 2, 7, MIB(3));
    header()->notes = MPR_NOTE_THREADS;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fail_from(0, false);
    free(region.bytes);
    return 0;
}

static int count_bytes(void *to, const char *bytes, size_t len)
{
    (void)bytes;
    *(size_t *)to += len;
    return 0;
}

/* 0 and what was written, or an error. */
static int render(
    const struct mpr_profile *profile, const struct mpr_format *format, size_t *ret_written)
{
    static char storage[256];
    const struct made_options options = {.view = {.top = 10, .fold_packages = true},
        .report = {.width = 80, .unicode = true, .legend = true, .plot = true}};
    struct mpr_sink sink;
    struct mpr_error err = {""};
    *ret_written = 0;
    mpr_sink_init_draining(&sink, storage, sizeof storage, count_bytes, ret_written);
    int status = made_report(profile, format, &options, &sink, &err);
    mpr_sink_release(&sink);
    if (status != 0)
        assert_string_not_equal(err.message, "");
    return status;
}

static struct mpr_profile *build(enum mpr_detail detail, struct mpr_error *err)
{
    struct mpr_rec_reader *reader = NULL;
    struct mpr_profile *profile = NULL;
    run.detail = detail;
    if (open_memory(region.bytes, region.size, &reader, err) < 0)
        return NULL;
    mpr_profile_build(reader, &run, &profile, err);
    mpr_rec_close(reader);
    return profile;
}

/* What is left out is said; what is there is right. */
static void check(const struct mpr_profile *profile)
{
    assert_int_equal(profile->process[0].heap.all.end, MIB(6));
    assert_int_equal(profile->process[0].heap.all.peak, MIB(13));
    assert_int_equal(profile->process[0].heap.before, MIB(2));
    assert_int_equal(profile->process[0].heap.native.end, MIB(3));
    assert_int_equal(profile->process[0].heap.all.allocations, 40);
    bool functions = profile->detail < MPR_DETAIL_NO_FUNCTIONS;
    bool sites = profile->detail < MPR_DETAIL_NO_SITES;
    assert_int_equal(profile->function_count, functions ? 4 : 0);
    assert_int_equal(profile->process[0].open_count, functions ? 1 : 0);
    assert_int_equal(profile->site_count, sites ? 4 : 0);
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct mpr_profile_function *function = &profile->functions[i];
        assert_true(!function->row_count || function->source_problem || function->rows[1].source);
        for (size_t n = 0; n < function->row_count; n++)
            assert_int_equal(function->rows[n].live_at_end == MPR_UNKNOWN, !sites);
    }
    assert_int_equal(profile->node_count, profile->detail < MPR_DETAIL_NO_NODES ? 6 : 0);
    if (mpr_detail_note(profile->detail) && profile->detail < MPR_DETAIL_NO_FUNCTIONS)
        assert_string_equal(profile->notes[0], mpr_detail_note(profile->detail));
}

/* False once so many requests are never made. */
static bool build_failing(size_t request, bool all)
{
    struct mpr_error err = {""};
    fail_from(request, all);
    struct mpr_profile *profile = build(MPR_DETAIL_ALL, &err);
    bool reached = failed || countdown == 0;
    fail_from(0, false);
    if (profile)
        check(profile);
    else
        assert_non_null(strstr(err.message, "out of memory"));
    /* A lost request alone is made up for. */
    assert_true(profile || all || request == 1);
    mpr_profile_free(profile);
    return reached;
}

static void test_memory_may_end_while_the_model_is_built(void **state)
{
    (void)state;
    size_t request = 1;
    while (build_failing(request, false))
        request++;
    assert_true(request > 50);
    for (request = 1; build_failing(request, true);)
        request++;
}

static void test_memory_each_detail_can_be_asked_for(void **state)
{
    (void)state;
    for (int detail = MPR_DETAIL_ALL; detail <= MPR_DETAIL_NO_FUNCTIONS; detail++) {
        struct mpr_error err = {""};
        struct mpr_profile *profile = build((enum mpr_detail)detail, &err);
        assert_non_null(profile);
        assert_int_equal(profile->detail, detail);
        assert_int_equal(profile->unmatched_count, detail < MPR_DETAIL_NO_FUNCTIONS ? 1 : 0);
        check(profile);
        mpr_profile_free(profile);
    }
}

/* A report that is not whole is an error, and one that is none has all of it. */
static void test_memory_may_end_while_it_is_written(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    struct mpr_profile *profile = build(MPR_DETAIL_ALL, &err);
    assert_non_null(profile);
    for (size_t i = 0; mpr_formats[i]; i++) {
        const struct mpr_format *format = mpr_formats[i];
        size_t whole, written;
        if (format->owns_file)
            continue;
        assert_int_equal(render(profile, format, &whole), 0);
        assert_true(whole > 0);
        for (size_t request = 1;; request++) {
            fail_from(request, request % 2);
            int status = render(profile, format, &written);
            bool reached = failed || countdown == 0;
            fail_from(0, false);
            assert_true(status == MPR_ERR_NOMEM || (status == 0 && written == whole));
            if (!reached)
                break;
        }
    }
    mpr_profile_free(profile);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_memory_may_end_while_the_model_is_built),
        TEST(test_memory_each_detail_can_be_asked_for),
        TEST(test_memory_may_end_while_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
