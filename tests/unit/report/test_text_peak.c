/* SPDX-License-Identifier: MIT */
/* Where RSS peaked, its course and its end. */
#include "made_text.h"

static void test_text_peak_of_a_run(void **state)
{
    (void)state;
    make_text(made_orders());
    assert_drawn(mpr_text_peak,
        "\nRSS  peak 132.6 in line 15    8.7 ▁▂▂▄▆█▇█▅▅▆ 85.6 at end   (mprun's 1.9 not in)\n");
}

static void test_text_peak_that_is_not_known(void **state)
{
    (void)state;
    make_text(made_orders());
    profile->process[0].rss_peak = MPR_UNKNOWN;
    assert_drawn(mpr_text_peak, "");
}

/* No sample, no end, nothing of mprun's: what is known. */
static void test_text_peak_without_samples(void **state)
{
    (void)state;
    struct mpr_profile *made = made_orders();
    free(made->process[0].timeline.bucket);
    made->process[0].timeline = (struct mpr_profile_timeline){0};
    make_text(made);
    struct mpr_profile_process *process = &profile->process[0];
    process->rss_own = 0;
    assert_drawn(mpr_text_peak, "\nRSS  peak 132.6 in line 15    8.7 at start, 85.6 at end\n");
    process->rss_start = MPR_UNKNOWN;
    process->peak_function = 5;
    assert_drawn(mpr_text_peak, "\nRSS  peak 132.6    , 85.6 at end\n");
    process->rss_end = MPR_UNKNOWN;
    assert_drawn(mpr_text_peak, "\nRSS  peak 132.6\n");
}

static void test_text_peak_in_little_room(void **state)
{
    (void)state;
    make_text(made_orders());
    for (how.width = 20; how.width < 100; how.width++) {
        const char *got = draw(mpr_text_peak);
        assert_holds(got, "RSS  peak 132.6 in line 15");
        assert_holds(got, "85.6 at end");
        assert_holds(got, "(mprun's 1.9 not in)");
    }
    how.width = 40;
    assert_drawn(mpr_text_peak,
        "\nRSS  peak 132.6 in line 15\n     8.7 ▁▂▂▃▄▆█▇██▅▅▅▆ 85.6 at end\n"
        "     (mprun's 1.9 not in)\n");
}

/* Below the heap's peak, with its unit where no table has said it, in ASCII, of one flat course. */
static void test_text_peak_below_the_heaps(void **state)
{
    static const double flat[] = {0, 0, 0, -1};
    (void)state;
    how.unicode = false;
    struct mpr_profile *made = made_profile();
    made->process[0].heap.tracked = true;
    made_samples(made, flat);
    make_text(made);
    assert_drawn(
        mpr_text_peak, "RSS  peak 132.6 MiB    8.7 ... 85.6 at end   (mprun's 1.9 not in)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_peak_of_a_run),
        TEXT_CASE(test_text_peak_that_is_not_known),
        TEXT_CASE(test_text_peak_without_samples),
        TEXT_CASE(test_text_peak_in_little_room),
        TEXT_CASE(test_text_peak_below_the_heaps),
    };
    return cmocka_run_group_tests_name("text_peak", tests, NULL, NULL);
}
