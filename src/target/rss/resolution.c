/* SPDX-License-Identifier: MIT */
/* How finely the kernel tells RSS. Pages are touched one by one until the figure moves; nothing of
 * ours is in here, so both sides may ask. */
#include "mprun/rss_facts.h"
#include "mprun/sys.h"

#define PROBE_PAGES 512 /* more than any batch of the kernel's: 64 a thread, or 32 a processor */

uint32_t mpr_rss_resolution_by(int64_t (*read_rss)(void))
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), touched = 0;
    char *start =
        mpr_sys_mmap(PROBE_PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (start == MAP_FAILED)
        return (uint32_t)page;
    mpr_sys_madvise(start, PROBE_PAGES * page, MADV_NOHUGEPAGE);
    size_t largest = 1;
    for (int round = 0; round < 4; round++) {
        int64_t before = read_rss();
        size_t first = touched;
        while (touched < PROBE_PAGES && read_rss() == before)
            *(volatile char *)(start + page * touched++) = 1;
        if (touched - first > largest)
            largest = touched - first;
    }
    mpr_sys_munmap(start, PROBE_PAGES * page);
    return (uint32_t)(largest * page);
}
