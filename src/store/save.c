/* SPDX-License-Identifier: MIT */
/* From the model to the file: table by table, one statement each, all in one transaction. Whoever
 * calls puts the file in its place when it is whole, so nothing here need survive a crash. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fields.h"
#include "file.h"

#define NUMBER(x) NUMBER_OF(x)
#define NUMBER_OF(x) #x

static const char before[] =
    "PRAGMA journal_mode = OFF;"
    "PRAGMA synchronous = OFF;"
    "PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA encoding = 'UTF-8';"
    "PRAGMA application_id = " NUMBER(MPR_STORE_APPLICATION) ";"
                                                             "PRAGMA user_version = " NUMBER(
                                                                 MPR_STORE_SCHEMA) ";"
                                                                                   "BEGIN";

struct save {
    struct mpr_store_file file;
    sqlite3_stmt *statement; /* of the table that is written */
    struct mpr_error *err;
};

/* Text that outlives the step. */
static int bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

static int bind_index(sqlite3_stmt *statement, int at, const void *field, size_t size)
{
    uint64_t index = mpr_field_number(field, size);
    if (index == mpr_field_most(size))
        return sqlite3_bind_null(statement, at);
    return sqlite3_bind_int64(statement, at, (sqlite3_int64)index);
}

static int bind_int(sqlite3_stmt *statement, int at, const void *field, size_t size)
{
    int64_t value = size == 4 ? *(const int32_t *)field : *(const int64_t *)field;
    if (value == MPR_UNKNOWN)
        return sqlite3_bind_null(statement, at);
    return sqlite3_bind_int64(statement, at, value);
}

/* A newline behind each line, where the model has a NUL. */
static int bind_lines(sqlite3_stmt *statement, int at, const struct mpr_profile_source *source)
{
    if (!source->text)
        return sqlite3_bind_null(statement, at);
    size_t size = source->start[source->line_count];
    char *text = malloc(size + 1);
    if (!text)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < size; i++)
        text[i] = source->text[i] ? source->text[i] : '\n';
    return sqlite3_bind_text64(statement, at, text, size, free, SQLITE_UTF8);
}

static int bind(
    sqlite3_stmt *statement, int at, const struct mpr_store_column *column, const void *element)
{
    const void *field = mpr_field_of(element, column->offset);
    switch (column->stored) {
    case MPR_STORED_INT:
        return bind_int(statement, at, field, column->size);
    case MPR_STORED_INDEX:
        return bind_index(statement, at, field, column->size);
    case MPR_STORED_FLAG:
        return sqlite3_bind_int(statement, at, *(const bool *)field);
    case MPR_STORED_NAME:
        return bind_text(statement, at, column->names[mpr_field_number(field, column->size)]);
    case MPR_STORED_LINES:
        return bind_lines(statement, at, element);
    case MPR_STORED_VERSION:
        return bind_text(statement, at, MPRUN_VERSION);
    case MPR_STORED_TEXT:
    case MPR_STORED_TEXT_OR_NULL:
    case MPR_STORED_SHOWN:
        return bind_text(statement, at, *(char *const *)field);
    case MPR_STORED_COUNT:
        break;
    }
    return sqlite3_bind_int64(statement, at, (sqlite3_int64)mpr_field_number(field, column->size));
}

static int insert(struct save *save, const struct mpr_store_table *table, sqlite3_int64 id,
    size_t parent, const void *element)
{
    int at = 1;
    int answer = sqlite3_bind_int64(save->statement, at++, id);
    if (answer == SQLITE_OK && table->parent)
        answer = sqlite3_bind_int64(save->statement, at++, (sqlite3_int64)parent);
    for (const struct mpr_store_column *column = table->columns;
         column->name && answer == SQLITE_OK; column++)
        answer = bind(save->statement, at++, column, element);
    if (answer == SQLITE_OK && sqlite3_step(save->statement) != SQLITE_DONE)
        answer = sqlite3_errcode(save->file.database);
    sqlite3_reset(save->statement);
    return answer == SQLITE_OK ? 0 : mpr_store_file_fail(&save->file, answer, save->err);
}

