/* SPDX-License-Identifier: MIT */
/* Parser of /proc/self/smaps: which resident pages are no heap. Pure; one line at a time. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile.h"

#define GUARD_MAX 65536 /* in front of a thread's stack */
#define AREA_MAX ((uintptr_t)64 << 20)

enum kind { OTHER, INTERPRETER, OWN, HEAP };

bool mpr_path_is_own(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strncmp(name, "libmprun-", 9) == 0 || strncmp(name, "mprun-host-", 11) == 0 ||
           strncmp(name, "memfd:mprun", 11) == 0;
}

/* glibc gives each of a program's first threads an area that begins at a multiple of its largest
 * size, HEAP_MAX_SIZE in malloc/arena.c. */
static bool is_area(const struct mpr_smaps_state *state)
{
    return state->start % AREA_MAX == 0 && state->end - state->start < AREA_MAX;
}

static int kind_of(const struct mpr_smaps_state *state, const char *path, bool access)
{
    if (strcmp(path, "[heap]") == 0)
        return HEAP;
    if (*path == '/')
        return mpr_path_is_own(path) ? OWN : INTERPRETER;
    if (strncmp(path, "[anon:", 6) == 0)
        return OTHER;
    if (*path == '[')
        return INTERPRETER;
    if (access && is_area(state))
        return HEAP;
    return state->last_guard && access ? INTERPRETER : OTHER;
}

/* "55d0c0-55d0c8 rw-p 00000000 00:00 0   [heap]" */
static void head(struct mpr_smaps_state *state, const char *line)
{
    char *at;
    uintptr_t start = strtoul(line, &at, 16);
    uintptr_t end = *at == '-' ? strtoul(at + 1, &at, 16) : start;
    const char *mode = *at == ' ' ? at + 1 : "";
    const char *path = mode;
    for (int fields = 0; fields < 4 && *path; fields++) {
        path += strcspn(path, " ");
        path += strspn(path, " ");
    }
    bool access = mode[0] == 'r' || (mode[0] && mode[1] == 'w');
    state->start = start;
    state->end = end;
    state->kind = kind_of(state, path, access);
    state->last_guard = !access && !*path && end - start <= GUARD_MAX;
    struct mpr_smaps *sum = &state->sum;
    if (state->kind == HEAP && sum->area_count == MPR_AREAS)
        state->kind = OTHER;
    if (state->kind == HEAP) {
        sum->heap += (int64_t)(end - start);
        sum->area[sum->area_count++] = (struct mpr_range){start, end};
    }
}

void mpr_smaps_line(struct mpr_smaps_state *state, const char *line)
{
    if ((*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f')) {
        head(state, line);
    } else if (strncmp(line, "Rss:", 4) == 0) {
        int64_t bytes = (int64_t)strtoul(line + 4, NULL, 10) * 1024;
        if (state->kind == INTERPRETER)
            state->sum.interpreter += bytes;
        else if (state->kind == HEAP)
            state->sum.heap_resident += bytes;
    }
}
