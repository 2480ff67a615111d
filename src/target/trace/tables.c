/* SPDX-License-Identifier: MIT */
/* Tables and candidates: hash chains in own memory, records in the recording. Cold. */
#include <string.h>

#include "intervals.h"
#include "mprun/hash.h"
#include "mprun/imports.h"
#include "stretches.h"
#include "tables.h"

#define BUCKETS 4096
#define MAX_UNMATCHED 4096

struct candidate {
    uint64_t hash;
    struct candidate *next;
};

static struct {
    struct mpr_function_rows *rows[BUCKETS];
    struct candidate *candidates[BUCKETS];
    unsigned unmatched;
} tables;

/* Tables of one name differ by line and share a chain. */
static uint64_t hash_key(const struct mpr_key *key)
{
    return mpr_hash_text(mpr_hash_text(MPR_HASH_START, key->file), key->qualname);
}

static const char *record_text(const struct mpr_rec_function *fn, uint32_t offset)
{
    return (const char *)fn + offset;
}

static bool same_name(
    const struct mpr_function_rows *table, uint64_t hash, const struct mpr_key *key)
{
    return table->hash == hash &&
           mpr_rec_is_named(table->fn, &table->fn->id, key->file, key->qualname);
}

struct mpr_function_rows *mpr_function_rows_find(const struct mpr_key *key)
{
    uint64_t hash = hash_key(key);
    struct mpr_function_rows *table = tables.rows[hash % BUCKETS];
    while (table && !(same_name(table, hash, key) && table->fn->id.first_line == key->first_line))
        table = table->next;
    return table;
}

struct mpr_function_rows *mpr_function_rows_around(const struct mpr_key *key)
{
    uint64_t hash = hash_key(key);
    struct mpr_function_rows *best = NULL;
    for (struct mpr_function_rows *table = tables.rows[hash % BUCKETS]; table;
         table = table->next) {
        const struct mpr_rec_identity *id = &table->fn->id;
        if (same_name(table, hash, key) && id->first_line <= key->first_line &&
            key->first_line <= id->last_line && (!best || id->first_line > best->fn->id.first_line))
            best = table;
    }
    return best;
}

static uint32_t put_text(char *record, uint32_t *at, const char *text)
{
    uint32_t start = *at;
    size_t size = strlen(text) + 1;
    memcpy(record + start, text, size);
    *at += (uint32_t)size;
    return start;
}

static size_t text_size(const struct mpr_key *key)
{
    return strlen(key->file) + strlen(key->qualname) + strlen(key->module) + 3;
}

static void fill_identity(void *record, struct mpr_rec_identity *id, uint32_t at,
    const struct mpr_key *key, uint32_t selected_by)
{
    id->first_line = key->first_line;
    id->last_line = key->last_line;
    id->file = put_text(record, &at, key->file);
    id->qualname = put_text(record, &at, key->qualname);
    id->module = put_text(record, &at, key->module);
    id->selected_by = selected_by;
}

static uint32_t count_rows(const struct mpr_key *key)
{
    if (key->stretch_count == 0)
        return key->last_line - key->first_line + 1;
    const struct mpr_rec_stretch *last = &key->stretches[key->stretch_count - 1];
    return last->row + last->count;
}

/* Append a function record; the table then is its face in this process. */
static bool add_record(
    struct mpr_function_rows *table, const struct mpr_key *key, uint32_t selected_by)
{
    uint64_t lines = count_rows(key);
    uint64_t rows_size = lines * sizeof(struct mpr_rec_row);
    uint64_t stretches_size = key->stretch_count * sizeof *key->stretches;
    struct mpr_rec_function *fn;
    fn = mpr_rec_append(mpr_probe->writer, MPR_KIND_FUNCTION,
        sizeof *fn + rows_size + stretches_size + text_size(key));
    if (!fn)
        return false;
    fn->row_count = fn->at_start = (uint32_t)lines;
    fn->rows = sizeof *fn;
    fn->stretch_count = key->stretch_count;
    fn->stretches = (uint32_t)(fn->rows + rows_size);
    if (stretches_size) {
        fn->at_start = key->stretches[0].count;
        memcpy((char *)fn + fn->stretches, key->stretches, stretches_size);
    }
    fill_identity(fn, &fn->id, (uint32_t)(fn->stretches + stretches_size), key, selected_by);
    table->fn = fn;
    table->rows = (struct mpr_rec_row *)(void *)((char *)fn + fn->rows);
    table->offset = mpr_rec_last_offset(mpr_probe->writer);
    return true;
}

struct mpr_function_rows *mpr_function_rows_add(const struct mpr_key *key, uint32_t selected_by)
{
    struct mpr_function_rows *table = mpr_probe_alloc(sizeof *table);
    if (!table || !add_record(table, key, selected_by))
        return NULL;
    mpr_rec_publish(mpr_probe->writer);
    table->off_path = mpr_imports_file(key->file, strlen(key->file));
    table->hash = hash_key(key);
    table->next = tables.rows[table->hash % BUCKETS];
    tables.rows[table->hash % BUCKETS] = table;
    return table;
}

