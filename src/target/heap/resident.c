/* SPDX-License-Identifier: MIT */
/* How much of a range is resident: mincore, a byte a page; but terabytes may be reserved of which
 * hardly a page is touched. Of large mappings smaps has told the sum, so that only the smaller part
 * of one that is asked for in parts is looked at. Cold; once a run. */
#include <stdint.h>
#include <string.h>

#include "mprun/maps.h"
#include "mprun/sys.h"
#include "reconcile.h"

#define LARGE ((uintptr_t)16 << 20)
#define MAPPINGS 512
#define BUDGET ((uint64_t)2 << 40) /* about two seconds */

struct mapping {
    uintptr_t start, end;
    int64_t resident;
};

static struct {
    struct mapping *mappings; /* ascending; the session's */
    size_t count;
    uint64_t left; /* bytes that mincore may be asked about */
} state = {.left = UINT64_MAX};

void mpr_resident_start(void)
{
    state.mappings = NULL;
    state.count = 0;
    state.left = UINT64_MAX;
}

void mpr_resident_begin(void)
{
    if (!state.mappings)
        state.mappings = mpr_probe_alloc(MAPPINGS * sizeof *state.mappings);
    state.count = 0;
    state.left = BUDGET;
}

bool mpr_resident_known(void)
{
    return state.left > 0;
}

/* What finds no room is looked at page by page. */
void mpr_resident_learn(uintptr_t start, uintptr_t end, int64_t resident)
{
    if (end - start >= LARGE && state.mappings && state.count < MAPPINGS)
        state.mappings[state.count++] = (struct mapping){start, end, resident};
}

/* The lowest bit of a byte tells of a page, the others are nothing. */
static size_t present(const unsigned char *pages, size_t number)
{
    size_t sum = 0, i = 0;
    for (; i + sizeof(uint64_t) <= number; i += sizeof(uint64_t)) {
        uint64_t eight;
        memcpy(&eight, pages + i, sizeof eight);
        sum += (size_t)__builtin_popcountll(eight & UINT64_C(0x0101010101010101));
    }
    for (; i < number; i++)
        sum += pages[i] & 1;
    return sum;
}

static int64_t look(uintptr_t at, uintptr_t end)
{
    unsigned char pages[8192];
    int64_t bytes = 0;
    if (end - at >= state.left) {
        state.left = 0;
        return 0;
    }
    state.left -= end - at;
    while (at < end) {
        size_t number = (end - at) >> mpr_probe->page_shift;
        number = number < sizeof pages ? number : sizeof pages;
        size_t size = number << mpr_probe->page_shift;
        if (syscall(SYS_mincore, at, size, pages) == 0)
            bytes += (int64_t)((number - present(pages, number)) << mpr_probe->page_shift);
        at += size;
    }
    return bytes;
}

/* [at, end) lies in the mapping. */
static int64_t look_in(const struct mapping *mapping, uintptr_t at, uintptr_t end)
{
    uintptr_t before = at - mapping->start, behind = mapping->end - end;
    int64_t size = (int64_t)(end - at), resident = mapping->resident;
    if (resident == 0)
        return size;
    if (before + behind >= end - at)
        return look(at, end);
    resident -= (int64_t)before - look(mapping->start, at);
    resident -= (int64_t)behind - look(end, mapping->end);
    return resident <= 0 ? size : resident < size ? size - resident : 0;
}

/* The first mapping that ends behind `at`. */
static size_t find(uintptr_t at)
{
    return mpr_ranges_find(state.mappings, state.count, sizeof *state.mappings, at);
}

int64_t mpr_untouched(uintptr_t start, uintptr_t end)
{
    uintptr_t page = (uintptr_t)1 << mpr_probe->page_shift;
    uintptr_t at = (start + page - 1) & ~(page - 1);
    int64_t bytes = 0;
    end &= ~(page - 1);
    for (size_t i = find(at); at < end; i++) {
        uintptr_t from =
            i < state.count && state.mappings[i].start < end ? state.mappings[i].start : end;
        if (at < from)
            bytes += look(at, from);
        at = at < from ? from : at;
        if (at == end)
            break;
        uintptr_t to = state.mappings[i].end < end ? state.mappings[i].end : end;
        bytes += look_in(&state.mappings[i], at, to);
        at = to;
    }
    return bytes;
}
