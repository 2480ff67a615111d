/* SPDX-License-Identifier: MIT */
/* What `mprun doctor` finds out. All text is valid UTF-8 without control characters. */
#ifndef MPRUN_CLI_DOCTOR_H
#define MPRUN_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/launch.h"
#include "mprun/recording_reader.h"

#define MPR_DOCTOR_INTERPRETERS_MAX ((size_t)64)

/* Strings are owned. */
struct mpr_doctor_interpreter {
    char *path;
    char *key;     /* the same for two names of one interpreter; as the system has it */
    char *problem; /* why no host fits; NULL if one does */
    uint32_t version;
    enum mpr_host_kind host;
    bool is_default; /* the one that mprun takes by itself */
};

struct mpr_doctor_interpreters {
    struct mpr_doctor_interpreter item[MPR_DOCTOR_INTERPRETERS_MAX];
    size_t count;
    size_t fitting; /* those with a host */
};

/* doctor_interpreters.c: the default first, then VIRTUAL_ENV's, those on PATH and in /usr. `python`
 * is that of --python or NULL. */
void mpr_doctor_find(
    const char *python, char *const *environment, struct mpr_doctor_interpreters *ret_found);
void mpr_doctor_forget(struct mpr_doctor_interpreters *found);

#define MPR_PARANOID_UNKNOWN INT32_MIN

/* What was asked of the kernel. */
struct mpr_doctor_tries {
    int statm;       /* 0 or -errno */
    int faults;      /* opening a ring with kernel-mode faults: 0 or -errno */
    int user_faults; /* the same without */
    int paranoid;    /* kernel.perf_event_paranoid or MPR_PARANOID_UNKNOWN */
};

struct mpr_doctor_tier {
    enum mpr_rss_tier tier;
    enum mpr_rss_tier better; /* what could be had; MPR_RSS_AUTO: nothing is better */
    char why[160];            /* it is not to be had now; "" if nothing is better */
    const char *command;      /* that would give it; NULL if there is none */
};

/* doctor_rss.c */
void mpr_doctor_try(struct mpr_doctor_tries *ret_tries);
/* Pure. */
void mpr_doctor_judge(const struct mpr_doctor_tries *tries, struct mpr_doctor_tier *ret_tier);
uint32_t mpr_doctor_resolution(void);

#endif
