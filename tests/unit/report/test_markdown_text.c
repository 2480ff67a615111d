/* SPDX-License-Identifier: MIT */
/* Text of anybody in Markdown: shown as it is, and without a meaning. */
#include <stdio.h>

#include "made_markdown.h"

static void assert_code(const char *given, bool in_table, const char *expected)
{
    struct mpr_markdown markdown = made_markdown();
    mpr_markdown_code(&markdown, given, in_table);
    assert_markdown(expected);
}

static void test_markdown_text_code(void **state)
{
    (void)state;
    make_text(made_profile());
    assert_code("x = 1", false, "`x = 1`");
    assert_code("", false, "");
    assert_code("   ", true, "");
    assert_code("    x", false, "`    x`");
    assert_code(" x ", false, "`  x  `");
    assert_code("x ", false, "`x `");
    assert_code("\tx", false, "`        x`");
    assert_code("a ` b", false, "``a ` b``");
    assert_code("`", false, "`` ` ``");
    assert_code("``` a `` b", false, "```` ``` a `` b ````");
    assert_code("a`", false, "`` a` ``");
    assert_code("*_<b>&amp;[x](y)\\", false, "`*_<b>&amp;[x](y)\\`");
    assert_code("é\x1b\xe2\x80\xae", false, "`é\\x1b\\u202e`");
}

/* Bars end a cell, everywhere else they are what they are. */
static void test_markdown_text_code_in_a_table(void **state)
{
    (void)state;
    make_text(made_profile());
    assert_code("a | b", true, "`a \\| b`");
    assert_code("a | b", false, "`a | b`");
    assert_code("r'\\|'", true, "`r'\\\\|'`");
    assert_code("|", true, "`\\|`");
    assert_code("\\", true, "`\\`");
}

static void test_markdown_text_in_ascii(void **state)
{
    (void)state;
    how.unicode = false;
    make_text(made_profile());
    assert_code("é", false, "`\\xe9`");
}

static void assert_prose(const char *given, const char *expected)
{
    struct mpr_markdown markdown = made_markdown();
    mpr_markdown_prose(&markdown, given);
    assert_markdown(expected);
}

/* Only words that mean nothing stand as they are. */
static void test_markdown_text_prose(void **state)
{
    (void)state;
    make_text(made_profile());
    assert_prose("", "");
    assert_prose("The program's end, \"exit 3\" (or 4%): 1.5 + 2 = x; ok?",
        "The program's end, \"exit 3\" (or 4%): 1.5 + 2 = x; ok?");
    assert_prose("two  blanks ", "two blanks");
    assert_prose("é ünd", "é ünd");
    assert_prose("ask @profile, #12", "ask `@profile,` `#12`");
    assert_prose(
        "<b>x</b> a_b *x* [x](y) ~x~ $x$ a|b", "`<b>x</b>` `a_b` `*x*` `[x](y)` `~x~` `$x$` `a|b`");
    assert_prose("see https://x.org or www.x.org", "see `https://x.org` or `www.x.org`");
    assert_prose("so :smile: it: a::b:", "so `:smile:` it: `a::b:`");
    assert_prose("x ` y", "x `` ` `` y");
    assert_prose("x \xe2\x80\xae", "x `\\u202e`");
}

/* At the start of a line some are more than words. */
static void test_markdown_text_prose_begins_nothing(void **state)
{
    static const char *const words[] = {"1.", "1)", "-", "+", "=", "---", "(x)", "7", NULL};
    (void)state;
    make_text(made_profile());
    for (size_t i = 0; words[i]; i++) {
        char given[16], expected[32];
        snprintf(given, sizeof given, "%s x", words[i]);
        snprintf(expected, sizeof expected, "`%s` x", words[i]);
        assert_prose(given, expected);
    }
    assert_prose("# x", "`#` x");
    assert_prose("> x", "`>` x");
}

static void test_markdown_text_names_and_places(void **state)
{
    (void)state;
    make_text(made_profile());
    struct mpr_markdown markdown = made_markdown();
    mpr_markdown_name(&markdown, "f.<locals>.<lambda>|`", true);
    assert_markdown("`` f.<lambda>\\|` ``");
    markdown = made_markdown();
    mpr_markdown_place(&markdown, "/home/ann/shop/a_b.py", 7, false);
    mpr_markdown_place(&markdown, "/x|y\n.py", 0, true);
    assert_markdown("`a_b.py:7``/x\\|y\\x0a.py`");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_markdown_text_code),
        TEXT_CASE(test_markdown_text_code_in_a_table),
        TEXT_CASE(test_markdown_text_in_ascii),
        TEXT_CASE(test_markdown_text_prose),
        TEXT_CASE(test_markdown_text_prose_begins_nothing),
        TEXT_CASE(test_markdown_text_names_and_places),
    };
    return cmocka_run_group_tests_name("markdown_text", tests, NULL, NULL);
}
