/* SPDX-License-Identifier: MIT */
/* Where the report goes. A file is opened before the target starts, so that a name that cannot be
 * written costs no run, and replaced only when the report is complete. */
#ifndef MPRUN_CLI_OUTPUT_H
#define MPRUN_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"

struct mpr_output {
    int fd; /* readable, too, where path is not NULL */
    bool owns_fd;
    bool unnamed;     /* the file has no name yet */
    bool in_place;    /* what is at path is written over: no other file could be what it is */
    char *path;       /* of the file, links resolved; NULL: written directly */
    char *temporary;  /* beside it; NULL: it has none */
    bool begun;       /* something was written */
    bool reader_gone; /* the pipe's reader has left, which is no error */
    int failed;       /* errno of the write that failed, 0 none */
};

/* `name`: a file, "-" or NULL for standard output. Refuses directories, existing files of Python's,
 * and what is the same file as one of `sources` (NULL-terminated; NULL: none). */
int mpr_output_open(const char *name, const char *const *sources, struct mpr_output *ret_output,
    struct mpr_error *err);
/* Would the output now take the place of the file at `path`? */
bool mpr_output_replaces(const struct mpr_output *output, const char *path);
/* Write a part of it: a drain of a buffer's. */
mpr_buf_drain mpr_output_put;
/* Take back what was written. False where it has gone to somebody. */
bool mpr_output_restart(struct mpr_output *output);
/* All has been written: put the file in its place. Fails, too, if writing failed. */
int mpr_output_finish(struct mpr_output *output, struct mpr_error *err);
/* Close; a file that was not completed is removed. */
void mpr_output_release(struct mpr_output *output);

#endif
