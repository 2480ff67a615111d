/* SPDX-License-Identifier: MIT */
/* A process of mprun's in the target's process group that only keeps signals pending. What a
 * process sent to the whole group (timeout, `kill %1`) the target has already; siginfo does not
 * tell, but the witness then has it too. The kernel serves a group's youngest members first, so it
 * has the signal before mprun sees it. It also outlives mprun for a moment, to end the target. */
#ifndef MPRUN_WITNESS_H
#define MPRUN_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mpr_witness {
    pid_t pid;       /* 0: there is none, and nothing is known of groups */
    uint64_t credit; /* signals that went to the group, mprun's own copy not seen yet */
    uint64_t known;  /* pending ones that its predecessor had, too */
    bool idle;       /* nothing was on its way when mprun looked last */
    int target_fd;   /* a pidfd; borrowed; -1: the target is not looked after */
    char *own_words; /* of mprun's command line; borrowed */
    size_t own_size;
};

/* Without one (RLIMIT_NPROC) every signal is taken for mprun's alone. A kill by name means mprun or
 * the target: the witness has a name of its own, and `own_words` are not in its command line. */
void mpr_witness_open(struct mpr_witness *witness);
void mpr_witness_close(struct mpr_witness *witness);
/* A child has ended: if somebody has killed the witness, it is replaced. */
void mpr_witness_check(struct mpr_witness *witness);
/* Did that signal, just received, go to the whole group? Asked once for each signal received. */
bool mpr_witness_saw(struct mpr_witness *witness, int number);
/* Nothing is on its way: forget signals of which mprun never saw its own copy. */
void mpr_witness_settle(struct mpr_witness *witness);

#endif
