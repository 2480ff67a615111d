/* SPDX-License-Identifier: MIT */
/* What a report says beside its numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

/* Said only where one may expect that a line or a sample sees it. */
static void test_notes_a_peak_that_nothing_saw(void **state)
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

static void test_notes_name_what_happened(void **state)
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

static void test_notes_names_decorators_that_select_nothing(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_notes_a_peak_that_nothing_saw),
        MODEL_CASE(test_notes_name_what_happened),
        MODEL_CASE(test_notes_names_decorators_that_select_nothing),
    };
    return cmocka_run_group_tests_name("notes", tests, NULL, NULL);
}
