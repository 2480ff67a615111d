/* SPDX-License-Identifier: MIT */
/* Implements proc.h but for what opens. Pure; no system call, also for the target. */
#include "mprun/proc.h"

#include <ctype.h>
#include <string.h>

/* Decimal digits at *at, before `end`; moves *at behind them. */
static int parse_number(const char **at, const char *end, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *p = *at;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*p - '0'), &number))
            return MPR_ERR_INVALID;
    if (p == *at)
        return MPR_ERR_INVALID;
    *at = p;
    *ret_number = number;
    return 0;
}

int mpr_proc_parse_statm(const char *text, size_t len, uint64_t *ret_pages)
{
    const char *at = text;
    const char *end = text + len;
    uint64_t size, resident;
    if (parse_number(&at, end, &size) < 0 || at == end || *at++ != ' ' ||
        parse_number(&at, end, &resident) < 0 || at == end || *at != ' ')
        return MPR_ERR_INVALID;
    *ret_pages = resident;
    return 0;
}

int mpr_proc_parse_status(const char *text, size_t len, const char *field, uint64_t *ret_bytes)
{
    size_t field_len = strlen(field);
    const char *end = text + len;
    for (const char *line = text; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        if (!line_end)
            return MPR_ERR_INVALID;
        const char *at = line + field_len;
        uint64_t kib;
        if ((size_t)(line_end - line) > field_len && memcmp(line, field, field_len) == 0 &&
            *at++ == ':') {
            while (at < line_end && (*at == ' ' || *at == '\t'))
                at++;
            if (parse_number(&at, line_end, &kib) < 0 || line_end - at != 3 ||
                memcmp(at, " kB", 3) != 0 || kib > UINT64_MAX >> 10)
                return MPR_ERR_INVALID;
            *ret_bytes = kib << 10;
            return 0;
        }
        line = line_end + 1;
    }
    return MPR_ERR_INVALID;
}

int mpr_proc_parse_state(const char *text, size_t len, char *ret_state)
{
    const char *name_end = memrchr(text, ')', len);
    if (!name_end || text + len - name_end < 3 || name_end[1] != ' ')
        return MPR_ERR_INVALID;
    *ret_state = name_end[2];
    return 0;
}

int mpr_proc_parse_size(const char *text, size_t len, uint64_t *ret_pages)
{
    const char *at = text;
    const char *end = text + len;
    uint64_t size;
    if (parse_number(&at, end, &size) < 0 || at == end || *at != ' ')
        return MPR_ERR_INVALID;
    *ret_pages = size;
    return 0;
}

/* Fields of stat behind the state, which is the first of them behind the name. */
enum { KIN_PARENT = 1, KIN_GROUP = 2, KIN_SESSION = 3, KIN_START = 19 };

/* What of the others is negative is none that is asked for. */
static int take_field(size_t field, const char *at, const char *end, struct mpr_proc_kin *kin)
{
    uint64_t *wanted = field == KIN_PARENT    ? &kin->parent
                       : field == KIN_GROUP   ? &kin->group
                       : field == KIN_SESSION ? &kin->session
                       : field == KIN_START   ? &kin->start
                                              : NULL;
    return wanted ? parse_number(&at, end, wanted) : 0;
}

int mpr_proc_parse_kin(const char *text, size_t len, struct mpr_proc_kin *ret_kin)
{
    const char *end = text + len;
    const char *at = memrchr(text, ')', len);
    struct mpr_proc_kin kin;
    if (!at || end - at < 3 || at[1] != ' ')
        return MPR_ERR_INVALID;
    at += 2;
    for (size_t field = 0; field <= KIN_START; field++) {
        const char *blank = memchr(at, ' ', (size_t)(end - at));
        if (!blank || take_field(field, at, blank, &kin) < 0)
            return MPR_ERR_INVALID;
        at = blank + 1;
    }
    *ret_kin = kin;
    return 0;
}

int mpr_proc_parse_name(const char *text, size_t len, char *ret_name, size_t size)
{
    const char *from = memchr(text, '(', len);
    const char *to = memrchr(text, ')', len);
    if (!from || !to || to < from)
        return MPR_ERR_INVALID;
    size_t width = (size_t)(to - from) - 1;
    width = width < size ? width : size - 1;
    memcpy(ret_name, from + 1, width);
    ret_name[width] = '\0';
    return 0;
}

int mpr_proc_parse_newest(const char *text, size_t len, uint64_t *ret_pid)
{
    const char *at = len ? memrchr(text, ' ', len) : NULL, *end = text + len;
    uint64_t pid;
    if (!at)
        return MPR_ERR_INVALID;
    at++;
    if (parse_number(&at, end, &pid) < 0 || at == end || *at != '\n')
        return MPR_ERR_INVALID;
    *ret_pid = pid;
    return 0;
}

/* What stands behind `key`; NULL if that is not there. */
static const char *value_of(const char *text, size_t len, const char *key)
{
    size_t key_len = strlen(key);
    const char *at = memmem(text, len, key, key_len);
    return at ? at + key_len : NULL;
}

int mpr_proc_parse_pid(const char *text, size_t len, uint64_t *ret_pid)
{
    const char *at = value_of(text, len, "\nPid:\t");
    uint64_t pid;
    if (!at || parse_number(&at, text + len, &pid) < 0)
        return MPR_ERR_INVALID;
    if (at == text + len || *at != '\n' || pid == 0)
        return MPR_ERR_INVALID;
    *ret_pid = pid;
    return 0;
}

int mpr_proc_parse_leader(const char *text, size_t len, uint64_t *ret_pid)
{
    const char *at = value_of(text, len, "\nTgid:\t");
    uint64_t pid;
    if (!at || parse_number(&at, text + len, &pid) < 0 || at == text + len || *at != '\n')
        return MPR_ERR_INVALID;
    *ret_pid = pid;
    return 0;
}

int mpr_proc_parse_pending(const char *text, size_t len, uint64_t *ret_mask)
{
    const char *first = value_of(text, len, "\nShdPnd:\t");
    const char *digit = first;
    uint64_t mask = 0;
    if (!first)
        return MPR_ERR_INVALID;
    for (; digit < text + len && digit - first < 16 && isxdigit((unsigned char)*digit); digit++)
        mask = mask << 4 | (uint64_t)(*digit <= '9' ? *digit - '0' : (*digit | 0x20) - 'a' + 10);
    if (digit == first)
        return MPR_ERR_INVALID;
    *ret_mask = mask;
    return 0;
}
