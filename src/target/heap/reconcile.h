/* SPDX-License-Identifier: MIT */
/* How RSS comes about. */
#ifndef MPRUN_HEAP_RECONCILE_H
#define MPRUN_HEAP_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/maps.h"
#include "ranges.h"

/* Remember what malloc holds before anything is tracked; returns the owner of mpr_malloc_facts. */
const char *mpr_heap_reconcile_start(void);
/* What malloc had handed out then; -1: unknown. */
int64_t mpr_heap_malloc_at_start(void);

/* resident.c: a session begins. */
void mpr_resident_start(void);
/* Nothing is known of mappings from here on, */
void mpr_resident_begin(void);
/* … but what it is told: so much of that one is resident. Ascending order. */
void mpr_resident_learn(uintptr_t start, uintptr_t end, int64_t resident);
/* False: so much was asked since the beginning that mpr_untouched gave up. */
bool mpr_resident_known(void);

#define MPR_AREAS 128

/* What smaps says. Bytes. */
struct mpr_smaps {
    int64_t interpreter; /* resident: files, stacks */
    int64_t files;       /* resident: files that the program has mapped */
    int64_t shared;      /* resident: shared memory */
    int64_t heap;        /* size of malloc's own areas: [heap], and those of threads */
    int64_t heap_resident;
    struct mpr_range area[MPR_AREAS];
    uint32_t area_count;
};

struct mpr_smaps_state {
    enum mpr_mapped (*mapped)(uintptr_t at); /* what the program has mapped there; NULL: nothing */
    /* Told of each mapping, in ascending order; may be NULL. */
    void (*seen)(uintptr_t start, uintptr_t end, int64_t resident);
    struct mpr_smaps sum;
    uintptr_t start, end; /* of the mapping that is being read */
    int kind;
    int64_t resident;
    int last_guard; /* the mapping before is a small one without access */
    char line[512]; /* the one that has not ended; a longer one is of a path, whose end does not
                     * matter */
    size_t len;
};

/* Is that file one of mprun's own objects? */
bool mpr_path_is_own(const char *path);

/* Take up a piece of the file, wherever it is cut; `sum` holds at the end. Pure. */
void mpr_smaps_text(struct mpr_smaps_state *state, const char *text, size_t len);
void mpr_smaps_end(struct mpr_smaps_state *state);

#endif
