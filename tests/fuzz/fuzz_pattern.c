/* SPDX-License-Identifier: MIT */
/* Any text as a --func pattern and as what it is held against. The input's lines are the pattern,
 * a module, a qualified name and a file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mprun/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES 4

/* Each line in memory of its own: what reads past its end is seen. */
static void split(const uint8_t *data, size_t size, char *ret_line[LINES])
{
    const char *at = (const char *)data;
    const char *end = at + size;
    for (size_t i = 0; i < LINES; i++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop && i + 1 < LINES ? stop : end) - at);
        ret_line[i] = strndup(at, len);
        if (!ret_line[i])
            abort();
        at += len;
        at += at < end;
    }
}

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* A pattern's parts lie in its text. */
static void check_spans(const struct mpr_pattern *pattern, const char *text)
{
    size_t len = strlen(text);
    require(pattern->name_len > 0 && pattern->name >= text);
    require((size_t)(pattern->name - text) + pattern->name_len <= len);
    if (pattern->scope)
        require(pattern->scope >= text && pattern->scope + pattern->scope_len < pattern->name);
}

static void hold_against(const struct mpr_pattern *pattern, char *const line[LINES])
{
    struct mpr_subject subject = {.module = line[1], .qualname = line[2], .file = line[3]};
    bool anywhere = mpr_pattern_match(pattern, &subject);
    subject.users_code = true;
    bool in_users_code = mpr_pattern_match(pattern, &subject);
    require(in_users_code || !anywhere);
    if (!pattern->scope)
        require(!anywhere);
    mpr_pattern_distance(pattern, line[1], line[2]);
}

static bool is_utf8(const char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0, step; at < len; at += step) {
        step = mpr_utf8_sequence(text + at, len - at);
        if (step == 0)
            return false;
    }
    return true;
}

/* A name is matched by itself. CPython's names are UTF-8, and `*` steps
 * over whole characters. */
static void hold_against_itself(const struct mpr_pattern *pattern)
{
    struct mpr_subject subject = {
        .module = "", .qualname = pattern->name, .file = "", .users_code = true};
    if (pattern->scope || strchr(pattern->name, '<') || !is_utf8(pattern->name))
        return;
    require(mpr_pattern_match(pattern, &subject));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line[LINES];
    struct mpr_pattern pattern;
    struct mpr_error err = {""};
    split(data, size, line);
    if (mpr_pattern_parse(line[0], &pattern, &err) == 0) {
        check_spans(&pattern, line[0]);
        hold_against(&pattern, line);
        hold_against_itself(&pattern);
    } else {
        require(err.message[0] != '\0');
    }
    for (size_t i = 0; i < LINES; i++)
        free(line[i]);
    return 0;
}
