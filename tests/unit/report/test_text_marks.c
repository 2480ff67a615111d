/* SPDX-License-Identifier: MIT */
/* Marks and sections in the text report. */
#include "made_text.h"

static void test_text_marks_and_sections(void **state)
{
    (void)state;
    struct mpr_profile *made = made_whole();
    made->marks[0].heap = MADE_MIB(3);
    made->marks[0].heap_peak = MADE_MIB(104);
    make_text(made);
    assert_drawn(mpr_text_marks, "\nMarks   MiB\n"
                                 "    Time  Heap   Peak   RSS  Peak\n"
                                 "  1.0 ms   3.0  104.0  20.0  21.0  loaded\n"
                                 "  2.0 ms     ·      ·  20.0  21.0  halfway\n"
                                 "\nSections   MiB\n"
                                 "  Calls    Time  +Heap  +RSS  Spike  At end\n"
                                 "      3  5.0 ms   +2.0  +3.0    1.0     1.5  parse\n");
}

static void test_text_marks_none(void **state)
{
    (void)state;
    make_text(made_orders_heap());
    assert_drawn(mpr_text_marks, "");
}

/* What was not measured is blank, less than is shown a dot, and a change of nothing blank. */
static void test_text_marks_that_were_not_measured(void **state)
{
    (void)state;
    struct mpr_profile *made = made_whole();
    made->mark_count = 1;
    free(made->marks[1].name);
    made->held_count = 0;
    made->marks[0].heap = made->marks[0].heap_peak = MPR_UNKNOWN;
    made->sections[0].rss_delta = MPR_UNKNOWN;
    made->sections[0].heap_delta = -3;
    made->sections[0].spike = made->sections[0].live_at_end = 0;
    make_text(made);
    assert_drawn(mpr_text_marks, "\nMarks   MiB\n"
                                 "    Time  Heap  Peak   RSS  Peak\n"
                                 "  1.0 ms              20.0  21.0  loaded\n"
                                 "\nSections   MiB\n"
                                 "  Calls    Time  +Heap  +RSS  Spike  At end\n"
                                 "      3  5.0 ms      ·                       parse\n");
}

static void test_text_marks_of_a_loop(void **state)
{
    (void)state;
    struct mpr_profile *made = made_whole();
    made->section_count = 0;
    free(made->sections[0].name);
    made->held_count = 0;
    made->marks = made_array(made->marks, 1030, sizeof *made->marks);
    made->marks[1].snapshot = false;
    made->marks[1].held_count = 0;
    for (size_t i = 2; i < 1030; i++) {
        made->marks[i] = made->marks[0];
        made->marks[i].name = made_text(i == 1029 ? "last" : i == 10 ? "tenth" : "step");
        made->marks[i].t_ns = 2000000;
    }
    made->mark_count = 1030;
    make_text(made);
    const char *out = draw(mpr_text_marks);
    assert_holds(out, "  (1,010 between them are left out; JSON has all)\n");
    assert_holds(out, "  last\n");
    assert_null(strstr(out, "tenth"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_marks_and_sections),
        TEXT_CASE(test_text_marks_none),
        TEXT_CASE(test_text_marks_that_were_not_measured),
        TEXT_CASE(test_text_marks_of_a_loop),
    };
    return cmocka_run_group_tests_name("text_marks", tests, NULL, NULL);
}
