/* SPDX-License-Identifier: MIT */
/* The JSON report of a made profile, read back. */
#ifndef MPRUN_TESTS_READ_JSON_H
#define MPRUN_TESTS_READ_JSON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "made_profile.h"
#include "made_report.h"

/* Frees the profile. */
static inline json_t *render_json(struct mpr_profile *profile)
{
    static const struct made_options options = {.report.width = 80};
    struct mpr_error err = {""};
    json_error_t problem;
    struct mpr_sink sink;
    made_sink(&sink);
    if (made_report(profile, mpr_format_by_name("json"), &options, &sink, &err) != 0)
        fail_msg("%s", err.message);
    json_t *root = json_loadb(sink.out.data, sink.out.len, JSON_REJECT_DUPLICATES, &problem);
    if (!root)
        fail_msg("line %d: %s", problem.line, problem.text);
    mpr_sink_release(&sink);
    mpr_profile_free(profile);
    return root;
}

static inline json_int_t json_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        fail_msg("%s is no integer", key);
    return json_integer_value(value);
}

static inline const char *json_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        fail_msg("%s is no text", key);
    return json_string_value(value);
}

static inline void assert_json_null(const json_t *object, const char *key)
{
    if (!json_is_null(json_object_get(object, key)))
        fail_msg("%s is not null", key);
}

static inline const json_t *json_function(const json_t *root)
{
    return json_array_get(json_object_get(root, "functions"), 0);
}

static inline const json_t *json_row(const json_t *root, size_t index)
{
    return json_array_get(json_object_get(json_function(root), "rows"), index);
}

#endif
