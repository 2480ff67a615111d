/* SPDX-License-Identifier: MIT */
/* The sites as the profile lists them: with names, in order of what they held at the peak, and, if
 * that is asked for, those of imported packages summed up. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* The name behind the last of these, up to the next slash or the ending, is a package's. */
static const char *const roots[] = {"/site-packages/", "/dist-packages/", "/lib-dynload/"};

static char *component(const char *path)
{
    size_t len = strcspn(path, "/");
    if (path[len] == '\0') {
        const char *dot = strchr(path, '.');
        len = dot ? (size_t)(dot - path) : len;
    }
    return mpr_build_text(path, len);
}

/* ".../lib/python3.11/json/decoder.py": what stands behind the version's folder. */
static const char *in_standard_library(const char *file)
{
    const char *at = strstr(file, "/lib/python3.");
    if (!at)
        return NULL;
    at = strchr(at + strlen("/lib/python3."), '/');
    return at ? at + 1 : NULL;
}

/* The top package of an imported file; NULL: the user's own code. */
static bool package_of(const char *file, char **ret_package)
{
    const char *inside = NULL;
    *ret_package = NULL;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        const char *at = strstr(file, roots[i]);
        if (at)
            inside = at + strlen(roots[i]);
    }
    if (!inside && strncmp(file, "<frozen ", 8) == 0) {
        size_t len = strcspn(file + 8, "> ");
        *ret_package = mpr_build_text(file + 8, len);
        char *dot = *ret_package ? strchr(*ret_package, '.') : NULL;
        if (dot)
            *dot = '\0';
        return *ret_package != NULL;
    }
    if (!inside)
        inside = in_standard_library(file);
    if (!inside)
        return true;
    *ret_package = component(inside);
    return *ret_package != NULL;
}

static bool set_names(
    const struct mpr_builder *b, const struct mpr_rec_site *recorded, struct mpr_profile_site *site)
{
    const char *special = mpr_build_special(recorded->place);
    if (special || recorded->place == 0 || recorded->place > b->place_count) {
        site->function = mpr_strdup(special ? special : "<unknown>");
        return site->function != NULL;
    }
    const struct mpr_rec_place *place = b->places[recorded->place - 1];
    const char *file = mpr_rec_text(&place->head, place->id.file);
    const char *qualname = mpr_rec_text(&place->head, place->id.qualname);
    site->file = mpr_build_path(b->run->cwd, file);
    site->function = mpr_build_text(qualname, strlen(qualname));
    site->line = recorded->line;
    return site->file && site->function && package_of(file, &site->package);
}

static enum mpr_domain domain_of(uint32_t recorded)
{
    if (recorded == MPR_HEAP_PYTHON)
        return MPR_DOMAIN_PYTHON;
    return recorded == MPR_HEAP_MMAP ? MPR_DOMAIN_MMAP : MPR_DOMAIN_NATIVE;
}

static bool add_site(struct mpr_builder *b, const struct mpr_rec_site *recorded,
    const struct mpr_site_sum *sum, struct mpr_profile_site *site)
{
    *site = (struct mpr_profile_site){
        .domain = domain_of(recorded->domain),
        .before = recorded->place == MPR_PLACE_STARTUP,
        .allocated = sum->allocated,
        .allocations = sum->allocations,
        .live_at_peak = sum->at_peak,
        .live_at_end = sum->at_end,
        .blocks_at_end = sum->blocks_at_end,
        .peak = mpr_build_add(recorded->peak, 0),
        .birth_ns = MPR_UNKNOWN,
    };
    if (sum->birth) {
        int64_t since = mpr_build_subtract((int64_t)sum->birth, (int64_t)b->header->tick0);
        int64_t mono = mpr_build_add((int64_t)b->header->ns0, mpr_build_ns(b, since));
        site->birth_ns = mpr_build_subtract(mono, b->start_mono_ns);
        if (site->birth_ns < 0)
            site->birth_ns = 0;
    }
    return set_names(b, recorded, site);
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

static void merge(struct mpr_profile_site *into, struct mpr_profile_site *from)
{
    into->allocated = mpr_build_add(into->allocated, from->allocated);
    into->allocations = mpr_build_add(into->allocations, from->allocations);
    into->live_at_peak = mpr_build_add(into->live_at_peak, from->live_at_peak);
    into->live_at_end = mpr_build_add(into->live_at_end, from->live_at_end);
    into->blocks_at_end = mpr_build_add(into->blocks_at_end, from->blocks_at_end);
    if (from->birth_ns != MPR_UNKNOWN &&
        (into->birth_ns == MPR_UNKNOWN || from->birth_ns < into->birth_ns))
        into->birth_ns = from->birth_ns;
    mpr_profile_site_release(from);
}

/* A line for each package and domain: its name stands where a function's would, without a line. */
static bool fold_packages(struct mpr_profile *profile)
{
    size_t kept = 0;
    qsort(profile->sites, profile->site_count, sizeof *profile->sites, by_package);
    for (size_t i = 0; i < profile->site_count; i++) {
        struct mpr_profile_site *last = kept ? &profile->sites[kept - 1] : NULL;
        struct mpr_profile_site *site = &profile->sites[i];
        if (site->package && last && last->package && by_package(last, site) == 0) {
            merge(last, site);
            continue;
        }
        struct mpr_profile_site moved = *site;
        profile->sites[kept++] = moved;
    }
    profile->site_count = kept;
    for (size_t i = 0; i < kept; i++) {
        struct mpr_profile_site *site = &profile->sites[i];
        if (!site->package)
            continue;
        char *name = mpr_strdup(site->package);
        if (!name)
            return false;
        free(site->file);
        free(site->function);
        site->file = NULL;
        site->function = name;
        site->line = 0;
        site->peak = MPR_UNKNOWN;
    }
    return true;
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

int mpr_build_sites(struct mpr_builder *b, const struct mpr_rec_site *const *sites,
    const struct mpr_site_sum *sum, size_t count, struct mpr_error *err)
{
    struct mpr_profile *profile = b->profile;
    profile->sites = calloc(count + 1, sizeof *profile->sites);
    if (!profile->sites)
        return mpr_build_nomem(err);
    for (size_t i = 0; i < count; i++) {
        if (sum[i].allocations == 0)
            continue;
        if (!add_site(b, sites[i], &sum[i], &profile->sites[profile->site_count++]))
            return mpr_build_nomem(err);
    }
    if (b->run->fold_packages && !fold_packages(profile))
        return mpr_build_nomem(err);
    qsort(profile->sites, profile->site_count, sizeof *profile->sites, by_held);
    return 0;
}
