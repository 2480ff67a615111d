/* SPDX-License-Identifier: MIT */
/* From the file to the model: each table from its first row to its last, each value held against
 * its column. The file may be anybody's. A row takes a bounded number of bytes for one of the file,
 * and all text together not more than the file has. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fields.h"
#include "guard.h"
#include "load.h"
#include "loading.h"

#define FIRST_CAPACITY ((size_t)8)

/* --- rows --- */

static int take_row(struct mpr_loading *load, void *element)
{
    const struct mpr_store_column *column = load->table->columns;
    int status = 0;
    for (int at = load->table->parent ? 2 : 1; status == 0 && column->name; column++)
        if (mpr_store_is_loaded(column))
            status = mpr_loading_take(load, at++, column, element);
    return status;
}

/* The element whose arrays the rows are. */
static void *parent_at(struct mpr_loading *load, size_t index)
{
    const struct mpr_store_table *parent = load->table->parent;
    if (!parent)
        return load->profile;
    char *parents = *mpr_field_array(parent, load->profile);
    return parents + index * parent->each;
}

/* The array takes as much as it needs. Where there is no memory for that, it stays. */
static void trim(struct mpr_loading *load)
{
    size_t room = load->count + load->table->terminated;
    if (room == 0 || load->capacity == 0 || room == load->capacity)
        return;
    void **array = mpr_field_array(load->table, parent_at(load, load->parent));
    void *trimmed = realloc(*array, room * load->table->each);
    if (trimmed)
        *array = trimmed;
}

static bool grow(struct mpr_loading *load, void **array)
{
    size_t each = load->table->each;
    size_t capacity = load->capacity ? load->capacity * 2 : FIRST_CAPACITY;
    char *grown = realloc(*array, capacity * each);
    if (!grown)
        return false;
    memset(grown + load->capacity * each, 0, (capacity - load->capacity) * each);
    *array = grown;
    load->capacity = capacity;
    return true;
}

/* One more element, all zero, in the parent's array; NULL: no memory. */
static void *add(struct mpr_loading *load)
{
    void *parent = parent_at(load, load->parent);
    void **array = mpr_field_array(load->table, parent);
    if (load->count + load->table->terminated >= load->capacity && !grow(load, array))
        return NULL;
    size_t index = load->count++;
    load->added = true;
    if (load->table->counted)
        *mpr_field_count(load->table, parent) = load->count;
    return (char *)*array + index * load->table->each;
}

/* Rows stand in the order of what they belong to. */
static int enter_parent(struct mpr_loading *load)
{
    const struct mpr_store_table *parent = load->table->parent;
    if (!parent)
        return 0;
    sqlite3_int64 index = sqlite3_column_int64(load->statement, 1);
    if (!mpr_loading_is_number(load, 1) || index < 0 || (size_t)index < load->parent ||
        (size_t)index >= *mpr_field_count(parent, load->profile))
        return mpr_loading_damaged(load, parent->name);
    if ((size_t)index != load->parent) {
        trim(load);
        load->count = load->capacity = 0;
    }
    load->parent = (size_t)index;
    return 0;
}

static int load_row(struct mpr_loading *load)
{
    if (!mpr_loading_is_number(load, 0) || sqlite3_column_int64(load->statement, 0) != load->id)
        return mpr_loading_damaged(load, "id");
    int status = enter_parent(load);
    if (status < 0)
        return status;
    bool model = mpr_field_is_model(load->table);
    if (model && load->id > 0)
        return mpr_loading_damaged(load, "there is only one");
    void *element = model ? load->profile : add(load);
    status = element ? take_row(load, element) : mpr_loading_no_memory(load);
    load->id++;
    return status;
}

/* An element that could not be read whole is none; its text is freed. */
static void drop_last(struct mpr_loading *load)
{
    void *parent = parent_at(load, load->parent);
    if (load->count == 0 || !load->table->counted)
        return;
    char *element =
        (char *)*mpr_field_array(load->table, parent) + --load->count * load->table->each;
    for (const struct mpr_store_column *column = load->table->columns; column->name; column++) {
        bool owned = column->stored == MPR_STORED_TEXT || column->stored == MPR_STORED_TEXT_OR_NULL;
        if (owned)
            free(*(char **)mpr_field(element, column->offset));
    }
    memset(element, 0, load->table->each);
    *mpr_field_count(load->table, parent) = load->count;
}

static int load_rows(struct mpr_loading *load)
{
    int answer = SQLITE_OK, status = 0;
    while (status == 0 && (answer = sqlite3_step(load->statement)) == SQLITE_ROW) {
        load->added = false;
        status = load_row(load);
    }
    if (status == MPR_ERR_CORRUPT && load->table->needless && load->added)
        drop_last(load);
    if (status == 0 && answer != SQLITE_DONE)
        status = mpr_store_file_fail(&load->file, answer, load->err);
    return status;
}

/* Where a NULL stands behind the elements, there is one also where there are none. */
static bool terminate(struct mpr_loading *load)
{
    const struct mpr_store_table *parent = load->table->parent;
    size_t count = parent ? *mpr_field_count(parent, load->profile) : 1;
    for (size_t i = 0; i < count && load->table->terminated; i++) {
        void **array = mpr_field_array(load->table, parent_at(load, i));
        if (!*array)
            *array = calloc(1, load->table->each);
        if (!*array)
            return false;
    }
    return true;
}

