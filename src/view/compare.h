/* SPDX-License-Identifier: MIT */
/* The steps of a comparison, in their order. Each is false where memory ended. */
#ifndef MPRUN_VIEW_COMPARE_STEPS_H
#define MPRUN_VIEW_COMPARE_STEPS_H

#include "mprun/compare.h"

/* compare_functions.c: which function is which; without rows. */
bool mpr_compare_functions(struct mpr_comparison *comparison);
/* compare_rows.c: the rows of a function, and what became of it. */
bool mpr_compare_rows(
    const struct mpr_comparison *comparison, struct mpr_compared_function *function);
/* compare_sites.c: after all rows. */
bool mpr_compare_sites(struct mpr_comparison *comparison);

/* compare_figure.c: the units that suit the changes, and what can be seen in them. */
void mpr_compare_choose(struct mpr_comparison *comparison, enum mpr_unit unit);

/* compare_text.c: numbers for texts, equal for equal ones. Blanks around them never count. The text
 * is borrowed. */
enum mpr_likeness {
    MPR_LIKE_WHOLE,
    MPR_LIKE_SHAPE, /* but for the numbers and strings in it */
    MPR_LIKE_STEM, /* as far as the first sign behind its first words: what is assigned or called */
};

struct mpr_line_text {
    const char *text; /* NULL: none is known, and `line` stands for it */
    uint32_t line;
    uint32_t number; /* to be found */
};

/* Number the lines of both. */
bool mpr_number_lines(struct mpr_line_text *lines, size_t count, enum mpr_likeness likeness);
/* A line with nothing in it. */
bool mpr_line_is_blank(const char *text);

/* Of what changed by so much each, which is worse: growth is, before all that shrank. */
int64_t mpr_worse(int64_t a, int64_t b);

#endif
