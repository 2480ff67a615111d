/* SPDX-License-Identifier: MIT */
/* What of a text may reach a terminal. Names, paths and sources come from anywhere: none may move
 * the cursor, turn a line's direction or hide what stands in it. Knows nothing of locales. */
#include "mprun/base.h"

#include <stdio.h>
#include <string.h>

/* Unicode's categories Cc, Cf, Zl and Zp beyond ASCII, but for the soft hyphen and the joiners,
 * which are part of how words and emoji are written. */
static const struct range {
    uint32_t first;
    uint32_t last;
} controls[] = {
    {0x80, 0x9f},
    {0x600, 0x605},
    {0x61c, 0x61c},
    {0x6dd, 0x6dd},
    {0x70f, 0x70f},
    {0x890, 0x891},
    {0x8e2, 0x8e2},
    {0x180e, 0x180e},
    {0x200b, 0x200b},
    {0x200e, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x2064},
    {0x2066, 0x206f},
    {0xfeff, 0xfeff},
    {0xfff9, 0xfffb},
    {0x110bd, 0x110bd},
    {0x110cd, 0x110cd},
    {0x13430, 0x1343f},
    {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a},
    {0xe0001, 0xe0001},
    {0xe0020, 0xe007f},
};

static bool is_control(uint32_t c)
{
    if (c < 0x80)
        return (c < 0x20 && c != '\t') || c == 0x7f;
    for (size_t i = 0; i < sizeof controls / sizeof *controls && controls[i].first <= c; i++)
        if (c <= controls[i].last)
            return true;
    return false;
}

/* Of a valid sequence. */
static uint32_t decode(const char *bytes, size_t len)
{
    static const unsigned char leads[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = (unsigned char)bytes[0] & leads[len];
    for (size_t i = 1; i < len; i++)
        c = c << 6 | ((unsigned char)bytes[i] & 0x3f);
    return c;
}

void mpr_shown_next(const char *text, size_t len, bool unicode, struct mpr_character *ret_shown)
{
    size_t sequence = mpr_utf8_sequence(text, len);
    uint32_t c = sequence ? decode(text, sequence) : (unsigned char)*text;
    ret_shown->c = c;
    ret_shown->used = ret_shown->len = sequence ? sequence : 1;
    ret_shown->escaped = !sequence || is_control(c) || (!unicode && c >= 0x80);
    if (!ret_shown->escaped)
        return;
    const char *format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    int written = snprintf(ret_shown->escape, sizeof ret_shown->escape, format, (unsigned)c);
    ret_shown->len = (size_t)written;
}

void mpr_shown_append(struct mpr_buf *buf, const char *text, size_t len, bool unicode)
{
    size_t clean = 0; /* start of the run that is shown as it is */
    size_t at = 0;
    struct mpr_character shown;
    for (; at < len; at += shown.used) {
        mpr_shown_next(text + at, len - at, unicode, &shown);
        if (!shown.escaped)
            continue;
        mpr_buf_append(buf, text + clean, at - clean);
        mpr_buf_append(buf, shown.escape, shown.len);
        clean = at + shown.used;
    }
    if (clean < len)
        mpr_buf_append(buf, text + clean, len - clean);
}

void mpr_shown_append_json(struct mpr_buf *buf, const char *json, size_t len)
{
    size_t clean = 0;
    for (size_t at = 0; at < len;) {
        struct mpr_character shown;
        if ((unsigned char)json[at] < 0x7f) {
            at++;
            continue;
        }
        mpr_shown_next(json + at, len - at, true, &shown);
        at += shown.used;
        if (!shown.escaped)
            continue;
        mpr_buf_append(buf, json + clean, at - shown.used - clean);
        clean = at;
        if (shown.c < 0x10000)
            mpr_buf_printf(buf, "\\u%04x", (unsigned)shown.c);
        else /* two halves, as UTF-16 has it */
            mpr_buf_printf(buf, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (shown.c >> 10)),
                (unsigned)(0xdc00 | (shown.c & 0x3ff)));
    }
    if (clean < len)
        mpr_buf_append(buf, json + clean, len - clean);
}
