/* SPDX-License-Identifier: MIT */
/* First inputs of fuzz_recording, made with this build's structs, so that they fit its layout:
 * make_recordings DIRECTORY. */
#include <stdio.h>
#include <unistd.h>

#include "made_marks.h"

/* As fuzz_recording takes it: `knobs` in the magic's place, no gap before the log. */
static void save(const char *directory, const char *name, uint64_t knobs)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "wb");
    header()->magic = knobs;
    size_t log = header()->log_used - MPR_REC_LOG;
    if (!out || fwrite(region.bytes, sizeof(struct mpr_rec_header), 1, out) != 1 ||
        (log && fwrite(region.bytes + MPR_REC_LOG, log, 1, out) != 1) || fclose(out) != 0) {
        perror(path);
        _exit(1);
    }
    free(region.bytes);
}

static void save_nothing(const char *directory)
{
    make_region(1 << 16);
    add_pattern("absent");
    add_candidate("shop.py", "present", 3, MPR_REC_BY_NONE);
    add_candidate("shop.py", "Class.absence", 9, MPR_REC_BY_NONE);
    save(directory, "nothing", 0x0200000000500a00);
}

static void save_functions(const char *directory)
{
    make_region(1 << 16);
    add_pattern("load");
    struct mpr_rec_function *load = add_function("shop.py", "load", 3, 9, 0);
    set_row(load, 4, 1, MIB(12), MIB(2));
    set_row(load, 5, 200, MIB(20), MIB(8));
    set_row(load, 9, 1, MIB(15), -MIB(5));
    struct mpr_rec_function *code = add_function("<string>", "<module>", 1, 2, MPR_REC_BY_DEFAULT);
    set_row(code, 1, 1, MIB(11), 4096);
    save(directory, "functions", 0x1401000001781f02);
}

static void save_far(const char *directory)
{
    static const struct mpr_rec_stretch far[] = {{3, 2, 0}, {5000, 3, 2}, {5000000, 1, 5}};
    make_region(1 << 16);
    struct mpr_rec_function *fn = add_far_function("shop.py", "far", far, 3);
    set_row(fn, 4, 1, MIB(12), MIB(2));
    set_row(fn, 5002, 1, MIB(12), MIB(2));
    struct mpr_rec_slots *slots = add_slots(1);
    slots->slot[0] = opened(1, fn, 5000000, MIB(10), 0);
    save(directory, "far", 0x0200000000500a02);
}

static void save_intervals(const char *directory)
{
    make_region(1 << 16);
    struct mpr_rec_function *fn = add_function("shop.py", "load", 3, 9, 0);
    struct mpr_rec_intervals *piece = add_record(MPR_KIND_INTERVALS, sizeof *piece);
    for (uint32_t i = 0; i < 40; i++)
        piece->interval[i] = (struct mpr_rec_interval){.begin = header()->clock.start.tick + i,
            .end = header()->clock.start.tick + 50 - i,
            .function = (uint32_t)(offset_of(fn) / 8),
            .rss_begin = i};
    header()->kept = (struct mpr_rec_kept){mpr_rec_window(30, 20), 1, 5, 100};
    save(directory, "intervals", 0x0200000000500a02);
}

static void save_open(const char *directory)
{
    make_region(1 << 16);
    struct mpr_rec_function *fn = add_function("shop.py", "grow", 1, 4, MPR_REC_BY_DECORATOR);
    set_row(fn, 2, 3, MIB(10), MIB(1));
    struct mpr_rec_slots *slots = add_slots(3);
    slots->slot[0] = opened(1, fn, 3, MIB(10), 0);
    slots->slot[1] = opened(2, fn, 2, MIB(11), MIB(1));
    struct mpr_rec_thread *thread = add_record(MPR_KIND_THREAD, sizeof *thread);
    *thread = (struct mpr_rec_thread){
        .head = thread->head, .tid = 77, .is_main = 1, .current = offset_of(&slots->slot[1])};
    header()->state = MPR_REC_RUNNING;
    header()->notes = UINT32_MAX;
    header()->settings.flags = MPR_REC_RSS_CHECK;
    header()->rss.end = 0;
    header()->counts.dropped = 3;
    header()->processes.children = 2;
    save(directory, "open", 0xff02000903640f03);
}

static void save_heap(const char *directory)
{
    make_region(1 << 16);
    made_heap();
    header()->heap.snapshot = MPR_SNAPSHOT_COLLECTED;
    header()->heap.reconciliation = (struct mpr_rec_reconciliation){
        .valid = 1, .malloc_known = 1, .rss = MIB(20), .python = MIB(5), .interpreter = MIB(9)};
    memcpy(header()->heap.allocator, "libmimalloc.so.2", 17);
    struct mpr_rec_slots *slots = add_slots(1);
    slots->slot[0] = opened(1, (void *)(region.bytes + MPR_REC_LOG), 22, MIB(10), 0);
    struct mpr_rec_thread *thread = add_record(MPR_KIND_THREAD, sizeof *thread);
    thread->tid = 77;
    thread->heap = (struct mpr_rec_heap_counts){1000, 100, 10, 2000, 0, 0};
    save(directory, "heap", 0x0a05000501640f01);
}

static void save_sources(const char *directory)
{
    make_region(1 << 16);
    add_source("shop.py", MPR_SOURCE_STAMPED, "")->state.mtime = 1700000000;
    add_source("gone.py", MPR_SOURCE_ABSENT, "");
    add_source("<made>", MPR_SOURCE_TEXT, "def made(n):\n    x = [0] * n\r    return '\xc3\xa9'");
    add_source("gone.py", MPR_SOURCE_TEXT | MPR_SOURCE_CHANGED, "def other():\n    pass\n");
    static const char *const files[] = {"shop.py", "gone.py", "<made>"};
    for (size_t i = 0; i < 3; i++)
        set_row(add_function(files[i], "made", 1, 3, MPR_REC_BY_DEFAULT), 2, 1, MIB(11), 4096);
    save(directory, "sources", 0x1401000001781f02);
}

static void save_marks(const char *directory)
{
    make_region(1 << 16);
    made_heap();
    made_marks_of_heap();
    header()->notes = MPR_NOTE_MARKS_FULL;
    save(directory, "marks", 0x0a05000501640f01);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    save_nothing(argv[1]);
    save_functions(argv[1]);
    save_far(argv[1]);
    save_intervals(argv[1]);
    save_open(argv[1]);
    save_heap(argv[1]);
    save_sources(argv[1]);
    save_marks(argv[1]);
    return 0;
}
