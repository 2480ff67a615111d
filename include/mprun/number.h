/* SPDX-License-Identifier: MIT */
/* Numbers as people read them, and sums that cannot overflow. */
#ifndef MPRUN_NUMBER_H
#define MPRUN_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mpr_unit { MPR_UNIT_AUTO, MPR_UNIT_B, MPR_UNIT_KIB, MPR_UNIT_MIB, MPR_UNIT_GIB, MPR_UNITS };

/* Fits every result. */
#define MPR_NUMBER_MAX 64

/* A fixed-point scale: value / divisor, shown with that many decimals. */
struct mpr_scale {
    const char *label; /* "MiB", "ms" */
    uint64_t divisor;
    unsigned decimals; /* 0…2 */
};

extern const struct mpr_scale mpr_scale_sizes[]; /* by enum mpr_unit; AUTO is MiB */
extern const struct mpr_scale mpr_scale_ms;
extern const struct mpr_scale mpr_scale_s;

/* As options take it; NULL behind the last one. */
const char *mpr_unit_name(enum mpr_unit unit);
int mpr_unit_parse(const char *name, enum mpr_unit *ret_unit);

uint64_t mpr_magnitude(int64_t value);
/* Both saturate, and are never INT64_MIN, which says "unknown". */
int64_t mpr_add(int64_t a, int64_t b);
int64_t mpr_subtract(int64_t a, int64_t b);
/* 1,234.5: thousands separated, rounded to nearest. */
void mpr_number_scaled(char *out, uint64_t value, const struct mpr_scale *scale);
/* Non-zero, but shown as zero. */
bool mpr_number_vanishes(uint64_t value, const struct mpr_scale *scale);
/* What is just not shown, "0.05". */
const char *mpr_number_half(const struct mpr_scale *scale);
void mpr_number_count(char *out, uint64_t value);
/* "268 ms", "1.23 s", "2 min 03 s" */
void mpr_number_duration(char *out, uint64_t ns, bool unicode);
/* "4 KiB", "1.5 MiB": a single size with its unit. */
void mpr_number_size(char *out, uint64_t bytes);

#endif
