/* SPDX-License-Identifier: MIT */
/* The builtins `profile` and `mprun`: one type of object, whatever a call of theirs does. In the
 * host of each version, and in the children's library, which serves all. */
#ifndef MPRUN_NAMES_H
#define MPRUN_NAMES_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

struct mpr_rec_section;

#define MPR_NO_FIGURE INT64_MIN /* None */

/* Bytes, now; peaks since the start or since they last began anew. */
struct mpr_figures {
    int64_t heap, python, native;
    int64_t heap_peak;
    int64_t rss, rss_peak;
};

/* What a run of a section adds to its figures is what has changed since. */
struct mpr_section_from {
    int64_t ticks;
    int64_t heap, rss;
};

/* One run of a section, while it lasts; zeros: it has not begun. In memory that stays where it is:
 * C stacks may be switched. */
struct mpr_section_entry {
    struct mpr_section_entry *next, **place; /* of those that have begun; NULL: none of them */
    struct mpr_rec_section *section;
    uint32_t thread; /* its number */
    uint32_t session;
    uint32_t scope; /* of the thread before it began: a node's number, as mpr_thread has it */
    bool within;    /* another one of its name, in its thread */
    struct mpr_section_from from; /* when it began, or the one ended that it was within */
    int64_t heap;                 /* when it began */
    int64_t high;                 /* the heap's highest since, without its present high mark */
};

/* What stands behind them. GIL held; an exception that is set stays set. */
struct mpr_names_ops {
    /* Select what was decorated, or what somebody added by hand. */
    void (*select)(PyObject *object);
    /* A block begins or ends whose calls are selected. Blocks nest; `counted` is false for those
     * that do not (enable, disable). */
    void (*block)(bool begins, bool counted);
    /* What is allocated between these two is mprun's own; what the first returns goes to the
     * second. They nest. */
    int (*guard_begin)(void);
    void (*guard_end)(int collects);
    /* The rest where this interpreter is measured now; elsewhere they do nothing. False: it is not.
     */
    bool (*figures)(struct mpr_figures *ret);
    void (*reset_peak)(void);
    void (*mark)(const char *name);
    /* A list of (file, line, function, domain, bytes, blocks) of what holds something now, kept in
     * the recording, too, under that name. New reference; NULL without an exception: not measured.
     */
    PyObject *(*snapshot)(const char *name);
    void (*section_begin)(const char *name, struct mpr_section_entry *entry);
    void (*section_end)(struct mpr_section_entry *entry);
    void (*section_forget)(struct mpr_section_entry *entry);
};

/* Put both into the builtins of the interpreter that runs; what has such a name there already is
 * replaced, or left alone. `ops` is borrowed, and the same for all interpreters; NULL: they do
 * nothing, as in a process that is not measured. GIL held; -1 with an exception set. */
int mpr_names_install(const struct mpr_names_ops *ops, bool replace);

/* Take out of the main interpreter's builtins what mpr_names_install has put there last. */
void mpr_names_remove(void);

/* `import mprun` is to find the builtin in the interpreter that runs, unless there is a module of
 * that name. GIL held; -1 with an exception set. */
int mpr_names_find(void);

/* `install` is to be called in each interpreter that starts from here on, early, with its GIL held;
 * -1 with an exception set. Before Python is initialised; once. */
void mpr_names_everywhere(int (*install)(void));

#endif
