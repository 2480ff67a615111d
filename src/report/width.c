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

/* How much of a text fits. */
struct fit {
    size_t len; /* bytes, shown before the ellipsis if there is one */
    size_t columns;
    bool whole;
};

static struct fit find_fit(const char *text, size_t limit, size_t ellipsis, bool unicode)
{
    struct fit fit = {0, 0, false}; /* where an ellipsis would still fit */
    size_t len = strlen(text);
    size_t column = 0;
    struct glyph glyph;
    for (size_t at = 0; at < len;) {
        next_glyph(text + at, len - at, column, unicode, &glyph);
        column += glyph.columns;
        at += glyph.used;
        if (limit && column > limit)
            return fit;
        if (!limit || column + ellipsis <= limit)
            fit = (struct fit){at, column, false};
    }
    return (struct fit){len, column, true};
}

size_t mpr_width_append(struct mpr_buf *out, const char *text, size_t limit, bool unicode)
{
    size_t ellipsis = unicode ? 1 : 3;
    struct fit fit = find_fit(text, limit, ellipsis, unicode);
    size_t column = 0;
    struct glyph glyph;
    for (size_t at = 0; at < fit.len; at += glyph.used) {
        next_glyph(text + at, fit.len - at, column, unicode, &glyph);
        mpr_buf_append(out, glyph.bytes, glyph.len);
        column += glyph.columns;
    }
    if (fit.whole)
        return column;
    if (column + ellipsis > limit)
        ellipsis = limit - column;
    if (unicode)
        mpr_buf_puts(out, ellipsis ? "…" : "");
    else
        mpr_buf_append(out, "...", ellipsis);
    return column + ellipsis;
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
