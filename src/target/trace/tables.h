/* SPDX-License-Identifier: MIT */
/* The selected functions, by (file, qualified name, first line), and the candidates that only have
 * a name. Made when first needed, forgotten when the session ends. GIL held. */
#ifndef MPRUN_TRACE_TABLES_H
#define MPRUN_TRACE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "activation.h"

/* Borrowed text; qualname as the table is to be named. */
struct mpr_key {
    const char *file;
    const char *qualname;
    const char *module;
    uint32_t first_line;
    uint32_t last_line;
    /* Where the code has lines, from the first to the last; none: everywhere. */
    const struct mpr_rec_stretch *stretches;
    uint32_t stretch_count;
};

/* The table with that key; NULL if there is none. */
struct mpr_function_rows *mpr_function_rows_find(const struct mpr_key *key);

/* The innermost table of that file and name whose lines hold key->first_line: the function around
 * a comprehension. NULL if there is none. */
struct mpr_function_rows *mpr_function_rows_around(const struct mpr_key *key);

/* A new table; selected_by is a pattern's index or MPR_REC_BY_…. NULL if the recording is full. */
struct mpr_function_rows *mpr_function_rows_add(const struct mpr_key *key, uint32_t selected_by);

/* Code of the same name has come (a reload, exec'd text): if it has lines that the table has not,
 * make room for them. The old record stays behind, withdrawn. False, and nothing changed, if the
 * recording is full. */
bool mpr_function_rows_extend(struct mpr_function_rows *table, const struct mpr_key *key);

/* Withdraw the tables that were selected by default only: they are marked so, and what of them is
 * in flight ends. */
void mpr_function_rows_withdraw_default(void);

/* Forget them all: they are in own memory, which goes. */
void mpr_function_rows_stop(void);

/* Record a name, once for each key. At most 4096 that no pattern matched. */
void mpr_candidate_add(const struct mpr_key *key, uint32_t selected_by);

#endif
