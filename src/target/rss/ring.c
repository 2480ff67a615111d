/* SPDX-License-Identifier: MIT */
/* The fault ring: a software perf event that counts the calling thread's page faults into shared
 * memory (perf_event_open(2)). The data page is mapped read-only, which puts the ring into
 * overwrite mode: it never fills up, and data_head goes on moving. The mapping keeps the event
 * alive, so no descriptor stays open. The kernel does not copy it into a child. */
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include "mprun/rss_facts.h"
#include "mprun/sys.h"

static size_t ring_size(void)
{
    return 2 * (size_t)sysconf(_SC_PAGESIZE);
}

int mpr_fault_ring_open(bool kernel_mode_too, void **ret_ring)
{
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_SOFTWARE;
    attr.config = PERF_COUNT_SW_PAGE_FAULTS;
    attr.sample_period = 1;
    attr.sample_type = PERF_SAMPLE_ADDR;
    attr.exclude_kernel = !kernel_mode_too;
    attr.exclude_hv = 1;
    attr.watermark = 1;
    attr.wakeup_watermark = 1u << 30; /* nobody waits: no wake-ups */
    int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0)
        return -errno;
    void *ring = mpr_sys_mmap(ring_size(), PROT_READ, MAP_SHARED, fd);
    int status = ring == MAP_FAILED ? -errno : 0;
    mpr_sys_close(fd);
    if (status == 0)
        *ret_ring = ring;
    return status;
}

void mpr_fault_ring_close(void *ring)
{
    mpr_sys_munmap(ring, ring_size());
}

const volatile uint64_t *mpr_fault_ring_head(void *ring)
{
    const struct perf_event_mmap_page *page = ring;
    return (const volatile uint64_t *)&page->data_head;
}
