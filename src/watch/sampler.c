/* SPDX-License-Identifier: MIT */
/* Looks at the target's memory from outside. Never waits and never walks more than a bounded
 * number of records, however large the recording has become. */
#include "mprun/watch.h"

#include <unistd.h>

#include "mprun/proc.h"
#include "mprun/sys.h"

#define RECORDS_PER_SAMPLE 4096
#define HWM_EVERY 16

uint64_t mpr_monotonic_ns(void)
{
    struct timespec now;
    mpr_sys_clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void mpr_sampler_open(struct mpr_sampler *sampler, pid_t pid, uint64_t start_ns,
    const struct mpr_rec_reader *reader, struct mpr_timeline *timeline)
{
    *sampler = (struct mpr_sampler){
        .statm_fd = mpr_proc_open(pid, "statm"),
        .status_fd = mpr_proc_open(pid, "status"),
        .page_size = sysconf(_SC_PAGESIZE),
        .start_ns = start_ns,
        .reader = reader,
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

/* Threads are recorded as they first run selected code, so the main one may come late. */
static void find_main_thread(struct mpr_sampler *sampler)
{
    const struct mpr_rec_head *record;
    for (int i = 0; i < RECORDS_PER_SAMPLE && !sampler->main; i++) {
        if (mpr_rec_next(sampler->reader, &sampler->cursor, &record, NULL) != 1)
            return;
        const struct mpr_rec_thread *thread = (const struct mpr_rec_thread *)record;
        if (record->kind == MPR_KIND_THREAD && thread->is_main)
            sampler->main = thread;
    }
}

/* The function and line that are open in the main thread; 0, 0 where none is. The target writes
 * these while we read: what is torn here is one sample's place, nothing else. */
static void open_row(struct mpr_sampler *sampler, uint64_t *ret_function, uint32_t *ret_line)
{
    *ret_function = 0;
    *ret_line = 0;
    if (!sampler->main)
        find_main_thread(sampler);
    if (!sampler->main)
        return;
    uint64_t current = __atomic_load_n(&sampler->main->current, __ATOMIC_ACQUIRE);
    const struct mpr_rec_activation *activation =
        current ? mpr_rec_activation_at(sampler->reader, current) : NULL;
    if (!activation || __atomic_load_n(&activation->state, __ATOMIC_RELAXED) != MPR_ACT_OPEN)
        return;
    *ret_function = __atomic_load_n(&activation->function, __ATOMIC_RELAXED);
    *ret_line = __atomic_load_n(&activation->line, __ATOMIC_RELAXED);
}

static bool is_measurable(const struct mpr_rec_header *header)
{
    uint32_t state = __atomic_load_n(&header->state, __ATOMIC_ACQUIRE);
    return state >= MPR_REC_ARMED && state <= MPR_REC_ENDED &&
           __atomic_load_n(&header->processes.exec_ns, __ATOMIC_RELAXED) == 0;
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

/* Each part is whole; between two of them the target may move. */
static int64_t heap_now(const struct mpr_rec_heap *heap)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof heap->level / sizeof *heap->level; i++)
        sum += __atomic_load_n(&heap->level[i].gil, __ATOMIC_RELAXED) +
               __atomic_load_n(&heap->level[i].nogil, __ATOMIC_RELAXED);
    return sum;
}

static void take(struct mpr_sampler *sampler, bool with_hwm)
{
    char text[256];
    uint64_t pages;
    uint64_t function;
    uint32_t line;
    if (!sampler->reader || sampler->statm_fd < 0)
        return;
    const struct mpr_rec_header *header = mpr_rec_header(sampler->reader);
    if (!is_measurable(header))
        return;
    /* The row before the memory: what a row has just mapped is charged to it, not to the next. */
    open_row(sampler, &function, &line);
    ssize_t len = pread(sampler->statm_fd, text, sizeof text, 0);
    if (len <= 0 || mpr_proc_parse_statm(text, (size_t)len, &pages) < 0 || pages == 0)
        return;
    int64_t own = __atomic_load_n(&header->rss.own, __ATOMIC_RELAXED);
    int64_t rss = (int64_t)pages * sampler->page_size - own;
    mpr_timeline_add(sampler->timeline, mpr_monotonic_ns() - sampler->start_ns, rss > 0 ? rss : 0,
        function, line);
    if (header->heap.tracked)
        mpr_timeline_add_heap(sampler->timeline, heap_now(&header->heap));
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
