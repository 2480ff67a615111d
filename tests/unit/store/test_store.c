/* SPDX-License-Identifier: MIT */
/* A model that was saved is read as it was, to the last field; what it is rendered to is the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "made_processes.h"
#include "made_profile.h"
#include "made_report.h"
#include "mprun/store.h"
#include "own_file.h"
#include "same_model.h"

static void save(const struct mpr_profile *profile)
{
    struct mpr_error err = {""};
    assert_int_equal(truncate(path, 0), 0);
    if (mpr_store_save(profile, path, &err) != 0)
        fail_msg("%s", err.message);
}

static struct mpr_profile *load(void)
{
    struct mpr_error err = {""};
    struct mpr_profile *profile = NULL;
    if (mpr_store_load(path, &profile, &err) != 0)
        fail_msg("%s", err.message);
    return profile;
}

/* Saved, read and compared; takes the profile over. */
static void hold(struct mpr_profile *profile)
{
    struct mpr_error err = {""};
    if (mpr_profile_check(profile, &err) != 0)
        fail_msg("%s", err.message);
    save(profile);
    struct mpr_profile *loaded = load();
    same_model(profile, loaded);
    mpr_profile_free(loaded);
    mpr_profile_free(profile);
}

static void test_store_keeps_everything(void **state)
{
    (void)state;
    hold(made_profile());
    hold(made_whole());
    hold(made_processes());
}

/* --- extremes --- */

static void set_row_extremes(struct mpr_profile_row *row)
{
    row->hits = UINT64_MAX;
    row->rss = INT64_MAX;
    row->rss_max = INT64_MIN + 1;
    row->rss_delta = MPR_UNKNOWN;
    row->heap_allocated = INT64_MAX;
    row->heap_freed = INT64_MIN + 1;
    row->heap_delta = INT64_MAX;
    row->spike = row->allocations = MPR_UNKNOWN;
    row->ended_here = true;
}

static void set_process_extremes(struct mpr_profile_process *process)
{
    process->pid = UINT32_MAX;
    process->started.tv_sec = -1;
    process->started.tv_nsec = 999999999;
    process->duration_ns = UINT64_MAX;
    process->exit_status = -1;
    process->exit_signal = INT32_MAX;
    process->dropped = process->children = process->events = UINT64_MAX;
    process->rss_start = process->rss_end = process->rss_own = MPR_UNKNOWN;
    process->rss_resolution = INT64_MAX;
    process->heap.allocator = made_text("libjemalloc.so.2");
    process->heap.after_collection = process->heap.rss.malloc_known = true;
    process->heap.reserved = INT64_MAX;
    process->checked = true;
    process->check_changes = UINT64_MAX;
}

static struct mpr_profile *made_extremes(void)
{
    struct mpr_profile *profile = made_whole();
    struct mpr_profile_function *function = &profile->functions[0];
    set_process_extremes(&profile->process[0]);
    set_row_extremes(&function->rows[3]);
    function->calls = UINT64_MAX;
    function->rss_delta = INT64_MAX;
    function->heap_delta = function->time_ns = INT64_MIN + 1;
    function->last_line = UINT32_MAX;
    function->rows[function->row_count - 1].line = UINT32_MAX;
    function->rows[function->row_count - 1].source = NULL;
    profile->sites[0].line = UINT32_MAX;
    profile->sites[1].birth_ns = profile->sites[1].peak = MPR_UNKNOWN;
    profile->nodes[1].allocated = profile->nodes[1].allocations = INT64_MAX;
    profile->nodes[1].live_at_end = INT64_MIN + 1;
    profile->process[0].timeline.bucket[2].samples = UINT32_MAX;
    profile->process[0].timeline.bucket[13].t_ns = UINT64_MAX;
    profile->process[0].timeline.bucket[2].rss_min = MPR_UNKNOWN;
    return profile;
}

static void test_store_keeps_extremes(void **state)
{
    (void)state;
    hold(made_extremes());
}

