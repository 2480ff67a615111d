/* SPDX-License-Identifier: MIT */
/* The table of formats: endings of files, beginnings of reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_profile.h"
#include "made_report.h"

static void test_formats_are_found(void **state)
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
    {"rows.csv", "csv", NULL},
    {"issue.md", "markdown", NULL},
    {"mprofile_1.dat", "mprof", NULL},
    {"a/run.trace.json", "chrome", NULL},
    {"RUN.Trace.JSON", "chrome", NULL},
    {"run.1.trace.json", "chrome", NULL},
    {"trace.json", "json", NULL},
    {".trace.json", "json", NULL},
    {"a.trace/x.json", "json", NULL},
    {"x.trace.json5", NULL, ".json5 of x.trace.json5"},
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
    {"run.mprun", "store", NULL},
    {"run.mprn", NULL,
        "no format has the ending .mprn of run.mprn, only .txt, .md, .json, .csv, .dat, "
        ".trace.json, .mprun"},
    {"a/run.html", NULL, "--format text"},
    {"script.py", NULL, ".py"},
    {"x.json.gz", NULL, ".gz"},
    {"json", NULL, "--format json -o FILE"},
    {"text", NULL, "--format text -o FILE"},
};

static void test_formats_endings(void **state)
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

/* NULL: no report. */
static const struct {
    const char *head, *format;
} heads[] = {
    {"{\n  \"schema\": 1,\n  \"mprun\": \"0\",", "json"},
    {"{\"schema\": 1}", NULL},
    {"{\n  \"displayTimeUnit\": \"ms\",\n  \"otherData\": {\"mprun\": \"0\"", "chrome"},
    {"{\n  \"displayTimeUnit\": \"ms\",\n  \"traceEvents\": []", NULL},
    {"[{\"schema\": 1, \"mprun\": 1}]", NULL},
    {"Filename: a.py\n\nLine #    Mem usage    Increment  Occ", "classic"},
    {"Filename: a.py\n", NULL},
    {"file,function,line,hits,rss\r\n", "csv"},
    {"file,function\n", NULL},
    {"## Memory of `a.py`\n\nexit 0 in 2 s, CPython `3.11.2`, RSS off\n", "markdown"},
    {"## Memory\n\nkilled by signal 9 (SIGKILL) in 2 s, CPython `3.15.0`\n", "markdown"},
    {"## Memory of `a.py`\n\nimport os\n# , CPython `3.11.2`\n", NULL},
    {"## Memory, CPython `3.11.2`\n", NULL},
    {"CMDLINE a.py\nMEM 8.5 1767225601.0\n", "mprof"},
    {"CMDLINE = 1\nMEM = 2\n", NULL},
    {"CMDLINE = 1\nx = 2\nMEM 8.5 1767225601.0\n", NULL},
    {"print('Filename: ')\nLine #    Mem usage", NULL},
    {"a.py: exit 0 in 2 s   CPython 3.11.2 /usr/bin/python3", "text"},
    {"a.py: killed by signal 9 (SIGKILL) in 2 s   CPython 3.15.0", "text"},
    {"a.py: still running after 2 s   CPython 3.15.0", "text"},
    {"a.py: exit 0 in 2 s\nCPython 3.11.2 /usr/bin/python3", "text"},
    {"a.py: exit 0 in 2 s\n\nCPython 3.11.2", NULL},
    {"a.py: exit 0 in 2 s\nx   CPython 3.11.2", NULL},
    {"a.py: exit 0 in CPython 3.11.2", NULL},
    {"# a.py: exit 0 in 2 s   CPython 3.11.2", NULL},
    {"\"\"\"a: exit 0   CPython 3.11\"\"\"", NULL},
    {"import os\nx: exit 0   CPython 3.11", NULL},
    {"   CPython 3.11   a: exit 0", NULL},
    {"   CPython 3.: exit ", NULL},
    {": exit CPython 3.", NULL},
    {"SQLite format 3", "store"},
    {"SQLite format 4", NULL},
    {"", NULL},
};

static void test_formats_are_told_by_their_beginning(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const struct mpr_format *format = mpr_format_of_head(heads[i].head);
        if (!format != !heads[i].format || (format && strcmp(format->name, heads[i].format) != 0))
            fail_msg("%s: %s", heads[i].head, format ? format->name : "none");
    }
}

/* At any width, however the program ended. */
static void test_formats_know_their_own_reports(void **state)
{
    struct made_options options = {.report = {.width = 40, .color = true}};
    (void)state;
    for (; options.report.width < 200; options.report.width += 5) {
        struct mpr_profile *profile = made_orders();
        profile->process[0].exit_signal = options.report.width % 2 ? 9 : 0;
        for (size_t i = 0; mpr_formats[i]; i++) {
            struct mpr_sink sink;
            if (mpr_formats[i]->owns_file)
                continue;
            made_sink(&sink);
            assert_int_equal(made_report(profile, mpr_formats[i], &options, &sink, NULL), 0);
            sink.out.data[sink.out.len < MPR_FORMAT_HEAD ? sink.out.len : MPR_FORMAT_HEAD] = 0;
            assert_ptr_equal(mpr_format_of_head(sink.out.data), mpr_formats[i]);
            mpr_sink_release(&sink);
        }
        mpr_profile_free(profile);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats_are_found),
        cmocka_unit_test(test_formats_endings),
        cmocka_unit_test(test_formats_are_told_by_their_beginning),
        cmocka_unit_test(test_formats_know_their_own_reports),
    };
    return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
