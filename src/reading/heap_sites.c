/* SPDX-License-Identifier: MIT */
/* The sites as the profile lists them: with names, in the order of the recording. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

enum mpr_domain mpr_build_domain(uint32_t recorded)
{
    if (recorded == MPR_HEAP_PYTHON)
        return MPR_DOMAIN_PYTHON;
    return recorded == MPR_HEAP_MMAP ? MPR_DOMAIN_MMAP : MPR_DOMAIN_NATIVE;
}

int64_t mpr_build_since_start(const struct mpr_builder *b, uint64_t tick)
{
    int64_t ns = mpr_subtract(mpr_build_mono(b, tick), b->start_mono_ns);
    return ns > 0 ? ns : 0;
}

static void set_birth(
    const struct mpr_builder *b, const struct mpr_site_sum *sum, struct mpr_profile_site *site)
{
    if (sum->birth)
        site->birth_ns = mpr_build_since_start(b, sum->birth);
}

static void set_site(const struct mpr_builder *b, const struct mpr_rec_site *recorded,
    const struct mpr_site_sum *sum, struct mpr_profile_site *site)
{
    size_t index = mpr_build_place(b, recorded->place);
    const struct mpr_profile_place *place = &b->profile->places[index];
    *site = (struct mpr_profile_site){
        .place = index,
        .file = place->file,
        .function = place->qualname,
        .package = place->package,
        .line = place->kind == MPR_AT_CODE ? recorded->line : 0,
        .domain = mpr_build_domain(recorded->domain),
        .before = place->kind == MPR_AT_STARTUP,
        .allocated = sum->allocated,
        .allocations = sum->allocations,
        .live_at_peak = sum->at_peak,
        .live_at_end = sum->at_end,
        .blocks_at_end = sum->blocks_at_end,
        .peak = mpr_add(recorded->peak, 0),
        .birth_ns = MPR_UNKNOWN,
    };
    set_birth(b, sum, site);
}

int mpr_build_sites(struct mpr_builder *b, const struct mpr_tree *tree,
    const struct mpr_site_sum *sum, struct mpr_error *err)
{
    struct mpr_profile *profile = b->profile;
    profile->sites = calloc(tree->site_count + 1, sizeof *profile->sites);
    if (!profile->sites)
        return mpr_build_nomem(err);
    for (size_t i = 0; i < tree->site_count; i++)
        if (sum[i].allocations)
            set_site(b, tree->site[i], &sum[i], &profile->sites[profile->site_count++]);
    return 0;
}
