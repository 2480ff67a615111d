/* SPDX-License-Identifier: MIT */
/* Help texts: words in their places, and lines that fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "words.h"

static const char *color(size_t index)
{
    static const char *const names[] = {"red", "green", "blue"};
    return index < 3 ? names[index] : NULL;
}

static const char *only(size_t index)
{
    return index ? NULL : "one";
}

static void assert_made(struct mpr_buf *text, const char *expected)
{
    assert_false(text->failed);
    assert_string_equal(text->data, expected);
    mpr_buf_release(text);
}

static void test_words_stand_in_their_places(void **state)
{
    struct mpr_buf text;
    (void)state;
    mpr_buf_init(&text);
    mpr_words_fill("{,}; {or}; { }; {|}; {}", color, &text);
    assert_made(&text, "red, green, blue; red, green or blue; red green blue; red|green|blue; {}");
    mpr_words_fill("{,}; {or}", only, &text);
    assert_made(&text, "one; one");
    mpr_words_fill("{,}", NULL, &text);
    assert_made(&text, "{,}");
    mpr_words_append(color, "", &text);
    assert_made(&text, "redgreenblue");
}

static void test_words_wrap_at_the_width(void **state)
{
    struct mpr_buf text;
    (void)state;
    mpr_buf_init(&text);
    mpr_words_wrap("of {,} all", color, 2, 12, &text); /* "  of red," has 9 columns */
    assert_made(&text, "of red,\n  green,\n  blue all");
    mpr_words_wrap("of {,} all", color, 2, 16, &text);
    assert_made(&text, "of red, green,\n  blue all");
    mpr_words_wrap("a\nb c", NULL, 1, 80, &text);
    assert_made(&text, "a\n b c");
    mpr_words_wrap("muchtoolongforit b", NULL, 1, 4, &text);
    assert_made(&text, "muchtoolongforit\n b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_stand_in_their_places),
        cmocka_unit_test(test_words_wrap_at_the_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
