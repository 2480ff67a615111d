/* SPDX-License-Identifier: MIT */
/* Numbers as users write them: whole strings only, no sign, no blanks, no locale. A value that
 * does not fit is malformed, never clamped. */
#include "mprun/base.h"

/* Wide enough for a 64-bit whole part times any unit. */
__extension__ typedef unsigned __int128 wide;

/* More digits of a fraction than this cannot change a value in nanoseconds or bytes. */
#define FRACTION_DIGITS 15

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit durations[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", 1000 * 1000},
    {"s", 1000 * 1000 * 1000},
    {NULL, 0},
};

static const struct unit sizes[] = {
    {"", 1},
    {"b", 1},
    {"k", (uint64_t)1 << 10},
    {"kb", (uint64_t)1 << 10},
    {"kib", (uint64_t)1 << 10},
    {"m", (uint64_t)1 << 20},
    {"mb", (uint64_t)1 << 20},
    {"mib", (uint64_t)1 << 20},
    {"g", (uint64_t)1 << 30},
    {"gb", (uint64_t)1 << 30},
    {"gib", (uint64_t)1 << 30},
    {"t", (uint64_t)1 << 40},
    {"tb", (uint64_t)1 << 40},
    {"tib", (uint64_t)1 << 40},
    {NULL, 0},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits at *text, at least one, to a number; *text moves behind them. */
static int take_digits(const char **text, uint64_t *ret)
{
    uint64_t value = 0;
    const char *at = *text;
    for (; is_digit(*at); at++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return MPR_ERR_INVALID;
    }
    if (at == *text)
        return MPR_ERR_INVALID;
    *text = at;
    *ret = value;
    return 0;
}

/* The digits after a point as numerator over *ret_scale. */
static int take_fraction(const char **text, uint64_t *ret_value, uint64_t *ret_scale)
{
    if (!is_digit(**text))
        return MPR_ERR_INVALID;
    int digits = 0;
    for (; is_digit(**text); (*text)++) {
        if (digits++ >= FRACTION_DIGITS)
            continue;
        *ret_value = *ret_value * 10 + (uint64_t)(**text - '0');
        *ret_scale *= 10;
    }
    return 0;
}

/* strcasecmp follows the locale, where K and k need not pair. */
static bool same_unit(const char *unit, const char *text, bool any_case)
{
    for (; *unit && *text; unit++, text++) {
        bool upper = any_case && *text >= 'A' && *text <= 'Z';
        if (*unit != (upper ? *text - 'A' + 'a' : *text))
            return false;
    }
    return *unit == *text;
}

static int parse_with_unit(const char *text, const struct unit *units, bool any_case, uint64_t *ret)
{
    uint64_t whole = 0;
    uint64_t part = 0;
    uint64_t scale = 1;
    int status = take_digits(&text, &whole);
    if (!status && *text == '.') {
        text++;
        status = take_fraction(&text, &part, &scale);
    }
    if (status)
        return status;
    const struct unit *unit = units;
    while (unit->name && !same_unit(unit->name, text, any_case))
        unit++;
    if (!unit->name || (part && unit->factor == 1))
        return MPR_ERR_INVALID;
    wide value = (wide)whole * unit->factor + (wide)part * unit->factor / scale;
    if (value > UINT64_MAX)
        return MPR_ERR_INVALID;
    *ret = (uint64_t)value;
    return 0;
}

int mpr_parse_u64(const char *text, uint64_t *ret)
{
    uint64_t value = 0;
    if (take_digits(&text, &value) || *text != '\0')
        return MPR_ERR_INVALID;
    *ret = value;
    return 0;
}

int mpr_parse_duration(const char *text, uint64_t *ret_ns)
{
    return parse_with_unit(text, durations, false, ret_ns);
}

int mpr_parse_size(const char *text, uint64_t *ret_bytes)
{
    return parse_with_unit(text, sizes, true, ret_bytes);
}
