/* SPDX-License-Identifier: MIT */
/* What is wrong with a word that should have been an option, and which option may be meant. */
#include <string.h>

#include "option_table.h"

static const char *nearest_name(const char *name, size_t len)
{
    const char *best = NULL;
    const struct mpr_option *row;
    size_t best_distance = len / 3 + 2; /* farther is no typing error */
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
        size_t distance = SIZE_MAX;
        if (row->name)
            distance = mpr_edit_distance(name, len, row->name, strlen(row->name));
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
    const struct mpr_option *row;
    size_t count = 0;
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
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
    return 0;
}

static int diagnose_short(const char *letters, struct mpr_error *err)
{
    for (const char *at = letters; *at; at++) {
        const struct mpr_option *row = mpr_option_by_letter(*at);
        if (!row)
            return mpr_error_set(
                err, MPR_ERR_INVALID, "there is no option -%c (see mprun --help)", *at);
        if (row->argument && at[1])
            return 0;
        if (row->argument)
            return mpr_error_set(
                err, MPR_ERR_INVALID, "-%c needs a value: -%c %s", *at, *at, row->argument);
    }
    return 0;
}

int mpr_option_diagnose(const char *word, struct mpr_error *err)
{
    if (mpr_has_prefix(word, "--"))
        return word[2] ? diagnose_long(word + 2, err) : 0;
    return word[0] == '-' ? diagnose_short(word + 1, err) : 0;
}

bool mpr_option_is_stray(const char *word)
{
    const struct mpr_option *row;
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
        if (row->common)
            continue;
        size_t len = strlen(row->name);
        if (mpr_has_prefix(word, "--") && strncmp(word + 2, row->name, len) == 0 &&
            (word[2 + len] == '\0' || word[2 + len] == '='))
            return true;
        if (word[0] == '-' && word[1] && word[1] == row->letter && !word[2])
            return true;
    }
    return false;
}
