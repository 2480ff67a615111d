/* SPDX-License-Identifier: MIT */
/* Integers to text without floating point: no rounding surprises, no locale. */
#include "mprun/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mprun/base.h"

const struct mpr_scale mpr_scale_sizes[] = {
    [MPR_UNIT_AUTO] = {"MiB", (uint64_t)1 << 20, 1},
    [MPR_UNIT_B] = {"bytes", 1, 0},
    [MPR_UNIT_KIB] = {"KiB", (uint64_t)1 << 10, 0},
    [MPR_UNIT_MIB] = {"MiB", (uint64_t)1 << 20, 1},
    [MPR_UNIT_GIB] = {"GiB", (uint64_t)1 << 30, 2},
};
const struct mpr_scale mpr_scale_ms = {"ms", 1000000, 1};
const struct mpr_scale mpr_scale_s = {"s", 1000000000, 2};

const char *mpr_unit_name(enum mpr_unit unit)
{
    static const char *const names[] = {
        [MPR_UNIT_AUTO] = "auto",
        [MPR_UNIT_B] = "B",
        [MPR_UNIT_KIB] = "KiB",
        [MPR_UNIT_MIB] = "MiB",
        [MPR_UNIT_GIB] = "GiB",
    };
    return unit < MPR_UNITS ? names[unit] : NULL;
}

int mpr_unit_parse(const char *name, enum mpr_unit *ret_unit)
{
    for (enum mpr_unit unit = MPR_UNIT_AUTO; unit < MPR_UNITS; unit++) {
        if (strcasecmp(name, mpr_unit_name(unit)) == 0) {
            *ret_unit = unit;
            return 0;
        }
    }
    return MPR_ERR_INVALID;
}

static const uint64_t powers[] = {1, 10, 100};

uint64_t mpr_magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

int64_t mpr_add(int64_t a, int64_t b)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? INT64_MIN + 1 : INT64_MAX;
    return sum == INT64_MIN ? INT64_MIN + 1 : sum;
}

int64_t mpr_subtract(int64_t a, int64_t b)
{
    int64_t difference = 0;
    if (__builtin_sub_overflow(a, b, &difference))
        return a < 0 ? INT64_MIN + 1 : INT64_MAX;
    return difference == INT64_MIN ? INT64_MIN + 1 : difference;
}

void mpr_number_count(char *out, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
}

/* The fraction in units of the last digit, rounded; it may reach a whole one. */
static uint64_t fraction(uint64_t value, const struct mpr_scale *scale)
{
    uint64_t rest = value % scale->divisor;
    return (rest * powers[scale->decimals] + scale->divisor / 2) / scale->divisor;
}

void mpr_number_scaled(char *out, uint64_t value, const struct mpr_scale *scale)
{
    uint64_t whole = value / scale->divisor;
    uint64_t part = fraction(value, scale);
    if (part == powers[scale->decimals]) {
        whole++;
        part = 0;
    }
    mpr_number_count(out, whole);
    if (scale->decimals)
        snprintf(out + strlen(out), 8, ".%0*u", (int)scale->decimals, (unsigned)part);
}

bool mpr_number_vanishes(uint64_t value, const struct mpr_scale *scale)
{
    return value != 0 && value < scale->divisor && fraction(value, scale) == 0;
}

const char *mpr_number_half(const struct mpr_scale *scale)
{
    static const char *const halves[] = {"0.5", "0.05", "0.005"};
    return halves[scale->decimals];
}

void mpr_number_duration(char *out, uint64_t ns, bool unicode)
{
    size_t size = MPR_NUMBER_MAX;
    uint64_t seconds = ns / 1000000000;
    if (ns < 1000)
        snprintf(out, size, "%u ns", (unsigned)ns);
    else if (ns < 1000000)
        snprintf(out, size, "%u %s", (unsigned)(ns / 1000), unicode ? "µs" : "us");
    else if (ns < 10000000)
        snprintf(out, size, "%.1f ms", (double)ns / 1e6);
    else if (ns < 999500000)
        snprintf(out, size, "%.0f ms", (double)ns / 1e6);
    else if (seconds < 100)
        snprintf(out, size, "%.2f s", (double)ns / 1e9);
    else if (seconds < 3600)
        snprintf(out, size, "%u min %02u s", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else
        snprintf(
            out, size, "%" PRIu64 " h %02u min", seconds / 3600, (unsigned)(seconds / 60 % 60));
}

void mpr_number_size(char *out, uint64_t bytes)
{
    static const char *const labels[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t step = 0;
    struct mpr_scale scale = {labels[0], 1, 0};
    while (step < 4 && bytes / scale.divisor >= 1024)
        scale = (struct mpr_scale){labels[++step], scale.divisor << 10, 0};
    scale.decimals = bytes % scale.divisor ? 1 : 0;
    mpr_number_scaled(out, bytes, &scale);
    size_t len = strlen(out);
    snprintf(out + len, MPR_NUMBER_MAX - len, " %s", scale.label);
}
