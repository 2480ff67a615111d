/* SPDX-License-Identifier: MIT */
/* What can be asked of the kernel about RSS without any state of ours: by the probes in the target,
 * and by the supervisor for `mprun doctor`. */
#ifndef MPRUN_RSS_FACTS_H
#define MPRUN_RSS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Map the calling thread's page fault counter: a perf event's ring of one read-only data page, so
 * that data_head moves at every fault. 0, or -errno. *ret_ring is to be unmapped by the close. */
int mpr_fault_ring_open(bool kernel_mode_too, void **ret_ring);
void mpr_fault_ring_close(void *ring);
/* Where data_head lies in it. */
const volatile uint64_t *mpr_fault_ring_head(void *ring);

/* Smallest change of RSS that `read_rss` sees, in bytes (a page, or a batch of the kernel's). */
uint32_t mpr_rss_resolution_by(int64_t (*read_rss)(void));

#endif
