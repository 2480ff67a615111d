/* SPDX-License-Identifier: MIT */
/* Bytes of a Python source to UTF-8 as PEP 263 says: BOM, coding cookie in the first two lines,
 * else UTF-8. Never fails for what it reads: bytes that the encoding does not know are escaped. */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mprun/source.h"

#define BOM "\xef\xbb\xbf"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

static size_t line_length(const char *bytes, size_t len)
{
    size_t i = 0;
    while (i < len && bytes[i] != '\n' && bytes[i] != '\r')
        i++;
    return i;
}

/* ^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+) on one line. */
static bool find_cookie(const char *line, size_t len, char *ret_name, size_t size)
{
    size_t i = 0;
    while (i < len && is_blank(line[i]))
        i++;
    if (i == len || line[i] != '#')
        return false;
    for (; i + 7 <= len; i++) {
        if (memcmp(line + i, "coding", 6) != 0 || (line[i + 6] != ':' && line[i + 6] != '='))
            continue;
        size_t from = i + 7;
        while (from < len && (line[from] == ' ' || line[from] == '\t'))
            from++;
        size_t to = from;
        while (to < len && is_name(line[to]))
            to++;
        if (to == from || to - from >= size)
            continue;
        memcpy(ret_name, line + from, to - from);
        ret_name[to - from] = '\0';
        return true;
    }
    return false;
}

/* Only behind a line that is blank or a comment may a cookie stand in the second line. */
static bool lets_cookie_follow(const char *line, size_t len)
{
    size_t i = 0;
    while (i < len && is_blank(line[i]))
        i++;
    return i == len || line[i] == '#';
}

void mpr_source_encoding(const char *bytes, size_t len, char *ret_name, size_t size)
{
    snprintf(ret_name, size, "utf-8");
    if (len >= 3 && memcmp(bytes, BOM, 3) == 0)
        return;
    size_t first = line_length(bytes, len);
    if (find_cookie(bytes, first, ret_name, size) || !lets_cookie_follow(bytes, first))
        return;
    size_t next = first;
    if (next < len && bytes[next] == '\r')
        next++;
    if (next < len && bytes[next] == '\n' && next <= first + 1)
        next++;
    find_cookie(bytes + next, line_length(bytes + next, len - next), ret_name, size);
}

static void convert(iconv_t state, const char *bytes, size_t len, struct mpr_buf *out)
{
    char *in = (char *)(uintptr_t)bytes; /* iconv's signature; it does not write there */
    size_t left = len;
    while (left > 0 && !out->failed) {
        char chunk[4096];
        char *to = chunk;
        size_t room = sizeof chunk;
        size_t status = iconv(state, &in, &left, &to, &room);
        int problem = status == (size_t)-1 ? errno : 0;
        mpr_buf_append(out, chunk, (size_t)(to - chunk));
        if (problem == E2BIG)
            continue;
        if (problem == 0 || left == 0)
            break;
        mpr_buf_printf(out, "\\x%02x", (unsigned)(unsigned char)*in);
        in++;
        left--;
    }
    char tail[64];
    char *to = tail;
    size_t room = sizeof tail;
    if (iconv(state, NULL, NULL, &to, &room) != (size_t)-1)
        mpr_buf_append(out, tail, (size_t)(to - tail));
}

bool mpr_source_decode(const char *bytes, size_t len, struct mpr_buf *out)
{
    char python[64];
    char name[80];
    mpr_source_encoding(bytes, len, python, sizeof python);
    mpr_source_codec(python, name, sizeof name);
    if (len >= 3 && memcmp(bytes, BOM, 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    /* A codec of the program's own still compiles to what the file mostly says in UTF-8. */
    iconv_t state = strcasecmp(name, "UTF-8") == 0 ? (iconv_t)-1 : iconv_open("UTF-8", name);
    if (state == (iconv_t)-1) {
        mpr_buf_append(out, bytes, len);
    } else {
        convert(state, bytes, len, out);
        iconv_close(state);
    }
    return !out->failed;
}
