/* SPDX-License-Identifier: MIT */
/* Notes and legend. */
#include "made_text.h"

static void test_text_tail_notes_are_wrapped(void **state)
{
    (void)state;
    how.width = 40;
    make_text(made_profile());
    assert_drawn(mpr_text_notes, "");
    made_note(profile, "one");
    made_note(profile, "The program started 2 processes: they were not measured.");
    assert_drawn(mpr_text_notes,
        "\nNote: one\nNote: The program started 2 processes:\n  they were not measured.\n");
    how.width = text.prose = 0;
    assert_drawn(mpr_text_notes,
        "\nNote: one\nNote: The program started 2 processes: they were not measured.\n");
}

static void test_text_tail_legend_explains_what_is_shown(void **state)
{
    (void)state;
    shown.columns = "line,hits,source";
    make_text(made_orders());
    assert_drawn(mpr_text_legend,
        "\nHits  how often the line was reached. blank  nothing. More: mprun help columns\n");
    free_text();
    shown.columns = "rss_delta";
    make_text(made_orders());
    assert_begins(draw(mpr_text_legend), "\n+RSS  change of resident memory over all hits");
    free_text();
    shown.columns = "rss,rss_delta";
    make_text(made_orders());
    assert_holds(draw(mpr_text_legend), "+RSS  its change over all hits");
}

/* Only symbols that can appear. */
static void test_text_tail_legend_of_symbols(void **state)
{
    (void)state;
    shown.columns = "rss_delta,time";
    how.width = 0;
    make_text(made_orders());
    profile->process[0].rss_resolution = 262144;
    assert_holds(draw(mpr_text_legend), "·  under 0.05, ~  under 256 KiB, blank  nothing.");
    view->time.decimals = 2;
    assert_holds(draw(mpr_text_legend), "·  too small to show, ~  under");
    view->rss_off = true;
    assert_null(strstr(draw(mpr_text_legend), "~"));
    view->size = mpr_scale_sizes[MPR_UNIT_B];
    text.plan.has_times = false;
    assert_null(strstr(draw(mpr_text_legend), "·"));
}

static void test_text_tail_legend_of_no_table(void **state)
{
    (void)state;
    make_text(made_profile());
    assert_drawn(mpr_text_legend, "");
    free_text();
    how.legend = false;
    make_text(made_orders());
    assert_drawn(mpr_text_legend, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_tail_notes_are_wrapped),
        TEXT_CASE(test_text_tail_legend_explains_what_is_shown),
        TEXT_CASE(test_text_tail_legend_of_symbols),
        TEXT_CASE(test_text_tail_legend_of_no_table),
    };
    return cmocka_run_group_tests_name("text_tail", tests, NULL, NULL);
}
