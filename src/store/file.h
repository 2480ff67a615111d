/* SPDX-License-Identifier: MIT */
/* SQLite on one open file and nothing else: no journal, no lock, no file beside it, no name that
 * could lead elsewhere. */
#ifndef MPRUN_STORE_FILE_H
#define MPRUN_STORE_FILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "mprun/base.h"

struct mpr_store_file {
    int fd;              /* borrowed */
    int failed;          /* errno of the call that failed last, 0 none */
    bool written;        /* it may be */
    uint64_t steps_left; /* of SQLite's work, where it is limited */
    uint64_t bytes_left; /* that may be read */
    bool exhausted;      /* it wanted more */
    sqlite3 *database;
};

/* `file` stays where it is until the close. */
int mpr_store_file_open(int fd, bool written, struct mpr_store_file *file, struct mpr_error *err);
void mpr_store_file_close(struct mpr_store_file *file);
/* What went wrong, from SQLite's answer: MPR_ERR_IO with errno's words, MPR_ERR_NOMEM,
 * MPR_ERR_LIMIT or MPR_ERR_CORRUPT. */
int mpr_store_file_fail(struct mpr_store_file *file, int answer, struct mpr_error *err);
/* One statement, or several, without results. */
int mpr_store_file_run(struct mpr_store_file *file, const char *sql, struct mpr_error *err);
int mpr_store_file_prepare(struct mpr_store_file *file, const char *sql,
    sqlite3_stmt **ret_statement, struct mpr_error *err);

#endif
