/* SPDX-License-Identifier: MIT */
/* What counts against the budgets. */
#include "view.h"

static int64_t peak_heap(const struct mpr_view *view)
{
    return view->heap_off ? MPR_UNKNOWN : view->process->heap.all.peak;
}

static int64_t peak_rss(const struct mpr_view *view)
{
    return view->process->rss_peak;
}

static int64_t leak(const struct mpr_view *view)
{
    const struct mpr_profile_heap *heap = &view->process->heap;
    int64_t left;
    if (view->heap_off || __builtin_sub_overflow(heap->all.end, heap->before, &left))
        return MPR_UNKNOWN;
    return left;
}

int64_t mpr_view_budget(const struct mpr_view *view, enum mpr_budget budget)
{
    static int64_t (*const values[MPR_BUDGETS])(const struct mpr_view *) = {
        [MPR_BUDGET_PEAK_HEAP] = peak_heap,
        [MPR_BUDGET_PEAK_RSS] = peak_rss,
        [MPR_BUDGET_LEAK] = leak,
    };
    return values[budget](view);
}
