/* SPDX-License-Identifier: MIT */
/* The supervisor's side of the recording: makes it, and reads it without trusting what it says. */
#ifndef MPRUN_RECORDING_READER_H
#define MPRUN_RECORDING_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"
#include "mprun/recording.h"

/* A new recording: sealed-size memfd (close-on-exec) with header and patterns, state STARTING.
 * MPR_ERR_LIMIT names RLIMIT_FSIZE when it is too small. */
int mpr_rec_create(const char *const *patterns, size_t pattern_count, uint32_t settings,
    enum mpr_rss_tier rss_request, int *ret_fd, struct mpr_error *err);

struct mpr_rec_reader;

/* Map read-only. The region may still be growing; each call of mpr_rec_next sees what is
 * published by then. fd stays the caller's. */
int mpr_rec_open(int fd, struct mpr_rec_reader **ret_reader, struct mpr_error *err);
void mpr_rec_close(struct mpr_rec_reader *reader);
/* Borrowed; text fields may lack their NUL if the region is hostile: use mpr_rec_text. */
const struct mpr_rec_header *mpr_rec_header(const struct mpr_rec_reader *reader);
/* Next record after *cursor (start with 0). 1: *ret set; 0: end of what is published;
 * MPR_ERR_CORRUPT. A record that is returned lies inside the region, its size fits its kind, and
 * (FUNCTION) its rows do too. */
int mpr_rec_next(const struct mpr_rec_reader *reader, uint64_t *cursor,
    const struct mpr_rec_head **ret_record, struct mpr_error *err);
/* The target is gone, or what it goes on writing is not wanted: give back the address space behind
 * the end of the log, or see all of it where it was cut and there is room. Where there is memory,
 * read from a copy from now on: children of the target may still have the recording, and could
 * change what has been checked. What was borrowed before is void. */
void mpr_rec_settle(struct mpr_rec_reader *reader, int fd);
/* More is published than this reader could map (ulimit -v): the log ends early for it. */
bool mpr_rec_is_cut(const struct mpr_rec_reader *reader);
/* The record's own offset in the region. */
uint64_t mpr_rec_offset(const struct mpr_rec_reader *reader, const struct mpr_rec_head *record);
/* The activation at that offset, or NULL. */
const struct mpr_rec_activation *mpr_rec_activation_at(
    const struct mpr_rec_reader *reader, uint64_t offset);
/* The NUL-terminated text at `offset` of the record, or "" if it does not end inside it. */
const char *mpr_rec_text(const struct mpr_rec_head *record, uint32_t offset);

#endif
