/* SPDX-License-Identifier: MIT */
/* A pattern held against a name. Each code object of the target is judged once, so this is warm,
 * not hot; but a pattern is a user's input, so the cost is bounded by components × name × pattern,
 * never exponential. */
#include "mprun/pattern.h"

#include "name.h"

/* Where a match may end. */
enum ending {
    AT_END,
    AT_DOT, /* or at the end: a prefix of the name that is whole components */
};

/* The module part alone is no function's name, so a match may not end inside it. */
static bool may_end(const struct mpr_name *text, enum ending ending)
{
    if (text->qualname)
        return false;
    return *text->at == '\0' || (ending == AT_DOT && *text->at == '.');
}

/* Going back to the last star alone is enough: the earliest match of what stands before it leaves
 * the most room behind it. */
static bool glob(const char *pattern, size_t len, struct mpr_name text, enum ending ending)
{
    const char *end = pattern + len;
    const char *star = NULL; /* behind the last star */
    struct mpr_name retry = text;
    for (;;) {
        if (pattern == end && may_end(&text, ending))
            return true;
        char byte = mpr_name_byte(&text);
        char want = pattern < end ? *pattern : '\0';
        if (want == '*') {
            star = ++pattern;
            retry = text;
        } else if (want == '?' && byte) {
            pattern++;
            mpr_name_step_character(&text);
        } else if (want && want == byte) {
            pattern++;
            mpr_name_step(&text);
        } else if (star && mpr_name_byte(&retry)) {
            mpr_name_step_character(&retry);
            text = retry;
            pattern = star;
        } else {
            return false;
        }
    }
}

static bool glob_from_any_component(
    const char *pattern, size_t len, struct mpr_name text, char separator, enum ending ending)
{
    do {
        if (glob(pattern, len, text, ending))
            return true;
    } while (mpr_name_next_component(&text, separator));
    return false;
}

static bool file_in_scope(const struct mpr_pattern *pattern, const char *file)
{
    struct mpr_name path = mpr_name_plain(file);
    if (pattern->scope[0] == '/')
        return glob(pattern->scope, pattern->scope_len, path, AT_END);
    return glob_from_any_component(pattern->scope, pattern->scope_len, path, '/', AT_END);
}

static bool module_in_scope(const struct mpr_pattern *pattern, const char *module)
{
    struct mpr_name name = mpr_name_plain(module);
    return glob(pattern->scope, pattern->scope_len, name, AT_DOT) ||
           glob_from_any_component(pattern->scope, pattern->scope_len, name, '.', AT_END);
}

static bool in_scope(const struct mpr_pattern *pattern, const struct mpr_subject *subject)
{
    if (!pattern->scope)
        return subject->users_code;
    if (pattern->scope_is_file)
        return file_in_scope(pattern, subject->file);
    return module_in_scope(pattern, subject->module);
}

bool mpr_pattern_match(const struct mpr_pattern *pattern, const struct mpr_subject *subject)
{
    if (!in_scope(pattern, subject))
        return false;
    struct mpr_name name = mpr_name_start(subject->module, subject->qualname);
    return glob_from_any_component(pattern->name, pattern->name_len, name, '.', AT_DOT);
}
