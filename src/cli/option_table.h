/* SPDX-License-Identifier: MIT */
/* The options, a row each. */
#ifndef MPRUN_CLI_OPTION_TABLE_H
#define MPRUN_CLI_OPTION_TABLE_H

#include "options.h"

#define MPR_OPTION_NO_SHORT 0x100 /* keys from here on have no letter */

#define MPR_VALUES_FILE "/" /* any file */

struct mpr_option {
    int key;              /* its letter, or a number from MPR_OPTION_NO_SHORT on */
    const char *name;     /* long name, NULL without */
    const char *argument; /* what stands for its value in the help, NULL without */
    const char *values; /* what a shell completes: words with blanks between, or MPR_VALUES_FILE */
    const char *help;   /* '\n' continues on the next line; NULL: not in the list of options */
    bool stray;         /* worth a note where it is found among the program's words */
    /* Take the value (NULL without); the message need not name the option. */
    int (*take)(struct mpr_options *options, const char *value, struct mpr_error *err);
};

/* Ends with key 0. */
extern const struct mpr_option mpr_option_table[];

const struct mpr_option *mpr_option_by_key(int key);

/* What is wrong with an option that getopt refused: 0 if nothing is. */
int mpr_option_diagnose(const char *word, struct mpr_error *err);
/* Would `word` be an option before the program that deserves a note behind it? */
bool mpr_option_is_stray(const char *word);

/* Words of the help that the manual shows too: lines of at most eighty columns. */
extern const char mpr_help_usage[];
extern const char mpr_help_description[];
extern const char mpr_help_examples[];
/* The screen of --help. */
void mpr_help_append(struct mpr_buf *out);

#endif
