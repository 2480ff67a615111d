/* SPDX-License-Identifier: MIT */
/* The target's side of the recording: appends records and publishes them. One writer per process,
 * calls serialised by the GIL. */
#ifndef MPRUN_RECORDING_WRITER_H
#define MPRUN_RECORDING_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "mprun/base.h"
#include "mprun/recording.h"

struct mpr_rec_writer;

/* The recording's descriptor by its number's text, which comes from the environment and may be
 * anybody's: -1 if there is no sealed memfd behind it that begins like a recording. Nothing is
 * written to it. */
int mpr_rec_find(const char *number);
/* Map the recording behind fd and check version and size; fd may be closed afterwards, growth
 * needs none. One at a time: the writer lives until mpr_rec_detach, or the process's end. Its
 * memory is the recording's and one static object: it never calls malloc. What becomes resident is
 * counted in `rss.own`. */
int mpr_rec_attach(int fd, struct mpr_rec_writer **ret_writer, struct mpr_error *err);
/* Unmap all of it. Nobody uses it. */
void mpr_rec_detach(struct mpr_rec_writer *writer);
/* In a child: what is written where the recording was is its own from here on, and begins as zeros.
 * No pointer into the recording stands in it, so who is in the middle of that finds nothing to
 * follow. Where the kernel refuses that, it is not to be read nor written there: who is in the
 * middle of that dies, and the parent's recording is as it was. Safe in a signal's handler. */
void mpr_rec_leave(struct mpr_rec_writer *writer);
struct mpr_rec_header *mpr_rec_writer_header(struct mpr_rec_writer *writer);
/* A zeroed record of `size` bytes (head included), not yet visible; NULL when full (counted in
 * `counts.dropped`), or where the lock is refused (a handler's, see lock.h: counted nowhere). Holds
 * the writer's lock until publish, which must follow in the same thread.
 */
void *mpr_rec_append(struct mpr_rec_writer *writer, enum mpr_rec_kind kind, size_t size);
void mpr_rec_publish(struct mpr_rec_writer *writer);
/* Offset in the region of the record last appended. */
uint64_t mpr_rec_last_offset(const struct mpr_rec_writer *writer);

/* Put the reason and the state REFUSED into the recording behind fd, without mapping it: for a host
 * that cannot start. */
void mpr_rec_refuse(int fd, const char *reason);

#endif
