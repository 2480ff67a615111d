/* SPDX-License-Identifier: MIT */
/* What this machine's page faults cost. Runs once before the program; its mappings are gone
 * afterwards. */
#include <fcntl.h>

#include "mprun/clock.h"
#include "mprun/rss.h"
#include "mprun/sys.h"

#define TOUCHES 32
#define AROUND ((size_t)64 << 10) /* a file fault maps up to this much (fault_around_bytes) */

static uint64_t cheapest_touch(char *start, size_t step, bool write, bool ticks_are_ns)
{
    uint64_t best = UINT64_MAX;
    for (size_t i = 0; i < TOUCHES; i++) {
        volatile char *at = start + i * step;
        uint64_t before = mpr_ticks(ticks_are_ns);
        if (write)
            *at = 1;
        else
            (void)*at;
        uint64_t cost = mpr_ticks(ticks_are_ns) - before;
        if (cost < best)
            best = cost;
    }
    return best;
}

static uint64_t anonymous_cost(size_t page, bool write, bool ticks_are_ns)
{
    size_t size = TOUCHES * page;
    char *start = mpr_sys_mmap(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (start == MAP_FAILED)
        return UINT64_MAX;
    mpr_sys_madvise(start, size, MADV_NOHUGEPAGE);
    uint64_t cost = cheapest_touch(start, page, write, ticks_are_ns);
    mpr_sys_munmap(start, size);
    return cost;
}

/* Pages of a file that are in the page cache: the cheapest to map, nothing is cleared. */
static uint64_t file_cost(bool ticks_are_ns)
{
    uint64_t cost = UINT64_MAX;
    int fd = memfd_create("mprun-calibration", MFD_CLOEXEC);
    size_t size = TOUCHES * AROUND;
    if (fd < 0)
        return cost;
    if (ftruncate(fd, (off_t)size) == 0) {
        for (size_t i = 0; i < TOUCHES; i++)
            (void)!pwrite(fd, "x", 1, (off_t)(i * AROUND));
        char *start = mpr_sys_mmap(size, PROT_READ, MAP_SHARED, fd);
        if (start != MAP_FAILED) {
            cost = cheapest_touch(start, AROUND, false, ticks_are_ns);
            mpr_sys_munmap(start, size);
        }
    }
    mpr_sys_close(fd);
    return cost;
}

uint64_t mpr_fault_cost(bool ticks_are_ns)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint64_t costs[] = {
        anonymous_cost(page, true, ticks_are_ns),
        anonymous_cost(page, false, ticks_are_ns),
        file_cost(ticks_are_ns),
    };
    uint64_t best = costs[0];
    for (size_t i = 1; i < sizeof costs / sizeof *costs; i++)
        best = costs[i] < best ? costs[i] : best;
    return best == UINT64_MAX ? 0 : best;
}

uint32_t mpr_rss_resolution(void)
{
    return mpr_rss_resolution_by(mpr_rss_read);
}
