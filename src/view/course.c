/* SPDX-License-Identifier: MIT */
/* The whole program in few figures: its course, and who held the heap's peak. */
#include "view.h"

#define HOLDERS_MAX ((size_t)3)

/* Buckets are equally wide. */
void mpr_view_course(const struct mpr_view *view, size_t parts, int64_t *ret_highest)
{
    const struct mpr_profile_timeline *timeline = &view->process->timeline;
    for (size_t part = 0; part < parts; part++) {
        size_t to = (part + 1) * timeline->count / parts;
        ret_highest[part] = 0;
        for (size_t i = part * timeline->count / parts; i < to; i++)
            if (timeline->bucket[i].rss_max > ret_highest[part])
                ret_highest[part] = timeline->bucket[i].rss_max;
    }
}

static int64_t rss_of(const struct mpr_profile_bucket *bucket)
{
    return bucket->rss_max;
}

static int64_t heap_of(const struct mpr_profile_bucket *bucket)
{
    return bucket->heap_max;
}

static const struct mpr_profile_bucket *highest(
    const struct mpr_view *view, int64_t (*value)(const struct mpr_profile_bucket *bucket))
{
    const struct mpr_profile_timeline *timeline = &view->process->timeline;
    const struct mpr_profile_bucket *found = NULL;
    for (size_t i = 0; i < timeline->count; i++) {
        int64_t level = value(&timeline->bucket[i]);
        if (level != MPR_UNKNOWN && (!found || level > value(found)))
            found = &timeline->bucket[i];
    }
    return found;
}

const struct mpr_profile_bucket *mpr_view_highest_rss(const struct mpr_view *view)
{
    return highest(view, rss_of);
}

const struct mpr_profile_bucket *mpr_view_highest_heap(const struct mpr_view *view)
{
    return highest(view, heap_of);
}

size_t mpr_view_holders(const struct mpr_view *view)
{
    const struct mpr_profile_heap *heap = &view->process->heap;
    size_t count = 0;
    while (count < heap->holder_count && count < HOLDERS_MAX &&
           mpr_view_share(view, heap->holders[count].live_at_peak).kind != MPR_FIGURE_SMALL)
        count++;
    return count;
}
