/* SPDX-License-Identifier: MIT */
/* [SCOPE:]NAME into its spans. Refuses what could never match, and says how to write it. */
#include "mprun/pattern.h"

#include <string.h>

/* A separator at an end, or two in a row. */
static bool has_empty_component(const char *text, size_t len, char separator)
{
    if (text[0] == separator || text[len - 1] == separator)
        return true;
    for (size_t i = 1; i < len; i++) {
        if (text[i] == separator && text[i - 1] == separator)
            return true;
    }
    return false;
}

/* `<stdin>`, `<ipython-input-1-…>`: what stands for a file where there is none. */
static bool is_file_scope(const char *scope, size_t len)
{
    return scope[0] == '<' || memchr(scope, '/', len) ||
           (len >= 3 && memcmp(scope + len - 3, ".py", 3) == 0);
}

static int check_scope(const struct mpr_pattern *pattern, struct mpr_error *err)
{
    const char *scope = pattern->scope;
    size_t len = pattern->scope_len;
    if (len == 0)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--func '%s': nothing before the colon; write MODULE:NAME, FILE:NAME or NAME",
            pattern->text);
    /* The root of an absolute path is not an empty component. */
    size_t root = pattern->scope_is_file && scope[0] == '/';
    char separator = pattern->scope_is_file ? '/' : '.';
    if (len == root || has_empty_component(scope + root, len - root, separator))
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--func '%s': '%.*s' has an empty part between its '%c'; write * for any",
            pattern->text, (int)len, scope, separator);
    return 0;
}

static int check_name(const struct mpr_pattern *pattern, struct mpr_error *err)
{
    if (pattern->name_len == 0)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--func '%s': no function is named; write * for all", pattern->text);
    if (memchr(pattern->name, '/', pattern->name_len))
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--func '%s': a function's name has no '/'; write FILE:NAME", pattern->text);
    size_t plain = strcspn(pattern->name, "() ");
    if (plain > 0 && plain < pattern->name_len)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--func '%s': a name has no blank and no parenthesis; write %.*s", pattern->text,
            (int)(pattern->name - pattern->text + (ptrdiff_t)plain), pattern->text);
    if (strchr(pattern->name, ','))
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--func '%s': one name each; give --func several times", pattern->text);
    if (has_empty_component(pattern->name, pattern->name_len, '.'))
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--func '%s': '%s' has an empty part between its dots; write * for any", pattern->text,
            pattern->name);
    return 0;
}

int mpr_pattern_parse(const char *text, struct mpr_pattern *ret_pattern, struct mpr_error *err)
{
    struct mpr_pattern pattern = {.text = text, .name = text};
    /* The last colon: a path may hold colons, a name cannot. */
    const char *colon = strrchr(text, ':');
    if (colon) {
        pattern.scope_is_file = is_file_scope(text, (size_t)(colon - text));
        pattern.scope = text;
        /* What a shell's completion puts in front. */
        while (mpr_has_prefix(pattern.scope, "./"))
            pattern.scope += 2;
        pattern.scope_len = (size_t)(colon - pattern.scope);
        pattern.name = colon + 1;
    }
    pattern.name_len = strlen(pattern.name);
    int status = pattern.scope ? check_scope(&pattern, err) : 0;
    if (!status)
        status = check_name(&pattern, err);
    if (!status)
        *ret_pattern = pattern;
    return status;
}
