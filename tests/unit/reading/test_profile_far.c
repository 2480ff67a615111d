/* SPDX-License-Identifier: MIT */
/* The profile of code whose lines lie far apart: rows for those, and found by them. */
#include "made_recording.h"
#include "opened_memory.h"

static int setup(void **state)
{
    (void)state;
    make_region(1 << 16);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(region.bytes);
    return 0;
}

static void test_profile_far_lines_have_rows(void **state)
{
    static const struct mpr_rec_stretch far[] = {{4, 2, 0}, {600000, 1, 2}, {5000000, 2, 3}};
    static const uint32_t lines[] = {4, 5, 600000, 5000000, 5000001};
    struct mpr_rec_reader *reader = NULL;
    struct mpr_profile *profile = NULL;
    (void)state;
    add_pattern("far");
    struct mpr_rec_function *fn = add_far_function("<made>", "far", far, 3);
    set_row(fn, 5, 3, MIB(14), MIB(5));
    set_row(fn, 600000, 2, MIB(13), -MIB(1));
    struct mpr_rec_slots *slots = add_slots(2);
    slots->slot[0] = opened(1, fn, 5000001, MIB(10), 0);
    slots->slot[1] = opened(1, fn, 70, MIB(10), 0);
    header()->rss.end = 0;
    header()->rss.last = MIB(12);
    assert_int_equal(open_memory(region.bytes, region.size, &reader, NULL), 0);
    assert_int_equal(mpr_profile_build(reader, &run, &profile, NULL), 0);
    mpr_rec_close(reader);
    const struct mpr_profile_function *got = &profile->functions[0];
    assert_int_equal(got->row_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(got->rows[i].line, lines[i]);
    assert_int_equal(got->last_line, 5000001);
    assert_int_equal(got->rows[1].rss_delta, MIB(5));
    assert_int_equal(got->rows[2].hits, 2);
    assert_true(got->rows[4].ended_here && !got->rows[3].ended_here);
    assert_int_equal(profile->process[0].open_count, 1);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_profile_far_lines_have_rows, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
