/* SPDX-License-Identifier: MIT */
/* What `mprun help TOPIC` and `mprun completion SHELL` print, a row each. */
#ifndef MPRUN_CLI_TOPICS_H
#define MPRUN_CLI_TOPICS_H

#include "commands.h"

struct mpr_topic {
    const char *name;
    const char *title; /* of its section in the manual, NULL: it has none there */
    void (*append)(struct mpr_buf *out);
};

/* NULL-name-terminated. */
extern const struct mpr_topic mpr_topics[];
extern const struct mpr_topic mpr_shells[]; /* cmd_completion.c */

/* NULL if the table has no such row. */
const struct mpr_topic *mpr_topic_by_name(const struct mpr_topic *table, const char *name);
/* The one row that a command names, as its only word; the message is `refusal`, the word and those
 * that there are. */
int mpr_topic_take(const struct mpr_command *command, const struct mpr_topic *table,
    const char *refusal, const char *word, struct mpr_options *options, struct mpr_error *err);

/* manual.c: the manual page, in roff. */
void mpr_manual_append(struct mpr_buf *out);

/* cmd_help.c: what the manual shows, too, in lines of at most eighty columns: the synopsis, what
 * mprun and its commands do, examples. */
void mpr_help_synopsis(struct mpr_buf *out);
void mpr_help_description(struct mpr_buf *out);
extern const char mpr_help_examples[];
/* The screen of --help. */
void mpr_help_append(struct mpr_buf *out);

#endif
