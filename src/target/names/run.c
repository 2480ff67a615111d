/* SPDX-License-Identifier: MIT */
/* Runs of sections. Each in memory of its own: a C stack may be switched, and a generator may be
 * left in mid-run. */
#include "objects.h"

#include <string.h>

struct mpr_section_run {
    struct mpr_section_run *next;
    unsigned long thread;
    struct mpr_section_entry entry;
};

void mpr_section_run_begin(struct mpr_section_run **runs, const char *name)
{
    const struct mpr_names_ops *behind = mpr_names_behind();
    if (!behind)
        return;
    int collects = behind->guard_begin();
    struct mpr_section_run *run = PyMem_Malloc(sizeof *run);
    if (run) {
        memset(run, 0, sizeof *run);
        run->thread = PyThread_get_thread_ident();
        run->next = *runs;
        *runs = run;
        behind->section_begin(name, &run->entry);
    }
    behind->guard_end(collects);
}

static void take_out(struct mpr_section_run **at, void (*how)(struct mpr_section_entry *entry))
{
    struct mpr_section_run *run = *at;
    *at = run->next;
    how(&run->entry);
    PyMem_Free(run);
}

void mpr_section_run_end(struct mpr_section_run **runs)
{
    unsigned long thread = PyThread_get_thread_ident();
    struct mpr_section_run **at = runs;
    while (*at && (*at)->thread != thread)
        at = &(*at)->next;
    if (!*at)
        at = runs;
    if (*at)
        take_out(at, mpr_names_behind()->section_end);
}

void mpr_section_runs_forget(struct mpr_section_run **runs)
{
    while (*runs)
        take_out(runs, mpr_names_behind()->section_forget);
}
