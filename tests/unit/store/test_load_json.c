/* SPDX-License-Identifier: MIT */
/* A report in JSON is a profile again: what it holds is as it was, what it does not is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "made_profile.h"
#include "made_report.h"
#include "mprun/store.h"
#include "own_file.h"

static const struct made_options options = {.view.sort = MPR_SORT_SOURCE, .report.width = 80};

static char *render(const struct mpr_profile *profile, const char *format)
{
    struct mpr_error err = {""};
    struct mpr_sink sink = {.path = NULL};
    mpr_buf_init(&sink.out);
    if (made_report(profile, mpr_format_by_name(format), &options, &sink, &err) != 0)
        fail_msg("%s", err.message);
    return mpr_buf_steal(&sink.out);
}

static void write_file(const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(mpr_write_all(fd, text, len, NULL), 0);
    close(fd);
}

static struct mpr_profile *load(const char *text)
{
    struct mpr_error err = {""};
    struct mpr_profile *profile = NULL;
    write_file(text, strlen(text));
    if (mpr_store_load(path, &profile, &err) != 0)
        fail_msg("%s", err.message);
    return profile;
}

/* The same JSON, but for the note; takes the profile over. */
static void hold(struct mpr_profile *profile)
{
    char *before = render(profile, "json");
    struct mpr_profile *loaded = load(before);
    assert_int_equal(loaded->note_count, profile->note_count + 1);
    free(loaded->notes[--loaded->note_count]);
    loaded->notes[loaded->note_count] = NULL;
    char *after = render(loaded, "json");
    assert_string_equal(before, after);
    free(after);
    free(before);
    mpr_profile_free(loaded);
    mpr_profile_free(profile);
}

/* Snapshots are not taken from it. */
static struct mpr_profile *made_without_snapshot(void)
{
    struct mpr_profile *profile = made_whole();
    profile->marks[1].snapshot = false;
    profile->marks[1].held_count = profile->held_count = 0;
    return profile;
}

static void test_load_json_keeps_what_is_in_it(void **state)
{
    (void)state;
    hold(made_profile());
    hold(made_orders());
    hold(made_without_snapshot());
}

static void test_load_json_keeps_other_ends(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_without_snapshot();
    struct mpr_profile_process *process = &profile->process[0];
    process->exit_signal = 9;
    process->exit_status = -1;
    process->checked = true;
    process->check_missed = 3;
    process->heap.rss.malloc_known = false;
    process->heap.allocator = made_text("libjemalloc.so.2");
    process->engine = MPR_ENGINE_NONE;
    hold(profile);
    profile = made_orders();
    profile->process[0].tier = MPR_TIER_OFF;
    profile->process[0].end = MPR_END_NOT;
    profile->process[0].rss_resolution = MPR_UNKNOWN;
    hold(profile);
}

/* Of two functions in one file one source is made; one without text says so. */
static void test_load_json_makes_sources(void **state)
{
    static const char *const lines[] = {"def f():", "\treturn 1", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_function(profile, "/a.py", "f", 3, lines);
    made_function(profile, "/b.py", "h", 1, lines);
    made_function(profile, "/a.py", "g", 9, lines);
    struct mpr_profile_function *none = made_function(profile, "/c.py", "i", 1, lines);
    none->source = MPR_NONE;
    none->rows[0].source = none->rows[1].source = NULL;
    char *json = render(profile, "json");
    struct mpr_profile *loaded = load(json);
    assert_int_equal(loaded->source_count, 2);
    assert_int_equal(loaded->functions[0].source, loaded->functions[1].source);
    const struct mpr_profile_source *source = &loaded->sources[loaded->functions[1].source];
    assert_int_equal(source->line_count, 10);
    assert_string_equal(mpr_profile_line(source, 4), "\treturn 1");
    assert_string_equal(mpr_profile_line(source, 5), "");
    assert_string_equal(mpr_profile_line(source, 9), "def f():");
    assert_true(loaded->functions[3].source == MPR_NONE);
    assert_string_equal(loaded->functions[3].source_problem, "the report has none");
    free(json);
    mpr_profile_free(loaded);
    mpr_profile_free(profile);
}

/* Blank lines are made between those that a report has, but not without an end. */
static void test_load_json_makes_few_lines(void **state)
{
    static const char *const lines[] = {"def f():", "    return 1", NULL};
    static const uint32_t first_lines[] = {(1 << 20) - 10, (1 << 20) + 16000};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct mpr_profile *profile = made_profile();
        made_function(profile, "/a.py", "f", first_lines[i], lines);
        char *json = render(profile, "json");
        assert_in_range(strlen(json), 1000, 16000);
        struct mpr_profile *loaded = load(json);
        assert_int_equal(loaded->source_count, i ? 0 : 1);
        free(json);
        mpr_profile_free(loaded);
        mpr_profile_free(profile);
    }
}

