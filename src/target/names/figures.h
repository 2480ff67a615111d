/* SPDX-License-Identifier: MIT */
/* What the program asks of its own memory, and what it has written into the recording: marks,
 * snapshots, sections. Knows no Python object. GIL of the main interpreter held in all calls, and a
 * session that is armed, but for mpr_section_end and mpr_section_forget. Nothing here allocates
 * from the heap. */
#ifndef MPRUN_NAMES_FIGURES_H
#define MPRUN_NAMES_FIGURES_H

#include "mprun/names.h"
#include "mprun/recording.h"

/* 0.5 to 1.5 µs, nearly all of it the kernel's for RSS. */
void mpr_figures_read(struct mpr_figures *ret);

/* Peaks begin anew: what mpr_figures_read tells from here on is the highest since. The run's own
 * peak goes on. */
void mpr_figures_reset_peak(void);

/* Into the recording; where that is full it is noted, and nothing else happens. `snapshot` is an
 * offset of mpr_figures_snapshot, 0 none. */
void mpr_figures_mark(const char *name, const struct mpr_figures *figures, uint64_t snapshot);

/* What each node holds into the recording; its offset there, 0 if there was no room. Linear in the
 * nodes. */
uint64_t mpr_figures_snapshot(void);

/* A run of a section begins, and ends; the entry is the caller's, at the same address meanwhile.
 * Ending one that has not begun, or that is another session's, or a parent's, does nothing. */
void mpr_section_begin(const char *name, struct mpr_section_entry *entry);
void mpr_section_end(struct mpr_section_entry *entry);
/* It never ends: as if it had not begun, but for its call. */
void mpr_section_forget(struct mpr_section_entry *entry);

#endif