/* What the rest can do without may have lost its last rows. */
static int forgive(struct mpr_loading *load, int status)
{
    if (status != MPR_ERR_CORRUPT || !load->table->needless)
        return status;
    mpr_buf_printf(&load->lost, "%s%s", load->lost.len ? ", " : "", load->table->name);
    return 0;
}

static int load_table(struct mpr_loading *load, const struct mpr_store_table *table)
{
    struct mpr_buf sql;
    load->table = table;
    load->id = 0;
    load->parent = load->count = load->capacity = 0;
    mpr_buf_init(&sql);
    mpr_store_select_sql(table, &sql);
    int status = sql.failed
                     ? mpr_loading_no_memory(load)
                     : mpr_store_file_prepare(&load->file, sql.data, &load->statement, load->err);
    mpr_buf_release(&sql);
    if (status == 0)
        status = forgive(load, load_rows(load));
    sqlite3_finalize(load->statement);
    load->statement = NULL;
    if (status == 0 && mpr_field_is_model(table) && load->id == 0)
        status = mpr_error_set(load->err, MPR_ERR_CORRUPT, "the table %s is empty", table->name);
    else if (status == 0 && !mpr_field_is_model(table))
        trim(load);
    return status == 0 && !terminate(load) ? mpr_loading_no_memory(load) : status;
}

/* --- what is borrowed --- */

static int link_rows(struct mpr_loading *load)
{
    const struct mpr_profile *profile = load->profile;
    for (size_t i = 0; i < profile->function_count; i++) {
        struct mpr_profile_function *function = &profile->functions[i];
        if (function->source == MPR_NONE)
            continue;
        if (function->source >= profile->source_count)
            return mpr_error_set(
                load->err, MPR_ERR_CORRUPT, "function %zu has a source that is not there", i);
        const struct mpr_profile_source *source = &profile->sources[function->source];
        for (size_t n = 0; n < function->row_count; n++)
            function->rows[n].source = mpr_profile_line(source, function->rows[n].line);
    }
    return 0;
}

static int link_sites(struct mpr_loading *load)
{
    const struct mpr_profile *profile = load->profile;
    for (size_t i = 0; i < profile->site_count; i++) {
        struct mpr_profile_site *site = &profile->sites[i];
        if (site->place >= profile->place_count)
            return mpr_error_set(
                load->err, MPR_ERR_CORRUPT, "site %zu has a place that is not there", i);
        const struct mpr_profile_place *place = &profile->places[site->place];
        site->file = place->file;
        site->function = place->qualname;
        site->package = place->package;
    }
    return 0;
}

static bool is_there(const struct mpr_profile *profile, const struct mpr_profile_mark *mark)
{
    if (mark->held > profile->held_count || mark->held_count > profile->held_count - mark->held)
        return false;
    for (size_t i = 0; i < mark->held_count; i++)
        if (profile->held[mark->held + i].node >= profile->node_count)
            return false;
    return true;
}

/* A snapshot is there as a whole, or not at all. */
static void drop_cut_snapshots(struct mpr_profile *profile)
{
    size_t end = 0;
    for (size_t i = 0; i < profile->mark_count; i++) {
        struct mpr_profile_mark *mark = &profile->marks[i];
        if (!is_there(profile, mark)) {
            mark->snapshot = false;
            mark->held = end;
            mark->held_count = 0;
        }
        end = mark->held + mark->held_count;
    }
}

static int note_lost(struct mpr_loading *load)
{
    if (load->lost.len == 0)
        return 0;
    return mpr_store_add_note(load->profile,
        mpr_asprintf("The file is damaged: what is missing here is in these of its tables: %s.",
            load->lost.data),
        load->err);
}

static int load_all(struct mpr_loading *load, uint64_t size)
{
    unsigned char head[MPR_STORE_HEAD] = {0};
    if (pread(load->file.fd, head, sizeof head, 0) < 0)
        return mpr_error_set(load->err, MPR_ERR_IO, "it cannot be read");
    int status = mpr_store_guard_head(head, load->err);
    if (status == 0)
        status = mpr_store_guard(&load->file, size, load->err);
    for (size_t i = 0; status == 0 && mpr_store_tables[i]; i++)
        status = load_table(load, mpr_store_tables[i]);
    if (status == 0)
        status = link_rows(load);
    if (status == 0)
        status = link_sites(load);
    if (status == 0 && load->lost.len)
        drop_cut_snapshots(load->profile);
    return status == 0 ? note_lost(load) : status;
}

/* Without the process that a new one has. */
static struct mpr_profile *new_profile(void)
{
    struct mpr_profile *profile = mpr_profile_new();
    if (!profile)
        return NULL;
    free(profile->process);
    profile->process = NULL;
    profile->process_count = 0;
    return profile;
}

int mpr_store_load_tables(
    int fd, uint64_t size, struct mpr_profile **ret_profile, struct mpr_error *err)
{
    struct mpr_loading load = {.err = err, .text_left = size, .profile = new_profile()};
    mpr_buf_init(&load.lost);
    if (!load.profile)
        return mpr_loading_no_memory(&load);
    int status = mpr_store_file_open(fd, false, &load.file, err);
    if (status == 0)
        status = load_all(&load, size);
    mpr_store_file_close(&load.file);
    mpr_buf_release(&load.lost);
    if (status < 0)
        mpr_profile_free(load.profile);
    else
        *ret_profile = load.profile;
    return status;
}
