/* SPDX-License-Identifier: MIT */
/* What may reach a terminal: for people, in JSON, and by Unicode's own categories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "mprun/base.h"

struct example {
    const char *text;
    const char *shown; /* NULL: as it is */
    const char *ascii; /* shown without Unicode; NULL: as with it */
    const char *json;  /* NULL: as it is */
};

static const struct example examples[] = {
    {"", NULL, NULL, NULL},
    {"plain\ttext ~", NULL, NULL, NULL},
    {"caf\xc3\xa9 \xe6\x97\xa5", NULL, "caf\\xe9 \\u65e5", NULL},
    {"\x1b[31m\x07\n", "\\x1b[31m\\x07\\x0a", NULL, NULL},
    {"\x7f", "\\x7f", NULL, "\\u007f"},
    {"a\xc2\x9b"
     "31mb",
        "a\\x9b31mb", NULL, "a\\u009b31mb"},
    {"\xe2\x80\xae"
     "abc\xe2\x80\xac",
        "\\u202eabc\\u202c", NULL, "\\u202eabc\\u202c"},
    {"a\xe2\x80\x8b\xe2\x80\xa8", "a\\u200b\\u2028", NULL, "a\\u200b\\u2028"},
    {"\xf3\xa0\x81\x81\xf0\x9d\x85\xb3", "\\U000e0041\\U0001d173", NULL,
        "\\udb40\\udc41\\ud834\\udd73"},
    /* what words and emoji are made of */
    {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", NULL, "\\U0001f469\\u200d\\U0001f4bb", NULL},
    /* no UTF-8 */
    {"\x9b\xff"
     "end",
        "\\x9b\\xffend", NULL, "\\u009b\\u00ffend"},
};

static void assert_appended(
    size_t row, const char *text, const char *wanted, const struct mpr_buf *got)
{
    const char *data = got->data ? got->data : "";
    if (strcmp(data, wanted ? wanted : text) != 0)
        fail_msg("row %zu: %s", row, data);
}

static void test_shown_escapes_what_a_terminal_would_obey(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const struct example *row = &examples[i];
        size_t len = strlen(row->text);
        struct mpr_buf out;
        mpr_buf_init(&out);
        mpr_shown_append(&out, row->text, len, true);
        assert_appended(i, row->text, row->shown, &out);
        mpr_buf_clear(&out);
        mpr_shown_append(&out, row->text, len, false);
        assert_appended(i, row->text, row->ascii ? row->ascii : row->shown, &out);
        mpr_buf_clear(&out);
        mpr_shown_append_json(&out, row->text, len);
        assert_appended(i, row->text, row->json, &out);
        mpr_buf_release(&out);
    }
}

static bool is_harmful(utf8proc_int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return c != '\t' && c != 0xad && c != 0x200c && c != 0x200d;
    default:
        return false;
    }
}

/* What an older or newer Unicode has not assigned may be on either side. */
static void test_shown_agrees_with_unicode(void **state)
{
    (void)state;
    for (utf8proc_int32_t c = 1; c <= 0x10ffff; c++) {
        utf8proc_uint8_t text[4];
        struct mpr_character character;
        if ((c >= 0xd800 && c < 0xe000) || utf8proc_category(c) == UTF8PROC_CATEGORY_CN)
            continue;
        utf8proc_ssize_t len = utf8proc_encode_char(c, text);
        mpr_shown_next((const char *)text, (size_t)len, true, &character);
        if (character.escaped != is_harmful(c) || character.used != (size_t)len ||
            character.c != (uint32_t)c)
            fail_msg("U+%04X: escaped %d", (unsigned)c, character.escaped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shown_escapes_what_a_terminal_would_obey),
        cmocka_unit_test(test_shown_agrees_with_unicode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