/* Of functions that share a name, the one that has the line. */
static void test_load_json_tells_functions_apart(void **state)
{
    static const char *const lines[] = {"def f():", "    return 1", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_process *process = &profile->process[0];
    for (uint32_t i = 0; i < 4; i++)
        made_function(profile, i == 3 ? "/b.py" : "/a.py", "f", 1 + 10 * i, lines);
    process->heap.tracked = true;
    process->heap.at = (struct mpr_profile_holder){1, 12, NULL, 0};
    process->peak_function = 2;
    process->peak_line = 21;
    process->open = made_array(NULL, 1, sizeof *process->open);
    process->open[0] = (struct mpr_profile_open){4711, 3, 32};
    process->open_count = 1;
    char *json = render(profile, "json");
    struct mpr_profile *loaded = load(json);
    assert_int_equal(loaded->process[0].peak_function, 2);
    assert_int_equal(loaded->process[0].heap.at.function, 1);
    assert_int_equal(loaded->process[0].open[0].function, 3);
    assert_true(loaded->functions[3].rows[1].ended_here);
    assert_false(loaded->functions[0].rows[1].ended_here);
    free(json);
    mpr_profile_free(loaded);
    mpr_profile_free(profile);
}

/* What allocates is the function that has the line, where there is one. */
static void test_load_json_finds_functions_of_sites(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_whole();
    made_site(profile, "/home/ann/shop/orders.py", "load", 24, 64, 0, 0);
    made_site(profile, "/home/ann/shop/other.py", "load", 8, 64, 0, 0);
    char *json = render(profile, "json");
    struct mpr_profile *loaded = load(json);
    assert_int_equal(loaded->site_count, profile->site_count);
    for (size_t i = 0; i < loaded->site_count; i++) {
        const struct mpr_profile_site *site = &loaded->sites[i];
        const struct mpr_profile_place *place = &loaded->places[site->place];
        bool linked = site->line == 21;
        assert_true(place->function == (linked ? 0 : MPR_NONE));
        assert_int_equal(place->first_line, linked ? 4 : 0);
        assert_int_equal(place->last_line, linked ? 23 : 0);
    }
    free(json);
    mpr_profile_free(loaded);
    mpr_profile_free(profile);
}

/* What text shows of it says what is not there. */
static void test_load_json_says_what_is_missing(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_whole();
    char *json = render(profile, "json");
    struct mpr_profile *loaded = load(json);
    char *text = render(loaded, "text");
    assert_non_null(strstr(text, "Read from a report in JSON"));
    assert_non_null(strstr(text, "rows = ["));
    free(text);
    free(json);
    mpr_profile_free(loaded);
    mpr_profile_free(profile);
}

/* --- what is wrong --- */

static const struct {
    const char *text, *message;
} refused[] = {
    {"{", "no whole JSON: line 1"},
    {"{}", "no report of mprun's"},
    {"{\"schema\": 1}", "no report of mprun's"},
    {"{\"schema\": 2, \"mprun\": \"9\"}", "schema 2"},
    {"{\"schema\": 1, \"schema\": 1, \"mprun\": \"0\"}", "duplicate"},
    {"{\"schema\": 1, \"mprun\": \"0\"}", "\"cwd\""},
    {"{\"schema\": 1, \"mprun\": \"0\", \"cwd\": 7}", "\"cwd\""},
    {"{\"schema\": 1, \"mprun\": \"0\", \"kind\": \"timeline\"}", "a timeline in JSON"},
    {"{\"schema\": 1, \"mprun\": \"0\", \"rss_noise\": 4096}", "a comparison in JSON"},
    {" [1]", "no profile that mprun has saved"},
};

static void refuse(const char *text, size_t len, const char *message)
{
    struct mpr_error err = {""};
    struct mpr_profile *profile = NULL;
    write_file(text, len);
    int status = mpr_store_load(path, &profile, &err);
    if (status == 0 || !strstr(err.message, message) || !strstr(err.message, path))
        fail_msg("%.200s: %d, '%s'", text, status, err.message);
}

static void test_load_json_refuses_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        refuse(refused[i].text, strlen(refused[i].text), refused[i].message);
}

