/* SPDX-License-Identifier: MIT */
/* Patterns on a profile that is there: which functions a view has. All that a profile holds
 * somebody selected when it was measured, so a pattern without a scope reaches everything. */
#include <string.h>

#include "mprun/pattern.h"
#include "view.h"

#define NEAREST 3

struct near {
    const struct mpr_profile_function *function;
    size_t distance;
};

static bool matches(const struct mpr_pattern *pattern, const struct mpr_profile_function *function)
{
    struct mpr_subject subject = {
        .module = function->module,
        .qualname = function->qualname,
        .file = function->file,
        .users_code = true,
    };
    return mpr_pattern_match(pattern, &subject);
}

static void offer(
    struct near best[NEAREST], const struct mpr_profile_function *function, size_t distance)
{
    size_t at = NEAREST;
    while (at > 0 && (!best[at - 1].function || distance < best[at - 1].distance))
        at--;
    if (distance == SIZE_MAX || at == NEAREST)
        return;
    for (size_t i = NEAREST - 1; i > at; i--)
        best[i] = best[i - 1];
    best[at] = (struct near){function, distance};
}

static int refuse(
    const struct mpr_view *view, const struct mpr_pattern *pattern, struct mpr_error *err)
{
    struct near best[NEAREST] = {{0}};
    struct mpr_buf names;
    mpr_buf_init(&names);
    for (size_t i = 0; i < view->function_count; i++) {
        const struct mpr_profile_function *function = view->functions[i].function;
        offer(best, function, mpr_pattern_distance(pattern, function->module, function->qualname));
    }
    for (size_t i = 0; i < NEAREST && best[i].function; i++)
        mpr_buf_printf(&names, "%s%s (%s:%u)", i ? ", " : "; nearest: ", best[i].function->qualname,
            mpr_path_relative(view->profile->cwd, best[i].function->file),
            (unsigned)best[i].function->first_line);
    int status = mpr_error_set(err, MPR_ERR_NOTFOUND, "no function of the profile matches '%s'%s",
        pattern->text, names.failed ? "" : names.data);
    mpr_buf_release(&names);
    return status;
}

/* Each pattern matches something. */
static int check(
    const struct mpr_view *view, const struct mpr_view_options *options, struct mpr_error *err)
{
    for (size_t i = 0; i < options->pattern_count; i++) {
        struct mpr_pattern pattern;
        bool found = false;
        int status = mpr_pattern_parse(options->patterns[i], &pattern, err);
        if (status < 0)
            return status;
        for (size_t n = 0; !found && n < view->function_count; n++)
            found = matches(&pattern, view->functions[n].function);
        if (!found)
            return refuse(view, &pattern, err);
    }
    return 0;
}

static bool is_chosen(
    const struct mpr_view_options *options, const struct mpr_profile_function *function)
{
    struct mpr_pattern pattern;
    for (size_t i = 0; i < options->pattern_count; i++)
        if (mpr_pattern_parse(options->patterns[i], &pattern, NULL) == 0 &&
            matches(&pattern, function))
            return true;
    return false;
}

int mpr_view_choose(
    struct mpr_view *view, const struct mpr_view_options *options, struct mpr_error *err)
{
    size_t kept = 0;
    int status = check(view, options, err);
    if (status < 0 || options->pattern_count == 0)
        return status;
    for (size_t i = 0; i < view->function_count; i++)
        if (is_chosen(options, view->functions[i].function))
            view->functions[kept++] = view->functions[i];
    view->function_count = kept;
    return 0;
}
