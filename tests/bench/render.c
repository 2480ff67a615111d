/* SPDX-License-Identifier: MIT */
/* Render a profile of 10⁶ sites and of a day that was sampled every 10 ms, in each format, in a
 * process of its own each, and print what it took: bench_render. Status 1 if a bar is missed. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "made_profile.h"
#include "mprun/report.h"
#include "mprun/timeline.h"
#include "steps.h"

#define SITES ((size_t)1000000)
#define PLACES ((size_t)60000)
#define DAY_NS UINT64_C(86400000000000)
#define STEP_NS UINT64_C(10000000)
#define PIECE ((size_t)64 << 10)

static struct mpr_profile *profile;

static void make_sites(void)
{
    char name[64];
    profile->places = calloc(PLACES, sizeof *profile->places);
    profile->sites = calloc(SITES, sizeof *profile->sites);
    if (!profile->places || !profile->sites)
        abort();
    for (size_t i = 0; i < PLACES; i++) {
        snprintf(name, sizeof name, "Class_%zu.method", i);
        profile->places[i] = (struct mpr_profile_place){.file = made_text("/home/ann/shop/m.py"),
            .qualname = made_text(name),
            .function = MPR_NONE,
            .first_line = 1,
            .last_line = 9999};
    }
    for (size_t i = 0; i < SITES; i++) {
        const struct mpr_profile_place *place = &profile->places[i % PLACES];
        int64_t size = (int64_t)(i * 2654435761u % 1000000);
        profile->sites[i] = (struct mpr_profile_site){.place = i % PLACES,
            .file = place->file,
            .function = place->qualname,
            .line = (uint32_t)(i / PLACES + 1),
            .allocated = size * 3,
            .allocations = (int64_t)i,
            .live_at_peak = size,
            .live_at_end = size / 2,
            .blocks_at_end = 1,
            .peak = size};
    }
    profile->place_count = PLACES;
    profile->site_count = SITES;
}

/* As a sampler joins it. */
static void make_day(void)
{
    struct mpr_timeline *sampled = malloc(sizeof *sampled);
    struct mpr_profile_timeline *timeline = &profile->process[0].timeline;
    if (!sampled)
        abort();
    mpr_timeline_init(sampled);
    for (uint64_t t = 0; t < DAY_NS; t += STEP_NS) {
        mpr_timeline_add(sampled, t, MADE_MIB(100) + (int64_t)(t / STEP_NS % 7919) * 4096, 0, 0);
        mpr_timeline_add_heap(sampled, MADE_MIB(50));
    }
    timeline->count = sampled->count;
    timeline->bucket = calloc(sampled->count, sizeof *timeline->bucket);
    for (size_t i = 0; i < sampled->count; i++)
        timeline->bucket[i] = (struct mpr_profile_bucket){.t_ns = sampled->bucket[i].t_ns,
            .rss_min = sampled->bucket[i].rss_min,
            .rss_max = sampled->bucket[i].rss_max,
            .heap_max = sampled->bucket[i].heap_max,
            .max_function = MPR_NONE,
            .samples = sampled->bucket[i].samples};
    profile->process[0].duration_ns = DAY_NS;
    free(sampled);
}

static int put(void *to, const char *bytes, size_t len)
{
    return mpr_write_all(*(int *)to, bytes, len, NULL);
}

static int render(const void *name, struct took *ret_took)
{
    static char storage[PIECE];
    const struct mpr_view_options shown = {.unit = MPR_UNIT_AUTO, .top = 5};
    const struct mpr_report_options how = {.width = 80, .unicode = true, .plot = true};
    struct mpr_view *view = NULL;
    struct mpr_sink sink;
    int fd = open("/dev/null", O_WRONLY);
    mpr_sink_init_draining(&sink, storage, sizeof storage, put, &fd);
    begin(ret_took);
    int status = mpr_view_new(profile, &shown, &view, NULL);
    if (status == 0)
        status = mpr_report(mpr_format_by_name(name), view, &how, &sink, NULL);
    mpr_view_free(view);
    end(ret_took);
    mpr_sink_release(&sink);
    return status;
}

int main(void)
{
    static const char *const formats[] = {"text", "markdown", "csv", "json", "chrome", "mprof"};
    bool kept = true;
    profile = made_orders_heap();
    made_tree(profile);
    make_sites();
    make_day();
    printf("| 10⁶ sites, a day | processor | clock | peak |\n|---|---|---|---|\n");
    fflush(stdout);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        kept &= measure(formats[i], render, formats[i]);
    return !kept;
}
