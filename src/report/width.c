/* SPDX-License-Identifier: MIT */
/* Display width by utf8proc, because the C library's depends on the locale. */
#include "width.h"

#include <string.h>
#include <utf8proc.h>

#define TAB ((size_t)8)

/* One character as it is shown. */
struct glyph {
    struct mpr_character shown;
    const char *bytes;
    size_t len;
    size_t columns;
    size_t used; /* bytes of the text */
};

static void next_glyph(
    const char *text, size_t len, size_t column, bool unicode, struct glyph *glyph)
{
    unsigned char first = (unsigned char)*text;
    glyph->bytes = text;
    glyph->used = glyph->len = glyph->columns = 1;
    if (first >= 0x20 && first < 0x7f)
        return;
    if (first == '\t') {
        glyph->bytes = "        ";
        glyph->len = glyph->columns = TAB - column % TAB;
        return;
    }
    mpr_shown_next(text, len, unicode, &glyph->shown);
    glyph->used = glyph->shown.used;
    glyph->len = glyph->columns = glyph->shown.len;
    if (glyph->shown.escaped) {
        glyph->bytes = glyph->shown.escape;
        return;
    }
    int columns = utf8proc_charwidth((utf8proc_int32_t)glyph->shown.c);
    glyph->columns = columns > 0 ? (size_t)columns : 0;
}

size_t mpr_width(const char *text, bool unicode)
{
    size_t len = strlen(text);
    size_t column = 0;
    struct glyph glyph;
    for (size_t at = 0; at < len; at += glyph.used) {
        next_glyph(text + at, len - at, column, unicode, &glyph);
        column += glyph.columns;
    }
    return column;
}

size_t mpr_width_append(struct mpr_buf *out, const char *text, size_t limit, bool unicode)
{
    const char *ellipsis = unicode ? "…" : "...";
    size_t ellipsis_columns = unicode ? 1 : 3;
    size_t len = strlen(text);
    size_t column = 0;
    size_t cut = out->len; /* where an ellipsis would still fit */
    size_t cut_column = 0;
    struct glyph glyph;
    for (size_t at = 0; at < len; at += glyph.used) {
        next_glyph(text + at, len - at, column, unicode, &glyph);
        if (limit && column + glyph.columns > limit) {
            out->len = cut;
            if (cut_column + ellipsis_columns > limit)
                ellipsis_columns = limit - cut_column;
            mpr_buf_append(out, ellipsis, unicode ? (ellipsis_columns ? 3 : 0) : ellipsis_columns);
            return cut_column + ellipsis_columns;
        }
        mpr_buf_append(out, glyph.bytes, glyph.len);
        column += glyph.columns;
        if (limit && column + ellipsis_columns <= limit) {
            cut = out->len;
            cut_column = column;
        }
    }
    return column;
}

static size_t word_length(const char *text)
{
    return strcspn(text, " ");
}

void mpr_width_wrap(
    struct mpr_buf *out, const char *text, size_t first, size_t indent, size_t width, bool unicode)
{
    size_t column = first;
    size_t gap = 0; /* blanks before the next word; two stay two */
    if (!text)      /* what should have held it found no memory */
        out->failed = true;
    while (text && *text) {
        if (*text == ' ') {
            gap++;
            text++;
            continue;
        }
        struct mpr_buf word;
        mpr_buf_init(&word);
        mpr_buf_append(&word, text, word_length(text));
        if (word.failed) {
            out->failed = true;
            mpr_buf_release(&word);
            return;
        }
        text += word.len;
        size_t columns = mpr_width(word.data, unicode);
        if (width && column > indent && column + gap + columns > width) {
            mpr_buf_putc(out, '\n');
            mpr_buf_repeat(out, " ", indent);
            column = indent;
        } else {
            mpr_buf_repeat(out, " ", gap);
            column += gap;
        }
        gap = 0;
        column += mpr_width_append(out, word.data, 0, unicode);
        mpr_buf_release(&word);
    }
}
