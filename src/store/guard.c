/* SPDX-License-Identifier: MIT */
/* An SQLite file is a program as much as data: its schema is SQL that is executed when it is used.
 * Here nothing of it is. */
#include "guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema.h"

#define MAGIC "SQLite format 3" /* and a NUL */
#define SCHEMA_AT 60            /* user_version */
#define APPLICATION_AT 68
#define TEXT_MIN ((uint64_t)1 << 20) /* of any one value or statement, however small the file */
#define STEPS 1000                   /* of SQLite's machine, from one look to the next */
/* For a byte of the file: the smallest row has more bytes than columns, and each costs a few. */
#define STEPS_A_BYTE 16
#define STEPS_MIN ((uint64_t)1 << 24)
/* One step may walk a chain of pages that many rows share. Each byte is needed about once. */
#define READS_A_BYTE 64
#define READS_MIN ((uint64_t)1 << 24)

bool mpr_store_begins(const char *head, size_t len)
{
    return len >= sizeof MAGIC && memcmp(head, MAGIC, sizeof MAGIC) == 0;
}

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int mpr_store_guard_head(const unsigned char *head, struct mpr_error *err)
{
    uint32_t schema = big_endian(head + SCHEMA_AT);
    if (big_endian(head + APPLICATION_AT) != MPR_STORE_APPLICATION)
        return mpr_error_set(
            err, MPR_ERR_UNSUPPORTED, "it is an SQLite database, but none that mprun has written");
    if (schema > MPR_STORE_SCHEMA)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "it has schema %u, and mprun " MPRUN_VERSION
            " reads none above %d: a newer mprun wrote it",
            schema, MPR_STORE_SCHEMA);
    if (schema == 0)
        return mpr_error_set(err, MPR_ERR_CORRUPT, "it does not say which schema it has");
    return 0;
}

static int limit_work(void *data)
{
    uint64_t *left = data;
    if (*left < STEPS)
        return 1;
    *left -= STEPS;
    return 0;
}

static void limit(struct mpr_store_file *file, uint64_t size)
{
    static const struct {
        int what, most;
    } limits[] = {
        {SQLITE_LIMIT_COLUMN, 100},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_COMPOUND_SELECT, 4},
        {SQLITE_LIMIT_VDBE_OP, 10000},
        {SQLITE_LIMIT_FUNCTION_ARG, 8},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 8},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    sqlite3 *database = file->database;
    uint64_t longest = size > TEXT_MIN ? size : TEXT_MIN;
    if (longest < INT32_MAX)
        sqlite3_limit(database, SQLITE_LIMIT_LENGTH, (int)longest);
    sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, (int)TEXT_MIN);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(database, limits[i].what, limits[i].most);
    file->bytes_left = READS_MIN + size * READS_A_BYTE;
    file->steps_left = STEPS_MIN + size * STEPS_A_BYTE;
    sqlite3_progress_handler(database, STEPS, limit_work, &file->steps_left);
}

static void distrust(sqlite3 *database)
{
    static const struct {
        int what, on;
    } settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        sqlite3_db_config(database, settings[i].what, settings[i].on, NULL);
}

static const struct mpr_store_table *table_of(const char *name)
{
    for (size_t i = 0; name && mpr_store_tables[i]; i++)
        if (strcasecmp(name, mpr_store_tables[i]->name) == 0)
            return mpr_store_tables[i];
    return NULL;
}

/* Ours and the list of them may be read, columns and rows; all else is refused. */
static int authorize(void *data, int action, const char *first, const char *second,
    const char *database, const char *cause)
{
    (void)data, (void)second, (void)database;
    if (cause) /* a view, a trigger */
        return SQLITE_DENY;
    if (action == SQLITE_SELECT)
        return SQLITE_OK;
    if (action != SQLITE_READ || !first)
        return SQLITE_DENY;
    bool known = strcmp(first, "sqlite_master") == 0 || table_of(first);
    return known ? SQLITE_OK : SQLITE_DENY;
}

/* Is what stands in the file's list what mprun makes? */
static int check_made(
    const struct mpr_store_table *table, sqlite3_stmt *statement, struct mpr_error *err)
{
    const char *type = (const char *)sqlite3_column_text(statement, 0);
    const char *sql = (const char *)sqlite3_column_text(statement, 2);
    struct mpr_buf made;
    mpr_buf_init(&made);
    mpr_store_create_sql(table, &made);
    bool same =
        type && sql && !made.failed && strcmp(type, "table") == 0 && strcmp(sql, made.data) == 0;
    bool failed = made.failed;
    mpr_buf_release(&made);
    if (failed)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    return same ? 0
                : mpr_error_set(err, MPR_ERR_CORRUPT,
                      "\"%s\" is not the table that mprun " MPRUN_VERSION
                      " makes: another version wrote it, or somebody changed it",
                      table->name);
}

/* Each of our tables, once; what else is there nobody looks at. */
static int check_schema(struct mpr_store_file *file, sqlite3_stmt *statement, struct mpr_error *err)
{
    size_t wanted = 0, found = 0;
    int answer, status = 0;
    while (mpr_store_tables[wanted])
        wanted++;
    while (status == 0 && (answer = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct mpr_store_table *table =
            table_of((const char *)sqlite3_column_text(statement, 1));
        found += table != NULL;
        if (table)
            status = check_made(table, statement, err);
    }
    if (status == 0 && answer != SQLITE_DONE)
        status = mpr_store_file_fail(file, answer, err);
    if (status == 0 && found != wanted)
        status = mpr_error_set(err, MPR_ERR_CORRUPT,
            "tables are missing: another version of mprun wrote it, or somebody changed it");
    return status;
}

int mpr_store_guard(struct mpr_store_file *file, uint64_t size, struct mpr_error *err)
{
    sqlite3_stmt *statement = NULL;
    limit(file, size);
    distrust(file->database);
    int status = mpr_store_file_run(file,
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
        "PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;"
        "PRAGMA cache_size = 16", /* what is read again is counted again */
        err);
    sqlite3_set_authorizer(file->database, authorize, NULL);
    if (status == 0)
        status = mpr_store_file_prepare(
            file, "SELECT type, name, sql FROM sqlite_master", &statement, err);
    if (status == 0)
        status = check_schema(file, statement, err);
    sqlite3_finalize(statement);
    return status;
}
