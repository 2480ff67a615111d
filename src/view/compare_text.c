/* SPDX-License-Identifier: MIT */
/* Lines of source as numbers, so that they can be aligned. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

#define BLANKS " \t\f"

struct piece {
    const char *bytes;
    size_t len;
};

static struct piece trimmed(const char *text)
{
    text += strspn(text, BLANKS);
    size_t len = strlen(text);
    while (len && strchr(BLANKS, text[len - 1]))
        len--;
    return (struct piece){text, len};
}

bool mpr_line_is_blank(const char *text)
{
    return text && trimmed(text).len == 0;
}

/* Where a string that begins with `quote` ends. */
static size_t string_end(const struct piece *piece, size_t at, char quote)
{
    for (at++; at < piece->len && piece->bytes[at] != quote; at++)
        if (piece->bytes[at] == '\\')
            at++;
    return at < piece->len ? at + 1 : piece->len;
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The next byte of the shape, -1 at the end: a number is one 0, a string one pair of quotes. */
static int next_of_shape(const struct piece *piece, size_t *at, bool *in_name)
{
    if (*at >= piece->len)
        return -1;
    char c = piece->bytes[*at];
    if (c == '"' || c == '\'') {
        *at = string_end(piece, *at, c);
        *in_name = false;
        return '"';
    }
    if (isdigit((unsigned char)c) && !*in_name) {
        while (*at < piece->len && (in_word(piece->bytes[*at]) || piece->bytes[*at] == '.'))
            ++*at;
        return '0';
    }
    ++*at;
    *in_name = in_word(c);
    return (unsigned char)c;
}

static int compare_shapes(const struct piece *a, const struct piece *b)
{
    size_t a_at = 0, b_at = 0;
    bool a_name = false, b_name = false;
    for (;;) {
        int left = next_of_shape(a, &a_at, &a_name);
        int right = next_of_shape(b, &b_at, &b_name);
        if (left != right || left < 0)
            return (left > right) - (left < right);
    }
}

/* Up to a sign that ends what is assigned to or called; all of a line without. */
static struct piece stem_of(struct piece piece)
{
    for (size_t i = 1; i < piece.len; i++)
        if (strchr("=([:", piece.bytes[i]))
            return (struct piece){piece.bytes, i};
    return piece;
}

static int compare_bytes(const struct piece *a, const struct piece *b)
{
    int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_lines(
    const struct mpr_line_text *left, const struct mpr_line_text *right, enum mpr_likeness likeness)
{
    if (!left->text || !right->text) {
        if (left->text || right->text)
            return left->text ? 1 : -1;
        return (left->line > right->line) - (left->line < right->line);
    }
    struct piece a = trimmed(left->text), b = trimmed(right->text);
    if (likeness == MPR_LIKE_SHAPE)
        return compare_shapes(&a, &b);
    if (likeness == MPR_LIKE_STEM) {
        a = stem_of(a);
        b = stem_of(b);
    }
    return compare_bytes(&a, &b);
}

static int by_likeness(const void *left, const void *right, void *likeness)
{
    return compare_lines(*(struct mpr_line_text *const *)left,
        *(struct mpr_line_text *const *)right, *(enum mpr_likeness *)likeness);
}

/* In their order, so that the numbers do not depend on whose lines come first. */
bool mpr_number_lines(struct mpr_line_text *lines, size_t count, enum mpr_likeness likeness)
{
    struct mpr_line_text **sorted = calloc(count + 1, sizeof *sorted);
    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &lines[i];
    qsort_r(sorted, count, sizeof *sorted, by_likeness, &likeness);
    uint32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        number += i > 0 && compare_lines(sorted[i - 1], sorted[i], likeness) != 0;
        sorted[i]->number = number;
    }
    free(sorted);
    return true;
}
