/* SPDX-License-Identifier: MIT */
/* Objects of a JSON report as structs of the model: a list of keys for each, a column of the
 * store's kind for each key. */
#ifndef MPRUN_STORE_JSON_KEYS_H
#define MPRUN_STORE_JSON_KEYS_H

#include <jansson.h>

#include "schema.h"

extern const struct mpr_store_column mpr_json_process_keys[];
extern const struct mpr_store_column mpr_json_engine_keys[];
extern const struct mpr_store_column mpr_json_check_keys[];
extern const struct mpr_store_column mpr_json_rss_keys[];
extern const struct mpr_store_column mpr_json_heap_keys[];
extern const struct mpr_store_column mpr_json_map_keys[];
extern const struct mpr_store_column mpr_json_reconciliation_keys[];
extern const struct mpr_store_column mpr_json_sum_keys[];
extern const struct mpr_store_column mpr_json_site_keys[];
extern const struct mpr_store_column mpr_json_timeline_keys[];
extern const struct mpr_store_column mpr_json_intervals_keys[];
extern const struct mpr_store_column mpr_json_interval_keys[];
extern const struct mpr_store_column mpr_json_mark_keys[];
extern const struct mpr_store_column mpr_json_section_keys[];

/* All keys of a list, into their fields, but for indices, which JSON does not tell; what is owned
 * there is the element's, also on failure. A size that is not there is not known. MPR_ERR_CORRUPT
 * names the key. */
int mpr_json_take(const struct mpr_store_column *keys, const json_t *object, void *element,
    struct mpr_error *err);
/* The number of a word. False: it is none of the column's. */
bool mpr_json_word(const struct mpr_store_column *column, const json_t *value, void *field);
/* As the model has text, the caller's; NULL without one, or without memory. */
char *mpr_json_text_of(const json_t *value);
/* MPR_ERR_CORRUPT. */
int mpr_json_wrong(const char *key, struct mpr_error *err);

#endif