static void test_store_keeps_any_text(void **state)
{
    static const char *const texts[] = {"", "\t", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8d", "'; DROP",
        "\\x00 \\xff", "\"%s\"", "a\tb"};
    (void)state;
    struct mpr_profile *profile = made_whole();
    char *large = made_array(NULL, 300001, 1);
    memset(large, 'x', 300000);
    large[300000] = '\0';
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        made_note(profile, texts[i]);
    made_note(profile, large);
    free(profile->functions[0].module);
    profile->functions[0].module = large;
    hold(profile);
}

/* Lines of all kinds, none at all, and a file without text. */
static void test_store_keeps_sources(void **state)
{
    static const char *const lines[] = {"\tdef f():", "", "    return \"\xc3\xa9\"", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_function(profile, "/a.py", "f", 3, lines);
    size_t empty = made_source(profile, "/empty.py", 1, lines);
    profile->sources[empty].line_count = 0;
    profile->sources[empty].changed = true;
    size_t lost = made_source(profile, "<string>", 1, lines);
    free(profile->sources[lost].text);
    free(profile->sources[lost].start);
    profile->sources[lost] = (struct mpr_profile_source){
        .file = profile->sources[lost].file, .problem = made_text("it is gone"), .made = true};
    struct mpr_profile_function *absent = made_function(profile, "/a.py", "g", 1, lines);
    absent->source = MPR_NONE;
    absent->source_problem = made_text("there is none");
    for (size_t i = 0; i < absent->row_count; i++)
        absent->rows[i].source = NULL;
    hold(profile);
}

/* Functions with rows and without stand in any order. */
static void test_store_keeps_functions_without_rows(void **state)
{
    static const char *const lines[] = {"def f(): pass", "", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    for (int i = 0; i < 40; i++) {
        struct mpr_profile_function *function =
            made_function(profile, "/a.py", "f", (uint32_t)i + 1, lines);
        if (i % 3 == 1)
            continue;
        free(function->rows);
        function->rows = NULL;
        function->row_count = 0;
        function->heap_delta = 0;
    }
    hold(profile);
}

/* Of each word the number that it stands for. */
#define EACH(field, count)                                                                         \
    for (unsigned i = 0; i < (unsigned)(count); i++) {                                             \
        struct mpr_profile *profile = made_whole();                                                \
        struct mpr_profile_process *process = &profile->process[0];                                \
        (void)process;                                                                             \
        (field) = i;                                                                               \
        hold(profile);                                                                             \
    }

static void test_store_keeps_each_word(void **state)
{
    (void)state;
    EACH(profile->detail, MPR_DETAIL_NO_FUNCTIONS + 1)
    EACH(process->container, MPR_CONTAINERS)
    EACH(process->tier, MPR_TIERS)
    EACH(process->engine, MPR_ENGINES)
    EACH(process->begin, MPR_BEGINS)
    EACH(process->end, MPR_ENDS)
    EACH(profile->places[0].origin, MPR_ORIGINS)
    EACH(profile->sites[0].domain, MPR_DOMAINS)
    EACH(profile->nodes[1].domain, MPR_DOMAINS)
    for (unsigned kind = MPR_AT_CODE + 1; kind < MPR_AT_KINDS; kind++) {
        struct mpr_profile *profile = made_whole();
        profile->places[1].kind = kind;
        hold(profile);
    }
}

/* Two processes: each keeps its own words, rows and samples. */
static void test_store_keeps_processes(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_whole(), *other = made_whole();
    profile->process = made_array(profile->process, 2, sizeof *profile->process);
    profile->process[1] = other->process[0];
    profile->process[1].parent = 0;
    profile->process[1].pid = 4712;
    other->process_count = 0;
    profile->process_count = 2;
    profile->process[1].timeline.count = 3;
    free(profile->process[1].command[0]);
    profile->process[1].command[0] = NULL;
    mpr_profile_free(other);
    hold(profile);
}

/* --- what is rendered --- */

static void render(const struct mpr_profile *profile, const struct mpr_format *format,
    const struct made_options *options, struct mpr_buf *out)
{
    struct mpr_error err = {""};
    struct mpr_sink sink = {.path = NULL};
    mpr_buf_init(&sink.out);
    if (made_report(profile, format, options, &sink, &err) != 0)
        fail_msg("%s: %s", format->name, err.message);
    *out = sink.out;
}

static void check_renders(struct mpr_profile *profile)
{
    static const struct made_options ways[] = {
        {.view.top = 5, .report = {.width = 80, .unicode = true, .legend = true, .plot = true}},
        {.view = {.top = 1, .sort = MPR_SORT_TIME, .all_lines = true, .fold_packages = true},
            .report = {.color = true}},
    };
    save(profile);
    struct mpr_profile *loaded = load();
    for (size_t i = 0; mpr_formats[i]; i++) {
        for (size_t n = 0; n < 2 && !mpr_formats[i]->owns_file; n++) {
            struct mpr_buf direct, stored;
            render(profile, mpr_formats[i], &ways[n], &direct);
            render(loaded, mpr_formats[i], &ways[n], &stored);
            assert_true(direct.len > 0);
            assert_string_equal(direct.data, stored.data);
            mpr_buf_release(&direct);
            mpr_buf_release(&stored);
        }
    }
    mpr_profile_free(loaded);
    mpr_profile_free(profile);
}

static void test_store_renders_the_same(void **state)
{
    (void)state;
    check_renders(made_orders());
    check_renders(made_whole());
    check_renders(made_extremes());
}

/* --- for people --- */

static int count_row(void *data, int count, char **values, char **names)
{
    (void)count, (void)values, (void)names;
    ++*(int *)data;
    return 0;
}

static void test_store_has_views(void **state)
{
    static const struct {
        const char *sql;
        int rows;
    } questions[] = {
        {"SELECT 1 FROM hot_rows WHERE line = 8 AND source LIKE '%split%' LIMIT 1", 1},
        {"SELECT 1 FROM leaks WHERE line = 21 AND function = 'load' AND domain = 'native'", 1},
        {"SELECT 1 FROM leaks WHERE function = '<startup>'", 0},
        {"SELECT 1 FROM peak WHERE percent > 80 AND function LIKE '%listcomp%'", 1},
        {"SELECT 1 FROM stacks WHERE stack LIKE '%listcomp>:8;%listcomp>:8' AND live_at_end = 40",
            1},
        {"SELECT 1 FROM calls WHERE function = 'load' AND time_ns = 30000000 AND rss_delta = "
         "2097152",
            1},
    };
    sqlite3 *database;
    (void)state;
    struct mpr_profile *profile = made_whole();
    save(profile);
    mpr_profile_free(profile);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        int rows = 0;
        char *message = NULL;
        if (sqlite3_exec(database, questions[i].sql, count_row, &rows, &message) != SQLITE_OK)
            fail_msg("%s: %s", questions[i].sql, message);
        if (rows != questions[i].rows)
            fail_msg("%s: %d rows", questions[i].sql, rows);
    }
    sqlite3_close(database);
}

/* --- what cannot be written --- */

static void test_store_says_why_it_was_not_saved(void **state)
{
    struct mpr_error err = {""};
    struct rlimit old, small = {8192, RLIM_INFINITY};
    (void)state;
    struct mpr_profile *profile = made_whole();
    assert_int_equal(mpr_store_save(profile, "/nonexistent/x", &err), MPR_ERR_IO);
    assert_string_equal(err.message, "No such file or directory");
    assert_int_equal(mpr_store_save(profile, "/dev/full", &err), MPR_ERR_IO);
    assert_string_equal(err.message, "No space left on device");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(mpr_store_save(profile, path, &err), MPR_ERR_IO);
    assert_string_equal(err.message, "File too large");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_keeps_everything),
        cmocka_unit_test(test_store_keeps_extremes),
        cmocka_unit_test(test_store_keeps_any_text),
        cmocka_unit_test(test_store_keeps_sources),
        cmocka_unit_test(test_store_keeps_functions_without_rows),
        cmocka_unit_test(test_store_keeps_each_word),
        cmocka_unit_test(test_store_keeps_processes),
        cmocka_unit_test(test_store_renders_the_same),
        cmocka_unit_test(test_store_has_views),
        cmocka_unit_test(test_store_says_why_it_was_not_saved),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
