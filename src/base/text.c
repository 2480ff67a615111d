/* SPDX-License-Identifier: MIT */
/* UTF-8, escaping of what is not text, and small string helpers. Knows nothing of locales. */
#include "mprun/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

size_t mpr_utf8_sequence(const char *s, size_t len)
{
    const unsigned char *u = (const unsigned char *)s;
    if (len == 0)
        return 0;
    if (u[0] < 0x80)
        return 1;
    size_t need = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
    if (u[0] < 0xc2 || u[0] > 0xf4 || len < need)
        return 0;
    /* The second byte's range is what keeps out overlong forms, surrogates and > U+10FFFF. */
    unsigned char low = u[0] == 0xe0 ? 0xa0 : u[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = u[0] == 0xed ? 0x9f : u[0] == 0xf4 ? 0x8f : 0xbf;
    if (u[1] < low || u[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++) {
        if (!is_continuation(u[i]))
            return 0;
    }
    return need;
}

static bool is_control(char c)
{
    unsigned char u = (unsigned char)c;
    return (u < 0x20 && u != '\t') || u == 0x7f;
}

void mpr_text_append(struct mpr_buf *buf, const char *bytes, size_t len)
{
    size_t clean = 0; /* start of the run that needs no escape */
    size_t i = 0;
    while (i < len) {
        size_t step = mpr_utf8_sequence(bytes + i, len - i);
        if (step > 0 && !is_control(bytes[i])) {
            i += step;
            continue;
        }
        mpr_buf_append(buf, bytes + clean, i - clean);
        mpr_buf_printf(buf, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
        i++;
        clean = i;
    }
    if (len)
        mpr_buf_append(buf, bytes + clean, len - clean);
}

char *mpr_strdup(const char *text)
{
    return text ? strdup(text) : NULL;
}

char *mpr_asprintf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    return len < 0 ? NULL : text;
}

bool mpr_has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool mpr_has_suffix(const char *text, const char *suffix)
{
    size_t text_len = strlen(text);
    size_t suffix_len = strlen(suffix);
    return text_len >= suffix_len && memcmp(text + text_len - suffix_len, suffix, suffix_len) == 0;
}

const char *mpr_path_relative(const char *cwd, const char *path)
{
    size_t len = cwd ? strlen(cwd) : 0;
    if (len > 1 && strncmp(path, cwd, len) == 0 && path[len] == '/' && path[len + 1])
        return path + len + 1;
    return path;
}
