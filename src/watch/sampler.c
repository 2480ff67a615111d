/* SPDX-License-Identifier: MIT */
/* Samples of a process's memory. Knows neither who started the process nor what is measured in it;
 * never waits. */
#include "mprun/watch.h"

#include <unistd.h>

#include "mprun/number.h"
#include "mprun/proc.h"
#include "mprun/sys.h"

#define HWM_EVERY 16

uint64_t mpr_monotonic_ns(void)
{
    struct timespec now;
    mpr_sys_clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void mpr_sampler_open(struct mpr_sampler *sampler, pid_t pid, uint64_t start_ns,
    const struct mpr_watch_source *source, struct mpr_timeline *timeline)
{
    *sampler = (struct mpr_sampler){
        .statm_fd = mpr_proc_open(pid, "statm"),
        .status_fd = mpr_proc_open(pid, "status"),
        .page_size = sysconf(_SC_PAGESIZE),
        .start_ns = start_ns,
        .source = *source,
        .timeline = timeline,
    };
}

void mpr_sampler_close(struct mpr_sampler *sampler)
{
    if (sampler->statm_fd >= 0)
        close(sampler->statm_fd);
    if (sampler->status_fd >= 0)
        close(sampler->status_fd);
    sampler->statm_fd = sampler->status_fd = -1;
}

static void read_hwm(struct mpr_sampler *sampler)
{
    char text[4096];
    uint64_t bytes;
    ssize_t len = sampler->status_fd >= 0 ? pread(sampler->status_fd, text, sizeof text, 0) : -1;
    if (len <= 0 || mpr_proc_parse_status(text, (size_t)len, "VmHWM", &bytes) < 0)
        return;
    if (bytes <= INT64_MAX && (int64_t)bytes > sampler->hwm_seen)
        sampler->hwm_seen = (int64_t)bytes;
}

static void take(struct mpr_sampler *sampler, bool with_hwm)
{
    const struct mpr_watch_source *source = &sampler->source;
    char text[256];
    uint64_t pages, function = 0;
    uint32_t line = 0;
    if (sampler->statm_fd < 0 || (source->ready && !source->ready(source->data)))
        return;
    /* The row before the memory: what a row has just mapped is charged to it, not to the next. */
    if (source->where)
        source->where(source->data, &function, &line);
    ssize_t len = pread(sampler->statm_fd, text, sizeof text, 0);
    if (len <= 0 || mpr_proc_parse_statm(text, (size_t)len, &pages) < 0 || pages == 0)
        return;
    int64_t own = source->own ? source->own(source->data) : 0;
    int64_t rss = mpr_subtract((int64_t)pages * sampler->page_size, own);
    int64_t heap = source->heap ? source->heap(source->data) : INT64_MIN;
    mpr_timeline_add(sampler->timeline, mpr_monotonic_ns() - sampler->start_ns, rss > 0 ? rss : 0,
        function, line);
    if (heap != INT64_MIN)
        mpr_timeline_add_heap(sampler->timeline, heap);
    if (with_hwm)
        read_hwm(sampler);
}

void mpr_sampler_take(struct mpr_sampler *sampler)
{
    take(sampler, sampler->count++ % HWM_EVERY == 0);
}

void mpr_sampler_take_last(struct mpr_sampler *sampler)
{
    take(sampler, true);
}
