/* SPDX-License-Identifier: MIT */
/* The options, a row each: parsing, checks, help, manual and completions come from it. They stand
 * in groups by their subject, a group in the file that takes its values; a command names its
 * groups. */
#ifndef MPRUN_CLI_OPTION_TABLE_H
#define MPRUN_CLI_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"

struct mpr_options;
struct mpr_option;

/* Take the value (NULL for an option without) into options; the message need not name the option.
 */
typedef int mpr_option_take(const struct mpr_option *row, const char *value,
    struct mpr_options *options, struct mpr_error *err);

struct mpr_option {
    char letter;          /* 0 without */
    const char *name;     /* long name, NULL without */
    const char *argument; /* what stands for its value in the help, NULL: it takes none */
    /* The words that its value may be, NULL behind the last one; NULL: it may be others. */
    const char *(*word)(size_t index);
    bool file;       /* its value is a file's name */
    bool repeatable; /* each value adds to the others */
    /* As mpr_help_wrap takes it; NULL: not in the list of options. */
    const char *help;
    const char *topic; /* of `mprun help` that says more, NULL: none */
    bool rare;         /* there is no room for it on the screen of --help */
    bool common;       /* many programs have it, too: no note where it is among a program's words */
    size_t field;      /* of struct mpr_options, for those that take several options' values */
    mpr_option_take *take;
};

/* The groups. Each ends with a row that is 0. */
extern const struct mpr_option mpr_options_selection[]; /* option_measure.c: what is measured, */
extern const struct mpr_option mpr_options_measure[];   /* how, */
extern const struct mpr_option mpr_options_launch[];    /* and under which interpreter */
extern const struct mpr_option mpr_options_sampling[];  /* how often from outside */
extern const struct mpr_option mpr_options_output[];    /* option_report.c: where a report goes, */
extern const struct mpr_option mpr_options_report[];    /* and what is in one of a profile */
extern const struct mpr_option mpr_options_saved[];     /* … that was saved */
extern const struct mpr_option mpr_options_diff[];      /* option_diff.c */
extern const struct mpr_option mpr_options_budget[];    /* option_budget.c */
extern const struct mpr_option mpr_options_general[];   /* option_general.c */
extern const struct mpr_option mpr_options_program[];   /* -m and -c, which end the options */

/* All groups, in the order of the help; NULL-terminated. */
extern const struct mpr_option *const mpr_option_groups[];

/* A row of a NULL-terminated list of groups; NULL behind the last one. */
const struct mpr_option *mpr_option_in(const struct mpr_option *const *groups, size_t index);
/* A row of all; NULL behind the last one. */
const struct mpr_option *mpr_option_at(size_t index);
const struct mpr_option *mpr_option_by_letter(char letter);

/* MPR_ERR_INVALID: `value` is none of its words. */
int mpr_option_refuse(const struct mpr_option *row, const char *value, struct mpr_error *err);

/* Values of several options, for `field`: a bool, which becomes true. */
mpr_option_take mpr_option_take_flag;

/* What is wrong with an option that getopt refused: 0 if nothing is. */
int mpr_option_diagnose(const char *word, struct mpr_error *err);
/* Would `word` be an option before the program that deserves a note behind it? */
bool mpr_option_is_stray(const char *word);

#endif
