/* SPDX-License-Identifier: MIT */
/* What a recording knows at this moment of the process that writes it. Never walks more than a
 * bounded number of records, however large the recording has become. */
#include "mprun/watch.h"

#include "mprun/number.h"

#define RECORDS_PER_SAMPLE 4096

static bool ready(void *data)
{
    const struct mpr_watch_recording *recording = data;
    if (!recording->reader)
        return false;
    const struct mpr_rec_header *header = mpr_rec_header(recording->reader);
    uint32_t state = __atomic_load_n(&header->state, __ATOMIC_ACQUIRE);
    return state >= MPR_REC_ARMED && state <= MPR_REC_ENDED &&
           __atomic_load_n(&header->processes.exec_ns, __ATOMIC_RELAXED) == 0;
}

/* Threads are recorded as they first run selected code, so the main one may come late. */
static void find_main_thread(struct mpr_watch_recording *recording)
{
    const struct mpr_rec_head *record;
    for (int i = 0; i < RECORDS_PER_SAMPLE && !recording->main; i++) {
        if (mpr_rec_next(recording->reader, &recording->cursor, &record, NULL) != 1)
            return;
        const struct mpr_rec_thread *thread = (const struct mpr_rec_thread *)record;
        if (record->kind == MPR_KIND_THREAD && thread->is_main)
            recording->main = thread;
    }
}

/* Of the main thread. The target writes these while we read: what is torn here is one sample's
 * place, nothing else. */
static void where(void *data, uint64_t *ret_function, uint32_t *ret_line)
{
    struct mpr_watch_recording *recording = data;
    *ret_function = 0;
    *ret_line = 0;
    if (!recording->main)
        find_main_thread(recording);
    if (!recording->main)
        return;
    uint64_t current = __atomic_load_n(&recording->main->current, __ATOMIC_ACQUIRE);
    const struct mpr_rec_activation *activation =
        current ? mpr_rec_activation_at(recording->reader, current) : NULL;
    if (!activation || __atomic_load_n(&activation->state, __ATOMIC_RELAXED) != MPR_ACT_OPEN)
        return;
    *ret_function = __atomic_load_n(&activation->function, __ATOMIC_RELAXED);
    *ret_line = __atomic_load_n(&activation->line, __ATOMIC_RELAXED);
}

static int64_t own(void *data)
{
    const struct mpr_watch_recording *recording = data;
    return __atomic_load_n(&mpr_rec_header(recording->reader)->rss.own, __ATOMIC_RELAXED);
}

/* Each part is whole; between two of them the target may move. It may write any number. */
static int64_t heap(void *data)
{
    const struct mpr_watch_recording *recording = data;
    const struct mpr_rec_heap *counts = &mpr_rec_header(recording->reader)->heap;
    int64_t sum = 0;
    if (!counts->tracked)
        return INT64_MIN;
    for (size_t i = 0; i < sizeof counts->level / sizeof *counts->level; i++)
        sum = mpr_add(mpr_add(sum, __atomic_load_n(&counts->level[i].gil, __ATOMIC_RELAXED)),
            __atomic_load_n(&counts->level[i].nogil, __ATOMIC_RELAXED));
    return sum;
}

struct mpr_watch_source mpr_watch_recording_source(
    struct mpr_watch_recording *recording, const struct mpr_rec_reader *reader)
{
    *recording = (struct mpr_watch_recording){.reader = reader};
    return (struct mpr_watch_source){ready, where, own, heap, recording};
}
