/* SPDX-License-Identifier: MIT */
/* --columns, formats and units: the tables that the report's options name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "columns.h"
#include "number.h"
#include "width.h"

static enum mpr_choice choice[MPR_COLUMNS_MAX];

static size_t column(const char *name)
{
    for (size_t i = 0; mpr_columns[i].name; i++) {
        if (strcmp(mpr_columns[i].name, name) == 0)
            return i;
    }
    fail_msg("no column %s", name);
    return 0;
}

static void test_columns_nothing_said_is_default(void **state)
{
    (void)state;
    assert_int_equal(mpr_columns_parse(NULL, choice, NULL), 0);
    for (size_t i = 0; mpr_columns[i].name; i++)
        assert_int_equal(choice[i], MPR_CHOICE_DEFAULT);
}

static void test_columns_signs_add_and_remove(void **state)
{
    (void)state;
    assert_int_equal(mpr_columns_parse("+time,-rss_max", choice, NULL), 0);
    assert_int_equal(choice[column("time_ns")], MPR_CHOICE_ON);
    assert_int_equal(choice[column("rss_max")], MPR_CHOICE_OFF);
    assert_int_equal(choice[column("rss")], MPR_CHOICE_DEFAULT);
}

static void test_columns_a_plain_list_is_exact(void **state)
{
    (void)state;
    assert_int_equal(mpr_columns_parse("line,rss_delta,source", choice, NULL), 0);
    assert_int_equal(choice[column("line")], MPR_CHOICE_ON);
    assert_int_equal(choice[column("hits")], MPR_CHOICE_OFF);
    assert_int_equal(choice[column("source")], MPR_CHOICE_ON);
}

static void test_columns_errors_name_the_column_and_the_known_ones(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    assert_int_equal(mpr_columns_check("+hope", &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "\"hope\""));
    assert_non_null(strstr(err.message, "line, hits, rss, rss_delta, heap, allocated, freed, "));
    assert_int_equal(mpr_columns_check("+time,", &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "a name is missing"));
    assert_int_equal(mpr_columns_check("", &err), MPR_ERR_INVALID);
    assert_int_equal(
        mpr_columns_check(
            "-line,-hits,-rss,-rss_delta,-rss_max,-heap,-allocated,-freed,-allocations,"
            "-spike,-peak,-at_peak,-end,-time,-source",
            &err),
        MPR_ERR_INVALID);
}

static void test_columns_names_are_unique_and_source_is_last(void **state)
{
    (void)state;
    size_t count = 0;
    while (mpr_columns[count].name)
        count++;
    assert_true(count <= MPR_COLUMNS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(column(mpr_columns[i].name), i);
        assert_int_equal(mpr_columns[i].cell == MPR_CELL_SOURCE, i + 1 == count);
    }
}

static void test_columns_formats_are_found(void **state)
{
    (void)state;
    assert_string_equal(mpr_format_by_name("text")->name, "text");
    assert_string_equal(mpr_format_by_name("classic")->name, "classic");
    assert_null(mpr_format_by_name("xml"));
}

/* NULL: refused, with a message that holds `says`. */
static const struct {
    const char *file, *format, *says;
} endings[] = {
    {"out/report.json", "json", NULL},
    {"OUT.JSON", "json", NULL},
    {"report.txt", "text", NULL},
    {"report", "text", NULL},
    {"", "text", NULL},
    {"-", "text", NULL},
    {"a.dir/report", "text", NULL},
    {"/dev/stdout", "text", NULL},
    {".report", "text", NULL},
    {"report.1", "text", NULL},
    {"report-2026.01.02", "text", NULL},
    {"report.", "text", NULL},
    {"tmp.Xa3Kd9QzR0", "text", NULL},
    {"run.mprun", NULL, "no format has the ending .mprun of run.mprun, only .txt, .json have"},
    {"a/run.html", NULL, "--format text"},
    {"script.py", NULL, ".py"},
    {"x.json.gz", NULL, ".gz"},
    {"json", NULL, "--format json -o FILE"},
    {"text", NULL, "--format text -o FILE"},
};

static void test_columns_endings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const struct mpr_format *format = NULL;
        struct mpr_error err = {""};
        int rc = mpr_format_of_file(endings[i].file, &format, &err);
        assert_int_equal(rc, endings[i].format ? 0 : MPR_ERR_INVALID);
        if (endings[i].format)
            assert_string_equal(format->name, endings[i].format);
        else
            assert_non_null(strstr(err.message, endings[i].says));
    }
}

static void test_columns_units_parse(void **state)
{
    (void)state;
    enum mpr_unit unit = MPR_UNIT_AUTO;
    assert_int_equal(mpr_unit_parse("kib", &unit), 0);
    assert_int_equal(unit, MPR_UNIT_KIB);
    assert_int_equal(mpr_unit_parse("stone", &unit), MPR_ERR_INVALID);
    assert_int_equal(unit, MPR_UNIT_KIB);
}

