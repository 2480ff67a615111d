/* SPDX-License-Identifier: MIT */
/* How far a mistyped NAME is from a name: edits (insert, delete, replace, swap neighbours) between
 * it and the best suffix of whole components, letter case aside. For messages only. */
#include "mprun/pattern.h"

#include <string.h>

#include "name.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* NAME without its stars, which stand for anything. 0 if nothing is left or it is too long. */
static size_t copy_pattern(const struct mpr_pattern *pattern, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < pattern->name_len; i++) {
        if (pattern->name[i] == '*')
            continue;
        if (len == MPR_EDIT_MAX)
            return 0;
        out[len++] = lower(pattern->name[i]);
    }
    return len;
}

/* The rest of a name; SIZE_MAX if it is too long. */
static size_t copy_name(struct mpr_name name, char *out)
{
    size_t len = 0;
    for (char byte = mpr_name_byte(&name); byte; byte = mpr_name_byte(&name)) {
        if (len == MPR_EDIT_MAX)
            return SIZE_MAX;
        out[len++] = lower(byte);
        mpr_name_step(&name);
    }
    return len;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Same last component: a right name with a wrong class or module before it. */
static bool same_ending(const char *a, size_t a_len, const char *b, size_t b_len)
{
    const char *a_dot = memrchr(a, '.', a_len);
    const char *b_dot = memrchr(b, '.', b_len);
    size_t a_start = a_dot ? (size_t)(a_dot + 1 - a) : 0;
    size_t b_start = b_dot ? (size_t)(b_dot + 1 - b) : 0;
    return a_len - a_start == b_len - b_start &&
           memcmp(a + a_start, b + b_start, a_len - a_start) == 0;
}

size_t mpr_pattern_distance(
    const struct mpr_pattern *pattern, const char *module, const char *qualname)
{
    char wanted[MPR_EDIT_MAX];
    size_t wanted_len = copy_pattern(pattern, wanted);
    if (wanted_len == 0)
        return SIZE_MAX;
    size_t best = SIZE_MAX;
    bool related = false;
    struct mpr_name name = mpr_name_start(module, qualname);
    do {
        char text[MPR_EDIT_MAX];
        size_t len = copy_name(name, text);
        if (len == SIZE_MAX)
            continue;
        best = least(best, mpr_edit_distance(wanted, wanted_len, text, len));
        related = related || memmem(text, len, wanted, wanted_len) ||
                  same_ending(wanted, wanted_len, text, len);
    } while (mpr_name_next_component(&name, '.'));
    size_t bound = wanted_len / 3 > 2 ? wanted_len / 3 : 2;
    return related || best <= bound ? best : SIZE_MAX;
}
