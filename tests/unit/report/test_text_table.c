/* SPDX-License-Identifier: MIT */
/* The table of one function. */
#include "made_text.h"

static const char *draw_table(size_t function)
{
    mpr_buf_clear(&drawn);
    mpr_text_table(&text, function);
    assert_false(drawn.failed);
    return drawn.data;
}

static void assert_table(const char *expected)
{
    assert_string_equal(draw_table(0), expected);
}

#define RULE "────────────────────────────────────────\n"

static void test_text_table_of_a_small_function(void **state)
{
    (void)state;
    how.width = 40;
    shown.columns = "line,rss_delta,source";
    struct mpr_profile *made = made_profile();
    made_small_function(made, "/a.py", "f", 9, MADE_MIB(10));
    make_text(made);
    assert_table(" Line   +RSS  Source\n" RULE "    9         def f():\n"
                 "   10  +10.0      work()\n" RULE "  net  +10.0\n");
    text.plan.source++; /* there is room for a word more */
    assert_ends(draw_table(0), "\n  net  +10.0  before its locals are freed\n");
}

/* No column has a sum: none is drawn. */
static void test_text_table_without_sums(void **state)
{
    (void)state;
    how.width = 40;
    shown.columns = "line,source";
    struct mpr_profile *made = made_profile();
    made_small_function(made, "/a.py", "f", 9, MADE_MIB(10));
    make_text(made);
    assert_table(" Line  Source\n" RULE "    9  def f():\n   10      work()\n" RULE);
}

static void test_text_table_without_source(void **state)
{
    (void)state;
    how.width = 50;
    shown.columns = "line,rss_delta,source";
    struct mpr_profile *made = made_profile();
    struct mpr_profile_function *f = made_small_function(made, "<string>", "f", 9, -MADE_MIB(10));
    f->rows[0].source = f->rows[1].source = NULL;
    f->source_problem = made_text("the program made itself, and nobody kept what it was");
    f->calls = 3;
    make_text(made);
    const char *got = draw_table(0);
    assert_holds(got, "\n    9\n   10  −10.0\n");
    assert_ends(got, "  No source: the program made itself, and nobody\n  kept what it was\n");
}

/* The row that was open says so, also where no source is shown and where it does not fit. */
static void test_text_table_marks_the_end(void **state)
{
    (void)state;
    struct mpr_profile *made = made_profile();
    struct mpr_profile_function *f = made_small_function(made, "/a.py", "f", 9, MADE_MIB(10));
    f->rows[1].ended_here = true;
    shown.columns = "line,rss_delta,source";
    make_text(made);
    assert_holds(draw_table(0), "   10  +10.0      work() ◀ ended here\n");
    how.width = 30;
    mpr_view_plan(view, how.width, &text.plan);
    assert_holds(draw_table(0), " ◀ ended here\n");
    free_text();
    made = made_profile();
    f = made_small_function(made, "/a.py", "f", 9, MADE_MIB(10));
    f->rows[1].ended_here = true;
    shown.columns = "line,rss_delta";
    make_text(made);
    assert_holds(draw_table(0), "   10  +10.0  ◀ ended here\n");
}

/* Bold is the largest increment, dim what never ran, red the end; a line ends without blanks. */
static void test_text_table_in_color(void **state)
{
    static const char *const lines[] = {"def f():", "    a()", "    b()", "    pass", NULL};
    (void)state;
    how.color = true;
    shown.columns = "line,rss_delta,source";
    struct mpr_profile *made = made_profile();
    struct mpr_profile_function *f = made_function(made, "/a.py", "f", 1, lines);
    made_row(f, 2, 1, MADE_MIB(9), MADE_MIB(2), 5);
    made_row(f, 3, 1, MADE_MIB(9), MADE_MIB(3), 5)->ended_here = true;
    made_entry(f, 1, MADE_MIB(4));
    make_text(made);
    const char *got = draw_table(0);
    assert_holds(got, "\n    2   +2.0      a()\n");
    assert_holds(got, "\n    3   \033[1m+3.0\033[0m      b() \033[31m◀ ended here\033[0m\n");
    assert_holds(got, "\n\033[2m    4             pass\033[0m\n");
    assert_null(strstr(got, " \n"));
}

/* What calls released when they returned has a row of its own, if it can be seen. */
static void test_text_table_freed_on_return(void **state)
{
    (void)state;
    struct mpr_profile *made = made_orders_heap();
    made->functions[0].freed_on_return = MADE_MIB(64);
    shown.columns = "line,hits,heap,source";
    make_text(made);
    const char *got = draw_table(0);
    assert_holds(got, "\n  net, 1 call");
    assert_holds(got, "\n  freed  ");
    assert_holds(got, "−64.0\n");
    profile->functions[0].freed_on_return = 1000;
    assert_null(strstr(draw_table(0), "freed  "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_table_of_a_small_function),
        TEXT_CASE(test_text_table_without_sums),
        TEXT_CASE(test_text_table_without_source),
        TEXT_CASE(test_text_table_marks_the_end),
        TEXT_CASE(test_text_table_in_color),
        TEXT_CASE(test_text_table_freed_on_return),
    };
    return cmocka_run_group_tests_name("text_table", tests, NULL, NULL);
}
