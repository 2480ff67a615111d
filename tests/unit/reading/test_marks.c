/* SPDX-License-Identifier: MIT */
/* What the program has named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_marks.h"
#include "made_model.h"

static void test_marks_in_order(void **state)
{
    (void)state;
    made_heap();
    made_marks_of_heap();
    struct mpr_profile *profile = build();
    assert_int_equal(profile->mark_count, 2);
    const struct mpr_profile_mark *mark = &profile->marks[0];
    assert_string_equal(mark->name, "loaded");
    assert_int_equal(mark->t_ns, 100000000 + 5000);
    assert_int_equal(mark->heap, MIB(3));
    assert_int_equal(mark->python, MIB(1));
    assert_int_equal(mark->native, MIB(2));
    assert_int_equal(mark->heap_peak, MIB(4));
    assert_int_equal(mark->rss, MIB(12));
    assert_int_equal(mark->rss_peak, MPR_UNKNOWN);
    assert_false(mark->snapshot);
    assert_string_equal(mark[1].name, "halfway");
    assert_true(mark[1].snapshot);
    assert_int_equal(mark[1].held_count, 2);
    const struct mpr_profile_held *held = &profile->held[mark[1].held];
    assert_int_equal(held[0].bytes, 100);
    assert_int_equal(held[0].blocks, 2);
    assert_string_equal(profile->places[profile->nodes[held[0].node].place].qualname, "<startup>");
    assert_int_equal(profile->nodes[held[1].node].line, 5);
    mpr_profile_free(profile);
}

static void test_marks_sections(void **state)
{
    (void)state;
    made_heap();
    made_marks_of_heap();
    struct mpr_profile *profile = build();
    assert_int_equal(profile->section_count, 1);
    const struct mpr_profile_section *section = &profile->sections[0];
    assert_string_equal(section->name, "loaded");
    assert_int_equal(section->calls, 3);
    assert_int_equal(section->time_ns, 7000);
    assert_int_equal(section->heap_delta, -5);
    assert_int_equal(section->rss_delta, 4096);
    assert_int_equal(section->spike, 99);
    mpr_profile_free(profile);
}

static void test_marks_without_heap_and_rss(void **state)
{
    (void)state;
    struct mpr_rec_mark *mark = add_mark("alone", 0, 0);
    mark->python = mark->native = mark->heap_peak = mark->rss = MPR_REC_NO_FIGURE;
    struct mpr_rec_section *section = add_section(1, 1);
    section->unread = 1;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->marks[0].heap, MPR_UNKNOWN);
    assert_int_equal(profile->marks[0].heap_peak, MPR_UNKNOWN);
    assert_int_equal(profile->marks[0].rss, MPR_UNKNOWN);
    assert_int_equal(profile->sections[0].rss_delta, MPR_UNKNOWN);
    assert_int_equal(profile->sections[0].spike, MPR_UNKNOWN);
    mpr_profile_free(profile);
}

/* Names of no label, times that go back, nodes that are none, are rows or come twice, a snapshot
 * of two marks and one that is no snapshot. What is built holds together: build() asks. */
static void test_marks_of_a_hostile_recording(void **state)
{
    (void)state;
    made_heap();
    made_marks_of_heap();
    struct mpr_rec_snapshot *snapshot = add_snapshot(6);
    static const uint32_t nodes[] = {0, 1, 1, 2, UINT32_MAX, 3};
    for (size_t i = 0; i < 6; i++)
        snapshot->held[i] = (struct mpr_rec_held){nodes[i], UINT32_MAX, INT64_MIN};
    uint64_t offset = (uint64_t)((char *)snapshot - region.bytes);
    add_mark(NULL, 1, offset)->label = 4711;
    add_mark(NULL, UINT64_MAX, offset)->label = 0;
    add_mark("far", 2, UINT64_MAX)->python = INT64_MAX;
    add_mark("damaged", 2, offset + 8)->native = INT64_MIN + 1;
    add_section(0, UINT64_MAX)->ticks = INT64_MIN;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->mark_count, 6);
    assert_string_equal(profile->marks[2].name, "?");
    assert_true(profile->marks[2].snapshot);
    assert_int_equal(profile->marks[2].held_count, 1);
    for (size_t i = 3; i < 6; i++)
        assert_false(profile->marks[i].snapshot);
    mpr_profile_free(profile);
}

static void test_marks_that_found_no_room(void **state)
{
    (void)state;
    header()->notes = MPR_NOTE_MARKS_FULL;
    struct mpr_profile *profile = build();
    assert_true(has_note(profile, "more marks, snapshots or sections than there is room for"));
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_marks_in_order),
        MODEL_CASE(test_marks_sections),
        MODEL_CASE(test_marks_without_heap_and_rss),
        MODEL_CASE(test_marks_of_a_hostile_recording),
        MODEL_CASE(test_marks_that_found_no_room),
    };
    return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
