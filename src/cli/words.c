/* SPDX-License-Identifier: MIT */
/* Implements words.h. */
#include "words.h"

#include <string.h>

static void append_list(
    mpr_word_at *word, const char *between, const char *before_last, struct mpr_buf *out)
{
    const char *name;
    for (size_t i = 0; (name = word(i)); i++) {
        if (i)
            mpr_buf_puts(out, word(i + 1) ? between : before_last);
        mpr_buf_puts(out, name);
    }
}

void mpr_words_append(mpr_word_at *word, const char *between, struct mpr_buf *out)
{
    append_list(word, between, between, out);
}

int mpr_words_refuse(mpr_word_at *word, const char *before, const char *value, const char *behind,
    struct mpr_error *err)
{
    struct mpr_buf known;
    mpr_buf_init(&known);
    mpr_words_append(word, ", ", &known);
    int status = mpr_error_set(err, MPR_ERR_INVALID, "%s'%s'%s%s", before, value, behind,
        known.failed ? "others" : known.data);
    mpr_buf_release(&known);
    return status;
}

/* What stands in a text for the words, and what then stands between them. */
static const struct placeholder {
    const char *mark, *between, *before_last;
} placeholders[] = {
    {"{,}", ", ", ", "},
    {"{or}", ", ", " or "},
    {"{ }", " ", " "},
    {"{|}", "|", "|"},
};

static const struct placeholder *placeholder_at(const char *text)
{
    for (size_t i = 0; i < sizeof placeholders / sizeof *placeholders; i++)
        if (mpr_has_prefix(text, placeholders[i].mark))
            return &placeholders[i];
    return NULL;
}

void mpr_words_fill(const char *text, mpr_word_at *word, struct mpr_buf *out)
{
    while (*text) {
        const struct placeholder *found = word ? placeholder_at(text) : NULL;
        if (found)
            append_list(word, found->between, found->before_last, out);
        else
            mpr_buf_putc(out, *text);
        text += found ? strlen(found->mark) : 1;
    }
}

static void append_wrapped(const char *text, size_t indent, size_t width, struct mpr_buf *out)
{
    size_t column = indent;
    while (*text) {
        size_t len = strcspn(text, " \n");
        bool first = column == indent;
        if (!first && column + 1 + len > width) {
            mpr_buf_putc(out, '\n');
            mpr_buf_repeat(out, " ", indent);
            column = indent;
        } else if (!first) {
            mpr_buf_putc(out, ' ');
            column++;
        }
        mpr_buf_append(out, text, len);
        column += len;
        text += len;
        if (*text == '\n') {
            mpr_buf_putc(out, '\n');
            mpr_buf_repeat(out, " ", indent);
            column = indent;
        }
        text += *text != '\0';
    }
}

void mpr_words_wrap(
    const char *text, mpr_word_at *word, size_t indent, size_t width, struct mpr_buf *out)
{
    struct mpr_buf filled;
    mpr_buf_init(&filled);
    mpr_words_fill(text, word, &filled);
    out->failed |= filled.failed;
    append_wrapped(filled.data && !filled.failed ? filled.data : "", indent, width, out);
    mpr_buf_release(&filled);
}
