/* SPDX-License-Identifier: MIT */
/* Parsers of /proc texts, for both sides. Pure: bytes in, numbers out; MPR_ERR_INVALID leaves
 * outputs untouched. */
#ifndef MPRUN_PROC_H
#define MPRUN_PROC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mprun/base.h"

/* The resident pages of /proc/PID/statm; 0 for a process that has no memory any more. */
int mpr_proc_parse_statm(const char *text, size_t len, uint64_t *ret_pages);
/* A kB field of /proc/PID/status ("VmHWM") or smaps_rollup ("Pss"), in bytes. A zombie has none:
 * MPR_ERR_INVALID. */
int mpr_proc_parse_status(const char *text, size_t len, const char *field, uint64_t *ret_bytes);
/* The state letter of /proc/PID/stat; the name before it may hold anything. */
int mpr_proc_parse_state(const char *text, size_t len, char *ret_state);

/* The pages of address space in /proc/PID/statm. */
int mpr_proc_parse_size(const char *text, size_t len, uint64_t *ret_pages);

/* Of /proc/PID/stat, where a process belongs: numbers as that /proc has them. */
struct mpr_proc_kin {
    uint64_t parent, group, session;
    uint64_t
        start; /* clock ticks since the machine's start: with the number, which process it is */
};

int mpr_proc_parse_kin(const char *text, size_t len, struct mpr_proc_kin *ret_kin);
/* The name in /proc/PID/stat, which may hold anything but a NUL; what does not fit is cut. */
int mpr_proc_parse_name(const char *text, size_t len, char *ret_name, size_t size);
/* The process whose thread a /proc/PID/status is of. */
int mpr_proc_parse_leader(const char *text, size_t len, uint64_t *ret_pid);
/* The number in /proc/loadavg that was given to a process or thread last. */
int mpr_proc_parse_newest(const char *text, size_t len, uint64_t *ret_pid);

/* The Pid line in the fdinfo of a pidfd: the process as /proc numbers it. Those that are not to be
 * seen there (0), or are gone (-1), are none. */
int mpr_proc_parse_pid(const char *text, size_t len, uint64_t *ret_pid);

/* The mask of a status file's ShdPnd line: bit N-1 is signal N. */
int mpr_proc_parse_pending(const char *text, size_t len, uint64_t *ret_mask);

/* src/watch: open /proc/PID/NAME of our child `pid`, whatever number it has in /proc: that may
 * have been mounted outside of our namespace of pids. A descriptor, or -1. */
int mpr_proc_open(pid_t pid, const char *name);
/* The number itself; 0 where /proc does not show the process. */
uint64_t mpr_proc_number(pid_t pid);

#endif
