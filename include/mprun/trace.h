/* SPDX-License-Identifier: MIT */
/* Line events: the backend for the running Python, behind one name. GIL held in all calls. */
#ifndef MPRUN_TRACE_H
#define MPRUN_TRACE_H

#include <Python.h>
#include <stdbool.h>

#include "mprun/base.h"
#include "mprun/probe.h"

/* The backend's name: "settrace" or "monitoring". */
extern const char mpr_trace_engine[];

/* Start watching: from the next frame on, in all threads, those that exist and those that come.
 * `stdlib` is the standard library's folder. */
int mpr_trace_start(const char *stdlib, struct mpr_error *err);

/* For struct mpr_rss_config: what opens or closes now has no RSS. */
void mpr_trace_rss_gap(struct mpr_thread *thread, bool over);

/* Select a function's code by decorator. */
void mpr_trace_decorate(PyFunctionObject *function);

/* A decorator was given an object of that type, and no function was found in it: the report tells
 * where. */
void mpr_trace_nothing_decorated(const char *type_name);

/* While a block is open, the user's functions that start are selected as by decorator, from then on
 * to the end. Called at changes only. An exception that is set stays set. */
void mpr_trace_block(bool open);

#endif
