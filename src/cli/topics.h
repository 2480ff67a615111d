/* SPDX-License-Identifier: MIT */
/* What `mprun help TOPIC` and `mprun completion SHELL` print, a row each. */
#ifndef MPRUN_CLI_TOPICS_H
#define MPRUN_CLI_TOPICS_H

#include "mprun/base.h"

struct mpr_topic {
    const char *name;
    const char *title; /* of its section in the manual, NULL: it has none there */
    void (*append)(struct mpr_buf *out);
};

/* NULL-name-terminated. */
extern const struct mpr_topic mpr_topics[];
extern const struct mpr_topic mpr_shells[];

/* NULL if the table has no such row. */
const struct mpr_topic *mpr_topic_by_name(const struct mpr_topic *table, const char *name);
/* "columns, patterns, rss" */
void mpr_topic_names(const struct mpr_topic *table, const char *between, struct mpr_buf *out);

/* manual.c: the manual page, in roff. */
void mpr_manual_append(struct mpr_buf *out);
/* completion.c */
void mpr_completion_bash(struct mpr_buf *out);
void mpr_completion_zsh(struct mpr_buf *out);
void mpr_completion_fish(struct mpr_buf *out);

#endif
