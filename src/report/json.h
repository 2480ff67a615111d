/* SPDX-License-Identifier: MIT */
/* What those share who write JSON. */
#ifndef MPRUN_REPORT_JSON_H
#define MPRUN_REPORT_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "mprun/report.h"

struct mpr_json {
    const struct mpr_view *view;
    const struct mpr_profile *profile;       /* the view's */
    const struct mpr_comparison *comparison; /* instead of a view; else NULL */
    struct mpr_buf *out;
    const struct mpr_column *keys[MPR_COLUMNS_MAX]; /* of a row */
    size_t key_count;
    bool failed;
};

/* json_write.c: the object around all of it. MPR_ERR_NOMEM: it is not whole. */
void mpr_json_begin(struct mpr_json *json);
int mpr_json_end(struct mpr_json *json, struct mpr_error *err);
/* Each takes the value over. */
void mpr_json_value(struct mpr_json *json, json_t *value);
void mpr_json_member(struct mpr_json *json, int depth, const char *name, json_t *value);
/* The start of a member or element on a line of its own; a NULL value follows by other means. */
void mpr_json_key(struct mpr_json *json, int depth, const char *name);
void mpr_json_element(struct mpr_json *json, int depth, json_t *value);
/* Of an object; a key of ours, which is UTF-8. */
void mpr_json_set(json_t *object, const char *key, json_t *value);
/* NULL becomes null. */
json_t *mpr_json_text(const char *value);
/* MPR_UNKNOWN becomes null. */
json_t *mpr_json_size(int64_t value);
json_t *mpr_json_count(uint64_t value);

/* An object on one line, member by member, that is never built: of those there may be a million.
 * The key is one of ours; the first one follows mpr_json_flat_begin. */
void mpr_json_flat_begin(struct mpr_json *json);
void mpr_json_flat_text(struct mpr_json *json, const char *key, const char *value);
void mpr_json_flat_size(struct mpr_json *json, const char *key, int64_t value);
void mpr_json_flat_end(struct mpr_json *json);

/* json.c: what all reports say of a process and of the run. */
json_t *mpr_json_command(const struct mpr_profile_process *process);
json_t *mpr_json_started(const struct mpr_profile_process *process);
json_t *mpr_json_exit(const struct mpr_profile_process *process);
void mpr_json_notes(struct mpr_json *json);
/* json_tree.c: all of a tree of processes. */
void mpr_json_tree(struct mpr_json *json);
/* json_function.c */
void mpr_json_function(struct mpr_json *json, const struct mpr_profile_function *function);
/* json_heap.c */
json_t *mpr_json_heap(const struct mpr_profile *profile, const struct mpr_profile_process *process);
void mpr_json_sites(struct mpr_json *json);
/* json_intervals.c */
void mpr_json_intervals(struct mpr_json *json);
/* json_marks.c */
void mpr_json_marks(struct mpr_json *json);

#endif
