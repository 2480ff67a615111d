/* SPDX-License-Identifier: MIT */
/* What is wrong with a word that should have been an option, and which option may be meant. */
#include <string.h>

#include "option_table.h"

#define NAME_MAX_LEN 24

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits between two short names: insert, delete, replace, each 1. */
static size_t edit_distance(const char *a, size_t a_len, const char *b)
{
    size_t row[NAME_MAX_LEN + 1];
    size_t b_len = strlen(b);
    if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replace = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = min_of(replace, min_of(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_len];
}

static const char *nearest_name(const char *name, size_t len)
{
    const char *best = NULL;
    size_t best_distance = len / 3 + 2; /* farther is no typing error */
    for (const struct mpr_option *row = mpr_option_table; row->key; row++) {
        size_t distance = row->name ? edit_distance(name, len, row->name) : SIZE_MAX;
        if (distance >= best_distance)
            continue;
        best = row->name;
        best_distance = distance;
    }
    return best;
}

static int unknown_long(const char *name, size_t len, struct mpr_error *err)
{
    const char *nearest = nearest_name(name, len);
    if (nearest)
        return mpr_error_set(err, MPR_ERR_INVALID, "there is no option --%.*s; is --%s meant?",
            (int)len, name, nearest);
    return mpr_error_set(
        err, MPR_ERR_INVALID, "there is no option --%.*s (see mprun --help)", (int)len, name);
}

/* Options whose name starts so, like getopt: an exact one stands alone. */
static size_t fitting(const char *name, size_t len, const struct mpr_option *ret_rows[2])
{
    size_t count = 0;
    for (const struct mpr_option *row = mpr_option_table; row->key; row++) {
        if (!row->name || strncmp(row->name, name, len) != 0)
            continue;
        if (!row->name[len]) {
            ret_rows[0] = row;
            return 1;
        }
        if (count < 2)
            ret_rows[count] = row;
        count++;
    }
    return count;
}

static int diagnose_long(const char *name, struct mpr_error *err)
{
    const struct mpr_option *rows[2];
    size_t len = strcspn(name, "=");
    size_t count = fitting(name, len, rows);
    if (count == 0)
        return unknown_long(name, len, err);
    if (count > 1)
        return mpr_error_set(err, MPR_ERR_INVALID, "--%.*s may be --%s or --%s", (int)len, name,
            rows[0]->name, rows[1]->name);
    if (rows[0]->argument && !name[len])
        return mpr_error_set(err, MPR_ERR_INVALID, "--%s needs a value: --%s %s", rows[0]->name,
            rows[0]->name, rows[0]->argument);
    if (!rows[0]->argument && name[len])
        return mpr_error_set(err, MPR_ERR_INVALID, "--%s takes no value", rows[0]->name);
    return MPR_OK;
}

static int diagnose_short(const char *letters, struct mpr_error *err)
{
    for (const char *at = letters; *at; at++) {
        const struct mpr_option *row = mpr_option_by_key((unsigned char)*at);
        if (!row)
            return mpr_error_set(
                err, MPR_ERR_INVALID, "there is no option -%c (see mprun --help)", *at);
        if (row->argument && at[1])
            return MPR_OK;
        if (row->argument)
            return mpr_error_set(
                err, MPR_ERR_INVALID, "-%c needs a value: -%c %s", *at, *at, row->argument);
    }
    return MPR_OK;
}

int mpr_option_diagnose(const char *word, struct mpr_error *err)
{
    if (mpr_has_prefix(word, "--"))
        return word[2] ? diagnose_long(word + 2, err) : MPR_OK;
    return word[0] == '-' ? diagnose_short(word + 1, err) : MPR_OK;
}

bool mpr_option_is_stray(const char *word)
{
    for (const struct mpr_option *row = mpr_option_table; row->key; row++) {
        if (!row->stray)
            continue;
        size_t len = strlen(row->name);
        if (mpr_has_prefix(word, "--") && strncmp(word + 2, row->name, len) == 0 &&
            (word[2 + len] == '\0' || word[2 + len] == '='))
            return true;
        if (word[0] == '-' && word[1] == row->key && !word[2])
            return true;
    }
    return false;
}