/* Of a heap that was tracked nothing is null. */
static void test_load_json_wants_figures_of_the_heap(void **state)
{
    static const char *const keys[] = {"\"before_program\": ", "\"live_at_end\": "};
    (void)state;
    struct mpr_profile *made = made_whole();
    char *json = render(made, "json");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *sites = strstr(json, "\"sites\""), *from = i ? sites : json;
        const char *value = strstr(from, keys[i]) + strlen(keys[i]);
        char *changed = mpr_asprintf(
            "%.*snull%s", (int)(value - json), json, value + strspn(value, "0123456789"));
        refuse(changed, strlen(changed), i ? "what it holds" : "is not known");
        free(changed);
    }
    free(json);
    mpr_profile_free(made);
}

/* Each value in turn becomes another: a sentence, or a model that holds together. */
static void test_load_json_endures_other_values(void **state)
{
    static const char *const others[] = {"-1", "null", "\"\"", "[]", "{}", "true", "1e9",
        "4294967296", "9223372036854775807", "-9223372036854775808", "\"\\n\\u001b\""};
    (void)state;
    struct mpr_profile *made = made_whole();
    char *json = render(made, "json");
    size_t len = strlen(json), tried = 0, seen = 0;
    for (const char *colon = json; (colon = strstr(colon, "\": ")); colon += 3) {
        if (seen++ % 13 != 0) /* each takes a while under a sanitizer */
            continue;
        const char *value = colon + 3, *end = value + strcspn(value, ",\n}");
        if (*value == '"')
            end = strchr(value + 1, '"') + 1;
        const char *other = others[tried++ % (sizeof others / sizeof *others)];
        char *changed = mpr_asprintf(
            "%.*s%s%s", (int)(value - json), json, other, *value == '[' ? value + 1 : end);
        struct mpr_profile *profile = NULL;
        struct mpr_error err = {""};
        write_file(changed, strlen(changed));
        if (mpr_store_load(path, &profile, &err) == 0)
            free(render(profile, "text"));
        else
            assert_true(err.message[0]);
        mpr_profile_free(profile);
        free(changed);
    }
    assert_true(tried > 20 && tried < len);
    free(json);
    mpr_profile_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_json_keeps_what_is_in_it),
        cmocka_unit_test(test_load_json_keeps_other_ends),
        cmocka_unit_test(test_load_json_makes_sources),
        cmocka_unit_test(test_load_json_makes_few_lines),
        cmocka_unit_test(test_load_json_tells_functions_apart),
        cmocka_unit_test(test_load_json_finds_functions_of_sites),
        cmocka_unit_test(test_load_json_says_what_is_missing),
        cmocka_unit_test(test_load_json_refuses_what_is_wrong),
        cmocka_unit_test(test_load_json_wants_figures_of_the_heap),
        cmocka_unit_test(test_load_json_endures_other_values),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
