/* SPDX-License-Identifier: MIT */
/* Checkpoints: a process forked now and then, which has all that mprun knows at that moment and
 * writes it down while mprun goes on. There is one at a time. */
#ifndef MPRUN_KEEPER_H
#define MPRUN_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mprun/supervise.h"
#include "witness.h"

struct mpr_keeper {
    struct mpr_checkpoint checkpoint;
    uint64_t due_ns; /* CLOCK_MONOTONIC, of the next one */
    pid_t pid;       /* writes at this moment; 0: none does */
    bool failed;     /* the last one that ended could not write */
};

/* The first one comes after the first interval. */
void mpr_keeper_open(struct mpr_keeper *keeper, uint64_t now_ns);
/* Waits for the one that writes. */
void mpr_keeper_close(struct mpr_keeper *keeper);
/* Is it time for another one? Looks whether the last one has ended, and what it took. */
bool mpr_keeper_is_due(struct mpr_keeper *keeper, uint64_t now_ns);
/* Until then; -1: whatever else comes first. */
int mpr_keeper_wait_ms(const struct mpr_keeper *keeper, uint64_t now_ns);
/* True in the new process, which ends with mprun. As the witness it has a name of its own, and not
 * the words of mprun's command line. */
bool mpr_keeper_fork(struct mpr_keeper *keeper, const struct mpr_witness *witness);
/* There: write, and end. */
__attribute__((noreturn)) void mpr_keeper_write(
    const struct mpr_keeper *keeper, const struct mpr_outcome *so_far);

#endif