/* Open rows move to the new record; suspended ones find theirs when they resume. */
static void move_open_rows(struct mpr_function_rows *table)
{
    for (struct mpr_activation *top = table->innermost_by_thread; top; top = top->sibling)
        for (struct mpr_activation *act = top; act; act = act->outer)
            mpr_activation_rebase(act);
}

/* Has it a row for each of the key's lines? */
static bool covers(const struct mpr_function_rows *table, const struct mpr_key *key)
{
    const struct mpr_rec_function *fn = table->fn;
    if (key->last_line > fn->id.last_line)
        return false;
    if (fn->stretch_count == 0)
        return true;
    if (key->stretch_count == 0)
        return key->last_line - key->first_line < fn->at_start;
    for (uint32_t i = 0; i < key->stretch_count; i++) {
        const struct mpr_rec_stretch *stretch = &key->stretches[i];
        uint32_t first = mpr_rec_row_of(fn, stretch->line);
        uint32_t last = mpr_rec_row_of(fn, stretch->line + (stretch->count - 1));
        if (first == UINT32_MAX || last == UINT32_MAX || last - first != stretch->count - 1)
            return false;
    }
    return true;
}

/* The rows of a record that has all of the old one's lines. */
static void copy_rows(struct mpr_function_rows *table, const struct mpr_rec_function *old)
{
    const struct mpr_rec_row *rows = mpr_rec_rows(old);
    const struct mpr_rec_stretch all = {old->id.first_line, old->row_count, 0};
    const struct mpr_rec_stretch *stretch = old->stretch_count ? mpr_rec_stretches(old) : &all;
    for (uint32_t i = 0; i == 0 || i < old->stretch_count; i++)
        memcpy(&table->rows[mpr_rec_row_of(table->fn, stretch[i].line)], &rows[stretch[i].row],
            stretch[i].count * sizeof *rows);
}

/* The old record's lines and the new code's, into `key`. */
static bool join(struct mpr_stretches *both, const struct mpr_rec_function *old,
    const struct mpr_key *more, struct mpr_key *key)
{
    if (more->last_line > key->last_line)
        key->last_line = more->last_line;
    if (!mpr_stretches_begin(both, key->first_line, key->last_line))
        return false;
    mpr_stretches_add_all(
        both, key->first_line, old->id.last_line, mpr_rec_stretches(old), old->stretch_count);
    mpr_stretches_add_all(
        both, key->first_line, more->last_line, more->stretches, more->stretch_count);
    if (!mpr_stretches_finish(both))
        return false;
    key->stretches = both->item;
    key->stretch_count = both->count;
    return true;
}

bool mpr_function_rows_extend(struct mpr_function_rows *table, const struct mpr_key *more)
{
    struct mpr_rec_function *old = table->fn;
    uint64_t old_offset = table->offset;
    struct mpr_stretches both = {0};
    struct mpr_key key = {record_text(old, old->id.file), record_text(old, old->id.qualname),
        record_text(old, old->id.module), old->id.first_line, old->id.last_line, NULL, 0};
    if (covers(table, more))
        return true;
    bool added = join(&both, old, more, &key) && add_record(table, &key, old->id.selected_by);
    mpr_stretches_release(&both);
    if (!added)
        return false;
    copy_rows(table, old);
    table->contexts = NULL; /* there are more rows now */
    table->fn->calls = old->calls;
    table->fn->rss_entry = old->rss_entry;
    table->fn->freed_on_return = old->freed_on_return;
    table->fn->flags = old->flags;
    mpr_rec_publish(mpr_probe->writer);
    mpr_intervals_move(old_offset, table->offset);
    old->flags |= MPR_REC_FN_WITHDRAWN;
    move_open_rows(table);
    return true;
}

void mpr_function_rows_withdraw_default(void)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct mpr_function_rows *table = tables.rows[i]; table; table = table->next)
            if (table->fn->id.selected_by == MPR_REC_BY_DEFAULT)
                table->fn->flags |= MPR_REC_FN_WITHDRAWN;
    mpr_activations_withdraw(&mpr_thread_block);
}

void mpr_candidate_add(const struct mpr_key *key, uint32_t selected_by)
{
    struct mpr_rec_candidate *record;
    uint64_t hash = (hash_key(key) ^ key->first_line) * UINT64_C(0x9E3779B97F4A7C15);
    /* What was seen as nobody's choice may be decorated later: then it is recorded again. */
    hash ^= selected_by != MPR_REC_BY_NONE;
    struct candidate **head = &tables.candidates[hash % BUCKETS];
    for (struct candidate *seen = *head; seen; seen = seen->next)
        if (seen->hash == hash)
            return;
    if (selected_by == MPR_REC_BY_NONE && tables.unmatched++ >= MAX_UNMATCHED)
        return;
    struct candidate *entry = mpr_probe_alloc(sizeof *entry);
    if (!entry || !(record = mpr_rec_append(
                        mpr_probe->writer, MPR_KIND_CANDIDATE, sizeof *record + text_size(key))))
        return;
    fill_identity(record, &record->id, sizeof *record, key, selected_by);
    mpr_rec_publish(mpr_probe->writer);
    *entry = (struct candidate){hash, *head};
    *head = entry;
}

void mpr_function_rows_stop(void)
{
    memset(&tables, 0, sizeof tables);
}
