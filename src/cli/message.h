/* SPDX-License-Identifier: MIT */
/* mprun's own messages: to stderr, one write a message, behind "mprun: ". */
#ifndef MPRUN_CLI_MESSAGE_H
#define MPRUN_CLI_MESSAGE_H

/* No trailing newline in the format. */
void mpr_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct mpr_buf;

/* Each line of the buffer, whose line ends become NULs. */
void mpr_say_lines(struct mpr_buf *lines);

#endif
