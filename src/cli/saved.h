/* SPDX-License-Identifier: MIT */
/* Saved profiles as the command line names them, and a report on them. */
#ifndef MPRUN_CLI_SAVED_H
#define MPRUN_CLI_SAVED_H

#include "mprun/compare.h"
#include "mprun/view.h"
#include "options.h"

struct mpr_saved {
    char *path; /* of the file; owned */
    struct mpr_profile *profile;
};

/* FILE, or FILE@MARK: the profile as of that mark, where no file is called all of that. What is
 * filled in before it fails, too, is for the release. */
int mpr_saved_load(const char *word, struct mpr_saved *saved, struct mpr_error *err);
/* Takes what is all zero. */
void mpr_saved_release(struct mpr_saved *saved);

/* Write the report on some: a view of one, or the comparison of two. It never takes the place of a
 * file that was read. */
int mpr_saved_report(const struct mpr_options *options, const struct mpr_saved *saved, size_t count,
    const struct mpr_view *view, const struct mpr_comparison *comparison, struct mpr_error *err);

/* How a command on saved profiles ends: what is wrong has been told, `over` is that a limit was
 * exceeded. */
struct mpr_ending mpr_saved_ending(int status, bool over, const struct mpr_error *err);

#endif
