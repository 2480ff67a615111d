/* SPDX-License-Identifier: MIT */
/* A view from its options, step by step, and its end. */
#include "view.h"

#include <stdlib.h>

static bool make(struct mpr_view *view, const struct mpr_view_options *options)
{
    if (!mpr_view_place(view))
        return false;
    mpr_view_list(view);
    mpr_view_measure(view);
    mpr_view_choose_units(view, options->unit);
    if (!mpr_view_list_shown(view))
        return false;
    mpr_view_measure(view);
    return mpr_view_sites(view, options->fold_packages) && mpr_view_tops(view);
}

int mpr_view_new(const struct mpr_profile *profile, const struct mpr_view_options *options,
    struct mpr_view **ret_view, struct mpr_error *err)
{
    struct mpr_view *view = calloc(1, sizeof *view);
    if (!view)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    view->profile = profile;
    view->process = &profile->process[0];
    view->rss_off = view->process->rss_resolution == MPR_UNKNOWN;
    view->heap_off = !view->process->heap.tracked;
    view->all_lines = options->all_lines;
    view->top_wanted = options->top;
    if (!mpr_view_tree(view)) {
        mpr_view_free(view);
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    }
    int status = mpr_columns_parse(options->columns, view->choice, err);
    if (status == 0 && !mpr_view_order(view, options->sort))
        status = mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    if (status == 0)
        status = mpr_view_choose(view, options, err);
    if (status == 0 && !make(view, options))
        status = mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    if (status == 0)
        *ret_view = view;
    else
        mpr_view_free(view);
    return status;
}

void mpr_view_free(struct mpr_view *view)
{
    if (!view)
        return;
    free(view->processes);
    free(view->functions);
    free(view->by_place);
    free(view->rank);
    free(view->sites);
    free(view->sums);
    for (size_t i = 0; i < MPR_TOPS; i++)
        free(view->top[i].site);
    free(view);
}
