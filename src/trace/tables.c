/* SPDX-License-Identifier: MIT */
/* Tables and candidates: hash chains in own memory, records in the recording. Cold. */
#include <string.h>

#include "mprun/imports.h"
#include "tables.h"

#define BUCKETS 4096
#define MAX_UNMATCHED 4096

struct candidate {
    uint64_t hash;
    struct candidate *next;
};

static struct mpr_table *tables[BUCKETS];
static struct candidate *candidates[BUCKETS];
static unsigned unmatched;

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

/* FNV-1a over file and name; tables of one name differ by line and share a chain. */
static uint64_t hash_key(const struct mpr_key *key)
{
    return hash_text(hash_text(UINT64_C(0xcbf29ce484222325), key->file), key->qualname);
}

static const char *record_text(const struct mpr_rec_function *fn, uint32_t offset)
{
    return (const char *)fn + offset;
}

static bool same_name(const struct mpr_table *table, uint64_t hash, const struct mpr_key *key)
{
    return table->hash == hash &&
           strcmp(record_text(table->fn, table->fn->id.qualname), key->qualname) == 0 &&
           strcmp(record_text(table->fn, table->fn->id.file), key->file) == 0;
}

struct mpr_table *mpr_table_find(const struct mpr_key *key)
{
    uint64_t hash = hash_key(key);
    struct mpr_table *table = tables[hash % BUCKETS];
    while (table && !(same_name(table, hash, key) && table->fn->id.first_line == key->first_line))
        table = table->next;
    return table;
}

struct mpr_table *mpr_table_around(const struct mpr_key *key)
{
    uint64_t hash = hash_key(key);
    struct mpr_table *best = NULL;
    for (struct mpr_table *table = tables[hash % BUCKETS]; table; table = table->next) {
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

/* Append a function record; the table then is its face in this process. */
static bool add_record(struct mpr_table *table, const struct mpr_key *key, uint32_t selected_by)
{
    uint64_t lines = (uint64_t)key->last_line - key->first_line + 1;
    uint64_t rows_size = lines * sizeof(struct mpr_rec_row);
    struct mpr_rec_function *fn;
    fn = mpr_rec_append(
        mpr_probe->writer, MPR_REC_FUNCTION, sizeof *fn + rows_size + text_size(key));
    if (!fn)
        return false;
    fn->row_count = (uint32_t)lines;
    fn->rows = sizeof *fn;
    fill_identity(fn, &fn->id, (uint32_t)(fn->rows + rows_size), key, selected_by);
    table->fn = fn;
    table->rows = (struct mpr_rec_row *)(void *)((char *)fn + fn->rows);
    table->offset = mpr_rec_last_offset(mpr_probe->writer);
    return true;
}

struct mpr_table *mpr_table_add(const struct mpr_key *key, uint32_t selected_by)
{
    struct mpr_table *table = mpr_probe_alloc(sizeof *table);
    if (!table || !add_record(table, key, selected_by))
        return NULL;
    mpr_rec_publish(mpr_probe->writer);
    table->off_path = mpr_imports_file(key->file, strlen(key->file));
    table->hash = hash_key(key);
    table->next = tables[table->hash % BUCKETS];
    tables[table->hash % BUCKETS] = table;
    return table;
}

/* Open rows move to the new record; suspended ones find theirs when they resume. */
static void move_open_rows(struct mpr_table *table)
{
    for (struct mpr_rec_activation *top = table->tops; top; top = top->sibling)
        for (struct mpr_rec_activation *act = top; act; act = act->outer)
            mpr_activation_rebase(act);
}

bool mpr_table_extend(struct mpr_table *table, uint32_t last_line)
{
    struct mpr_rec_function *old = table->fn;
    const struct mpr_rec_row *old_rows = table->rows;
    struct mpr_key key = {record_text(old, old->id.file), record_text(old, old->id.qualname),
        record_text(old, old->id.module), old->id.first_line, last_line};
    if (!add_record(table, &key, old->id.selected_by))
        return false;
    memcpy(table->rows, old_rows, old->row_count * sizeof *old_rows);
    table->contexts = NULL; /* there are more rows now */
    table->fn->calls = old->calls;
    table->fn->rss_entry = old->rss_entry;
    table->fn->freed_on_return = old->freed_on_return;
    table->fn->flags = old->flags;
    mpr_rec_publish(mpr_probe->writer);
    old->flags |= MPR_REC_FN_WITHDRAWN;
    move_open_rows(table);
    return true;
}

void mpr_tables_withdraw_default(void)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct mpr_table *table = tables[i]; table; table = table->next)
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
    struct candidate **head = &candidates[hash % BUCKETS];
    for (struct candidate *seen = *head; seen; seen = seen->next)
        if (seen->hash == hash)
            return;
    if (selected_by == MPR_REC_BY_NONE && unmatched++ >= MAX_UNMATCHED)
        return;
    struct candidate *entry = mpr_probe_alloc(sizeof *entry);
    if (!entry || !(record = mpr_rec_append(
                        mpr_probe->writer, MPR_REC_CANDIDATE, sizeof *record + text_size(key))))
        return;
    fill_identity(record, &record->id, sizeof *record, key, selected_by);
    mpr_rec_publish(mpr_probe->writer);
    *entry = (struct candidate){hash, *head};
    *head = entry;
}
