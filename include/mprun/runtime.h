/* SPDX-License-Identifier: MIT */
/* What a session asks of the Python that it is in, for who includes nothing of CPython's. GIL held,
 * but where a comment says otherwise; an exception that is set stays set. */
#ifndef MPRUN_RUNTIME_H
#define MPRUN_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mpr_rec_header;

/* Hook the allocators of all three domains and the one of arenas. After pre-initialisation, which
 * resets them; before initialisation no GIL is needed. */
void mpr_python_hook_allocators(void);

/* Put back what was there, where no other hook stands in front of ours; else ours go on to it and
 * do nothing else. Nothing happens without a start, as in all stops. */
void mpr_python_unhook_allocators(void);

/* Python is initialised: from here on lines can be found. -1 if CPython has no room left in its
 * code objects. */
int mpr_python_heap_start(void);
/* After the heap has stopped and trace has: nothing of what is known of code objects is kept. */
void mpr_python_heap_stop(void);

/* `exiting` is to be called when the program is over, its threads and exit handlers included, and
 * `collected` whenever the interpreter has finished a collection after that; but only if the end
 * was said to be near. After initialisation, quietly; -1 without memory. */
int mpr_python_watch_end(void (*exiting)(void), void (*collected)(void));
void mpr_python_unwatch_end(void);

/* The program's own code is over, or cannot be seen to end: an exit handler is registered. Before
 * that a program would count it (atexit._ncallbacks) and could clear it. */
void mpr_python_end_nears(void);

/* Is it initialised, and not being finalised? */
bool mpr_python_runs(void);

/* Does sys.last_traceback hold frames? */
bool mpr_python_holds_traceback(void);

/* Bytes of pymalloc's arenas; -1: unknown. A walk over all of its pools. */
int64_t mpr_python_arenas(void);

/* An address in the object that the interpreter is in. */
const void *mpr_python_address(void);

/* Which Python this is. Also before it is initialised. */
void mpr_python_describe(struct mpr_rec_header *header);

/* The folder of the standard library, "" if unknown. */
void mpr_python_library(char *path, size_t size);

#endif
