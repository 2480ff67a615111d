/* SPDX-License-Identifier: MIT */
/* The sites as the profile lists them: with names, in order of what they held at the peak, and, if
 * that is asked for, those of imported packages summed up. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

enum mpr_domain mpr_build_domain(uint32_t recorded)
{
    if (recorded == MPR_HEAP_PYTHON)
        return MPR_DOMAIN_PYTHON;
    return recorded == MPR_HEAP_MMAP ? MPR_DOMAIN_MMAP : MPR_DOMAIN_NATIVE;
}

static void set_birth(
    const struct mpr_builder *b, const struct mpr_site_sum *sum, struct mpr_profile_site *site)
{
    if (!sum->birth)
        return;
    int64_t since = mpr_build_subtract((int64_t)sum->birth, (int64_t)b->header->tick0);
    int64_t mono = mpr_build_add((int64_t)b->header->ns0, mpr_build_ns(b, since));
    site->birth_ns = mpr_build_subtract(mono, b->start_mono_ns);
    if (site->birth_ns < 0)
        site->birth_ns = 0;
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
        .peak = mpr_build_add(recorded->peak, 0),
        .birth_ns = MPR_UNKNOWN,
    };
    set_birth(b, sum, site);
}

static int by_package(const void *left, const void *right)
{
    const struct mpr_profile_site *a = left;
    const struct mpr_profile_site *b = right;
    if (!a->package || !b->package)
        return (a->package != NULL) - (b->package != NULL);
    int order = strcmp(a->package, b->package);
    return order ? order : (a->domain > b->domain) - (a->domain < b->domain);
}

static void merge(struct mpr_profile_site *into, const struct mpr_profile_site *from)
{
    into->allocated = mpr_build_add(into->allocated, from->allocated);
    into->allocations = mpr_build_add(into->allocations, from->allocations);
    into->live_at_peak = mpr_build_add(into->live_at_peak, from->live_at_peak);
    into->live_at_end = mpr_build_add(into->live_at_end, from->live_at_end);
    into->blocks_at_end = mpr_build_add(into->blocks_at_end, from->blocks_at_end);
    if (from->birth_ns != MPR_UNKNOWN &&
        (into->birth_ns == MPR_UNKNOWN || from->birth_ns < into->birth_ns))
        into->birth_ns = from->birth_ns;
}

/* A line for each package and domain: its name stands where a function's would, without a line. */
static void fold_packages(struct mpr_profile *profile)
{
    size_t kept = 0;
    qsort(profile->sites, profile->site_count, sizeof *profile->sites, by_package);
    for (size_t i = 0; i < profile->site_count; i++) {
        struct mpr_profile_site *last = kept ? &profile->sites[kept - 1] : NULL;
        struct mpr_profile_site site = profile->sites[i];
        if (site.package && last && last->package && by_package(last, &site) == 0) {
            merge(last, &site);
            continue;
        }
        if (site.package) {
            site.place = MPR_NONE;
            site.file = NULL;
            site.function = site.package;
            site.line = 0;
            site.peak = MPR_UNKNOWN;
        }
        profile->sites[kept++] = site;
    }
    profile->site_count = kept;
}

static int by_held(const void *left, const void *right)
{
    const struct mpr_profile_site *a = left;
    const struct mpr_profile_site *b = right;
    if (a->live_at_peak != b->live_at_peak)
        return a->live_at_peak > b->live_at_peak ? -1 : 1;
    if (a->allocated != b->allocated)
        return a->allocated > b->allocated ? -1 : 1;
    int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");
    return order ? order : (a->line > b->line) - (a->line < b->line);
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
    if (b->run->fold_packages)
        fold_packages(profile);
    qsort(profile->sites, profile->site_count, sizeof *profile->sites, by_held);
    return 0;
}
