/* SPDX-License-Identifier: MIT */
/* Which entries of two sequences belong together, as in a comparison of two texts: the entries are
 * numbers, equal ones for equal lines. */
#ifndef MPRUN_ALIGN_H
#define MPRUN_ALIGN_H

#include <stddef.h>
#include <stdint.h>

#define MPR_UNALIGNED SIZE_MAX

/* For each of `a`, in ret_in_b: the equal one of `b` that it belongs to, or MPR_UNALIGNED. Partners
 * ascend, and there are as many of them as can be: where the two are so long that this would take
 * too much, those between lines that are only once in each. Exchanging `a` and `b` exchanges the
 * answer and changes nothing of it. MPR_ERR_NOMEM without a message. */
int mpr_align(
    const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, size_t *ret_in_b);

#endif