static void assert_scaled(uint64_t value, enum mpr_unit unit, const char *expected)
{
    char text[MPR_NUMBER_MAX];
    mpr_number_scaled(text, value, &mpr_scale_sizes[unit]);
    assert_string_equal(text, expected);
}

static void test_columns_sizes_round_and_carry(void **state)
{
    (void)state;
    assert_scaled(0, MPR_UNIT_MIB, "0.0");
    assert_scaled(1048576, MPR_UNIT_MIB, "1.0");
    assert_scaled(1048575, MPR_UNIT_MIB, "1.0");
    assert_scaled((uint64_t)1234 << 20, MPR_UNIT_MIB, "1,234.0");
    assert_scaled(4096, MPR_UNIT_KIB, "4");
    assert_scaled(1536 << 20, MPR_UNIT_GIB, "1.50");
    assert_scaled(UINT64_MAX, MPR_UNIT_B, "18,446,744,073,709,551,615");
    assert_true(mpr_number_vanishes(52428, &mpr_scale_sizes[MPR_UNIT_MIB]));
    assert_false(mpr_number_vanishes(52429, &mpr_scale_sizes[MPR_UNIT_MIB]));
    assert_false(mpr_number_vanishes(0, &mpr_scale_sizes[MPR_UNIT_MIB]));
}

static void test_columns_durations_read_well(void **state)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {{7, "7 ns"}, {45000, "45 us"}, {1200000, "1.2 ms"}, {268000000, "268 ms"},
        {999600000, "1.00 s"}, {1230000000, "1.23 s"}, {123000000000, "2 min 03 s"},
        {7380000000000, "2 h 03 min"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[MPR_NUMBER_MAX];
        mpr_number_duration(text, cases[i].ns, false);
        assert_string_equal(text, cases[i].text);
    }
}

static void assert_shown(const char *text, size_t limit, bool unicode, const char *expected)
{
    struct mpr_buf out;
    mpr_buf_init(&out);
    size_t columns = mpr_width_append(&out, text, limit, unicode);
    assert_string_equal(out.data, expected);
    assert_int_equal(columns, mpr_width(expected, true));
    mpr_buf_release(&out);
}

static void test_columns_text_is_cut_at_its_display_width(void **state)
{
    (void)state;
    assert_shown("abcdef", 6, true, "abcdef");
    assert_shown("abcdefg", 6, true, "abcde…");
    assert_shown("abcdefg", 6, false, "abc...");
    assert_shown("日本語で", 8, true, "日本語で");
    assert_shown("日本語で", 7, true, "日本語…");
    assert_shown("日本語で", 6, true, "日本…");
    assert_shown("abc", 1, true, "…");
    assert_shown("abc", 2, false, "..");
    assert_shown("\tx", 0, true, "        x");
    assert_shown("ab\tx", 0, true, "ab      x");
    assert_shown("e\xcc\x81t", 2, true, "e\xcc\x81t");
}

static void test_columns_nothing_reaches_the_terminal_raw(void **state)
{
    (void)state;
    assert_shown("\033[31m", 0, true, "\\x1b[31m");
    assert_shown("\xc2\x9b"
                 "31m",
        0, true, "\\x9b31m");
    assert_shown("\xe2\x80\xae"
                 "abc",
        0, true, "\\u202eabc");
    assert_shown("\xe2\x80\xa8", 0, true, "\\u2028");
    assert_shown("\xff", 0, true, "\\xff");
    assert_shown("é日😀", 0, false, "\\xe9\\u65e5\\U0001f600");
}

static void test_columns_wrapping_keeps_to_the_width(void **state)
{
    (void)state;
    struct mpr_buf out;
    mpr_buf_init(&out);
    mpr_width_wrap(&out, "one two  three averyverylongword x", 0, 2, 10, true);
    assert_string_equal(out.data, "one two\n  three\n  averyverylongword\n  x");
    mpr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_nothing_said_is_default),
        cmocka_unit_test(test_columns_signs_add_and_remove),
        cmocka_unit_test(test_columns_a_plain_list_is_exact),
        cmocka_unit_test(test_columns_errors_name_the_column_and_the_known_ones),
        cmocka_unit_test(test_columns_names_are_unique_and_source_is_last),
        cmocka_unit_test(test_columns_formats_are_found),
        cmocka_unit_test(test_columns_endings),
        cmocka_unit_test(test_columns_units_parse),
        cmocka_unit_test(test_columns_sizes_round_and_carry),
        cmocka_unit_test(test_columns_durations_read_well),
        cmocka_unit_test(test_columns_text_is_cut_at_its_display_width),
        cmocka_unit_test(test_columns_nothing_reaches_the_terminal_raw),
        cmocka_unit_test(test_columns_wrapping_keeps_to_the_width),
    };
    return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