static size_t count_of(const struct mpr_store_table *table, void *parent)
{
    char **terminated = *mpr_field_array(table, parent);
    size_t count = 0;
    if (table->counted)
        return *mpr_field_count(table, parent);
    while (terminated && terminated[count])
        count++;
    return count;
}

/* All elements in one parent. */
static int insert_array(struct save *save, const struct mpr_store_table *table, sqlite3_int64 *id,
    size_t number, void *parent)
{
    size_t count = count_of(table, parent);
    const char *elements = *mpr_field_array(table, parent);
    int status = 0;
    for (size_t i = 0; status == 0 && i < count; i++)
        status = insert(save, table, (*id)++, number, elements + i * table->each);
    return status;
}

static int insert_all(
    struct save *save, const struct mpr_store_table *table, struct mpr_profile *profile)
{
    const struct mpr_store_table *parent = table->parent;
    sqlite3_int64 id = 0;
    int status = 0;
    if (mpr_field_is_model(table))
        return insert(save, table, id, 0, profile);
    if (!parent)
        return insert_array(save, table, &id, 0, profile);
    char *parents = *mpr_field_array(parent, profile);
    size_t count = count_of(parent, profile);
    for (size_t i = 0; status == 0 && i < count; i++)
        status = insert_array(save, table, &id, i, parents + i * parent->each);
    return status;
}

/* SQL that `make` appends for the table, once. */
static int prepare(struct save *save, const struct mpr_store_table *table,
    void (*make)(const struct mpr_store_table *, struct mpr_buf *))
{
    struct mpr_buf sql;
    mpr_buf_init(&sql);
    make(table, &sql);
    int status = sql.failed
                     ? mpr_error_set(save->err, MPR_ERR_NOMEM, "out of memory")
                     : mpr_store_file_prepare(&save->file, sql.data, &save->statement, save->err);
    mpr_buf_release(&sql);
    return status;
}

static int finish(struct save *save)
{
    sqlite3_finalize(save->statement);
    save->statement = NULL;
    return 0;
}

static int create(struct save *save, const struct mpr_store_table *table)
{
    int status = prepare(save, table, mpr_store_create_sql);
    if (status == 0 && sqlite3_step(save->statement) != SQLITE_DONE)
        status = mpr_store_file_fail(&save->file, sqlite3_errcode(save->file.database), save->err);
    finish(save);
    return status;
}

static int save_table(
    struct save *save, const struct mpr_store_table *table, struct mpr_profile *profile)
{
    int status = create(save, table);
    if (status == 0)
        status = prepare(save, table, mpr_store_insert_sql);
    if (status == 0)
        status = insert_all(save, table, profile);
    finish(save);
    return status;
}

static int save_all(struct save *save, struct mpr_profile *profile)
{
    int status = mpr_store_file_run(&save->file, before, save->err);
    for (size_t i = 0; status == 0 && mpr_store_tables[i]; i++)
        status = save_table(save, mpr_store_tables[i], profile);
    for (size_t i = 0; status == 0 && mpr_store_views[i]; i++)
        status = mpr_store_file_run(&save->file, mpr_store_views[i], save->err);
    return status == 0 ? mpr_store_file_run(&save->file, "COMMIT", save->err) : status;
}

int mpr_store_save(const struct mpr_profile *profile, const char *path, struct mpr_error *err)
{
    struct save save = {.err = err};
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
    int status = mpr_store_file_open(fd, true, &save.file, err);
    if (status == 0)
        /* Nothing is written to it. */
        status = save_all(&save, (struct mpr_profile *)(uintptr_t)profile);
    mpr_store_file_close(&save.file);
    if (close(fd) < 0 && status == 0)
        status = mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
    return status;
}
