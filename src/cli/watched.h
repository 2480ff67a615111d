/* SPDX-License-Identifier: MIT */
/* What a measured program and the process that reads its session say to one another: packets of an
 * AF_UNIX SOCK_SEQPACKET pair, a line of text each, without a line end. The program is the one that
 * made the pair.
 *
 *   reader → program   mprun 1 ready      with the recording's descriptor (SCM_RIGHTS)
 *   program → reader   snapshot PATH      write the profile of this moment; the session goes on
 *                      keep PATH          what would go to FILE goes there from now on
 *                      stop               it has ended: write the profile to FILE, and end
 *                      drop               nothing was measured: write nothing, and end
 *   reader → program   done               as asked
 *                      error SENTENCE     not done; the reader goes on, or ends if it was to
 *
 * Any other packet is answered by an error. A program that dies, or closes the pair, gets its
 * profile up to then into FILE. */
#ifndef MPRUN_CLI_WATCHED_H
#define MPRUN_CLI_WATCHED_H

#include <stddef.h>

#include "mprun/base.h"

enum mpr_request {
    MPR_REQUEST_UNKNOWN,
    MPR_REQUEST_SNAPSHOT,
    MPR_REQUEST_KEEP,
    MPR_REQUEST_STOP,
    MPR_REQUEST_DROP,
    MPR_REQUEST_GONE, /* the other end is closed */
};

/* The longest packet. */
#define MPR_PACKET_MAX 4608u

/* *ret_argument: what stands behind the word, in `text`, or "". The text ends with a NUL at
 * text[len]. */
enum mpr_request mpr_request_parse(char *text, size_t len, const char **ret_argument);
/* Take the next packet into `text`, which has MPR_PACKET_MAX + 1 bytes. */
enum mpr_request mpr_request_take(int fd, char *text, const char **ret_argument);
/* With `status` < 0 the error. Nobody may be there any more. */
void mpr_request_answer(int fd, int status, const struct mpr_error *err);
/* The first packet. */
int mpr_request_ready(int fd, int recording_fd, struct mpr_error *err);

#endif
