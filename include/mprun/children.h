/* SPDX-License-Identifier: MIT */
/* What the processes that a program starts get of mprun: a small library, preloaded, that offers
 * the builtins `profile` and `mprun` to every Python among them and passes itself on. It hooks
 * nothing else, and what it came by is gone from its process before that looks.
 *
 * The environment of an exec is the only carrier: LD_PRELOAD alone, which the loader takes away
 * where a process gains privileges. A mode that measures children would add a variable of its own
 * beside it, in mpr_children_give, and take it out again in the library's constructor.
 *
 * All of this may run in a vfork child: no malloc, no lock, no stream; errno stays. */
#ifndef MPRUN_CHILDREN_H
#define MPRUN_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>

#define MPR_CHILDREN_LIBRARY "libmprun-children.so"

/* From here on what this process starts gets the library of that path; before, and where the path
 * cannot be preloaded or nothing is there, it gets nothing. Called once, while there is one thread.
 */
void mpr_children_start(const char *library);

/* The same for the library in the folder of `file` (a path). */
void mpr_children_start_beside(const char *file);

/* Bytes of room that an environment takes with the library in it, for the caller's stack, which may
 * be small. 0: it goes as it is, because nothing is given, or it is too large. The caller's own may
 * grow afterwards, by other threads. */
size_t mpr_children_room(char *const *environment);

/* The file that an exec is about. */
struct mpr_children_file {
    int folder; /* relative paths start there; AT_FDCWD; or the file itself, if path is empty */
    const char *path;
    bool shell_if_unknown; /* what is no program is given to the shell, as execvp does */
};

/* The environment to start `file` with: a copy in `room`, of `size` bytes, as large as
 * mpr_children_room has said, that names the library as well; or NULL: what it would have. `source`
 * is where the vector's address stands (&environ where that is meant): while it is copied another
 * thread may put another one there. */
char *const *mpr_children_give(
    const struct mpr_children_file *file, char *const *const *source, void *room, size_t size);

/* The same for a name that is looked up in PATH, as execvp does. */
char *const *mpr_children_give_by_name(
    const char *name, char *const *const *source, void *room, size_t size);

/* In the library alone: if this program is a Python that mprun knows, its interpreters are to have
 * the builtins. Before its main. */
void mpr_children_offer_names(void);

/* What an exec that is seen tells. */
struct mpr_exec_watch {
    void (*begins)(void);  /* this process is to be replaced */
    void (*failed)(void);  /* it was not; errno may change */
    void (*spawned)(void); /* a child was started */
};

/* Borrowed; NULL: nobody. Returns whom it told before. */
const struct mpr_exec_watch *mpr_exec_start(const struct mpr_exec_watch *watch);

/* --- the environment of this process, as the kernel laid it out --- */

/* Take what names the file at `path` out of the list in `name` (LD_PRELOAD), each time and by
 * whatever name, with the variable if it was all of it, and close the gap: the strings, and what
 * the kernel shows of them in /proc/self/environ, are then as if it had never been there. Where the
 * kernel has no call for that, as many NULs follow the strings as were cut. `environment` is what
 * main gets, unchanged so far. False: not found. */
bool mpr_block_cut_file(char **environment, const char *name, const char *path);

/* The same for a whole variable, the last of its name. */
bool mpr_block_cut(char **environment, const char *name);

#endif
