/* SPDX-License-Identifier: MIT */
/* Text of anybody in Markdown as GitHub reads it (GFM). In a code span nothing has a meaning: no
 * emphasis, no HTML, no link, no mention of somebody. */
#include <string.h>

#include "markdown.h"
#include "width.h"

static bool is_blank(const char *text)
{
    return text[strspn(text, " ")] == '\0';
}

static size_t longest_run(const char *text, char c)
{
    size_t longest = 0, run = 0;
    for (; *text; text++) {
        run = *text == c ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A table takes \| for a bar before it looks for code spans, also behind a backslash. */
static void put_escaped(struct mpr_buf *out, const char *text, bool in_table)
{
    for (; *text; text++) {
        if (*text == '|' && in_table)
            mpr_buf_putc(out, '\\');
        mpr_buf_putc(out, *text);
    }
}

/* Of text that is fit to be shown. A reader takes a blank off both ends if there is one at both,
 * and a fence is longer than each run of backticks in it. */
static void put_code(struct mpr_buf *out, const char *text, bool in_table)
{
    size_t fence = longest_run(text, '`') + 1, len = strlen(text);
    bool blanks = text[0] == ' ' && text[len - 1] == ' ';
    const char *pad = blanks || text[0] == '`' || text[len - 1] == '`' ? " " : "";
    mpr_buf_repeat(out, "`", fence);
    mpr_buf_puts(out, pad);
    put_escaped(out, text, in_table);
    mpr_buf_puts(out, pad);
    mpr_buf_repeat(out, "`", fence);
}

void mpr_markdown_code(const struct mpr_markdown *markdown, const char *text, bool in_table)
{
    struct mpr_buf shown;
    mpr_buf_init(&shown);
    mpr_width_append(&shown, text, 0, markdown->figures.options->unicode);
    if (!shown.failed && !is_blank(shown.data))
        put_code(markdown->out, shown.data, in_table);
    mpr_text_done(&markdown->figures, &shown);
}

/* No character with a meaning. What may begin a list or number its items is none at the start; a
 * colon in a word may be an emoji's. */
static bool is_plain(const char *word, bool first)
{
    static const char harmless[] = ".,;'\"()%?!+-=";
    bool letter = ((unsigned char)(*word | 0x20) >= 'a' && (unsigned char)(*word | 0x20) <= 'z') ||
                  (unsigned char)*word >= 0x80;
    if ((first && !letter) || strcasestr(word, "www."))
        return false;
    for (const char *at = word; *at; at++) {
        unsigned char c = (unsigned char)*at, lower = c | 0x20;
        bool usual = (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || c >= 0x80;
        bool last_colon = c == ':' && at[1] == '\0' && !strchr(word, ':')[1];
        if (!usual && !last_colon && !strchr(harmless, c))
            return false;
    }
    return true;
}

static void put_word(struct mpr_buf *out, char *word, bool first)
{
    if (!first)
        mpr_buf_putc(out, ' ');
    if (is_plain(word, first))
        mpr_buf_puts(out, word);
    else
        put_code(out, word, false);
}

void mpr_markdown_prose(const struct mpr_markdown *markdown, const char *text)
{
    struct mpr_buf shown;
    mpr_buf_init(&shown);
    mpr_width_append(&shown, text, 0, markdown->figures.options->unicode);
    char *rest = shown.failed ? NULL : shown.data;
    bool first = true;
    for (char *word; (word = strsep(&rest, " "));) {
        if (!*word)
            continue;
        put_word(markdown->out, word, first);
        first = false;
    }
    mpr_text_done(&markdown->figures, &shown);
}

void mpr_markdown_name(const struct mpr_markdown *markdown, const char *qualname, bool in_table)
{
    struct mpr_buf name;
    mpr_buf_init(&name);
    mpr_text_name(&markdown->figures, qualname, &name);
    if (!name.failed && !is_blank(name.data))
        put_code(markdown->out, name.data, in_table);
    mpr_text_done(&markdown->figures, &name);
}

void mpr_markdown_place(
    const struct mpr_markdown *markdown, const char *file, uint32_t line, bool in_table)
{
    struct mpr_buf place;
    mpr_buf_init(&place);
    mpr_buf_puts(&place, mpr_path_relative(markdown->figures.profile->cwd, file));
    if (line)
        mpr_buf_printf(&place, ":%u", (unsigned)line);
    mpr_markdown_code(markdown, place.data, in_table);
    mpr_text_done(&markdown->figures, &place);
}
