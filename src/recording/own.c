/* SPDX-License-Identifier: MIT */
/* Populates and names mprun's own pages. Cold. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "mprun/own.h"
#include "mprun/sys.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void mpr_own_populate(void *start, size_t size)
{
    if (mpr_sys_madvise(start, size, MADV_POPULATE_WRITE) == 0)
        return;
    volatile char *bytes = start;
    for (size_t at = 0; at < size; at += page_size())
        bytes[at] = bytes[at];
}

void *mpr_own_map(size_t size, size_t *ret_bytes)
{
    size_t page = page_size();
    size = (size + page - 1) & ~(page - 1);
    void *start = mpr_sys_mmap(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (start == MAP_FAILED)
        return NULL;
    mpr_sys_madvise(start, size, MADV_NOHUGEPAGE);
    /* No part of a core dump; and the kernel does not show it as one mapping with a thread's stack,
     * which it maps without huge pages, too. */
    mpr_sys_madvise(start, size, MADV_DONTDUMP);
    prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, size, "mprun");
    mpr_own_populate(start, size);
    if (ret_bytes)
        *ret_bytes = size;
    return start;
}

struct object_search {
    const void *address;
    size_t bytes;
};

/* Read-only first: a page of a writable segment may be protected by now (RELRO). Pages past the
 * file's end of a segment fail as a whole, hence one page at a time. */
static size_t populate_segment(uintptr_t start, uintptr_t end, bool writable)
{
    size_t page = page_size(), bytes = 0;
    start &= ~(page - 1);
    end = (end + page - 1) & ~(page - 1);
    for (uintptr_t at = start; at < end; at += page) {
        if (writable)
            (void)mpr_sys_madvise((void *)at, page, MADV_POPULATE_WRITE);
        if (mpr_sys_madvise((void *)at, page, MADV_POPULATE_READ) == 0)
            bytes += page;
    }
    return bytes;
}

bool mpr_own_object_holds(const struct dl_phdr_info *info, const void *address)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && (uintptr_t)address >= start &&
            (uintptr_t)address - start < segment->p_memsz)
            return true;
    }
    return false;
}

static int populate_if_holds(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    struct object_search *search = data;
    bool holds = mpr_own_object_holds(info, search->address);
    for (int i = 0; holds && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD)
            search->bytes +=
                populate_segment(start, start + segment->p_memsz, (segment->p_flags & PF_W) != 0);
    }
    return holds;
}

size_t mpr_own_populate_object(const void *address)
{
    struct object_search search = {.address = address};
    dl_iterate_phdr(populate_if_holds, &search);
    return search.bytes;
}
