/* SPDX-License-Identifier: MIT */
/* Parser of /proc/self/smaps: which resident pages are no heap. Pure; a piece at a time. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile.h"

#define GUARD_MAX 65536 /* in front of a thread's stack */
#define AREA_MAX ((uintptr_t)64 << 20)

enum kind { OTHER, INTERPRETER, OWN, HEAP, MAY_BE_HEAP, MAPPED_FILE, SHARED };

bool mpr_path_is_own(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strncmp(name, "libmprun-", 9) == 0 || strncmp(name, "mprun-host-", 11) == 0 ||
           strncmp(name, "memfd:mprun", 11) == 0;
}

/* glibc gives each of a program's first threads an area that begins at a multiple of its largest
 * size, HEAP_MAX_SIZE in malloc/arena.c. What it does not use yet of that lies behind, without
 * access; so the next mapping decides: another one may begin at such a multiple by chance. */
static bool is_area(const struct mpr_smaps_state *state)
{
    return state->start % AREA_MAX == 0 && state->end - state->start < AREA_MAX;
}

/* Libraries are mapped by the loader, whose calls nobody sees, and so are the C library's own
 * files: what is not known to be the program's is the interpreter's. But neither of them makes
 * shared memory. */
static int kind_of_file(const struct mpr_smaps_state *state, const char *path, bool shared)
{
    if (mpr_path_is_own(path))
        return OWN;
    switch (state->mapped ? state->mapped(state->start) : MPR_MAPPED_NOTHING) {
    case MPR_MAPPED_FILE:
        return MAPPED_FILE;
    case MPR_MAPPED_SHARED:
        return SHARED;
    default:
        return shared && mpr_path_is_memory(path) ? SHARED : INTERPRETER;
    }
}

/* `mode`: "rw-p". */
static int kind_of(
    const struct mpr_smaps_state *state, const char *path, const char *mode, bool access)
{
    if (strcmp(path, "[heap]") == 0)
        return HEAP;
    if (*path == '/')
        return kind_of_file(state, path, strnlen(mode, 4) == 4 && mode[3] == 's');
    if (strncmp(path, "[anon:", 6) == 0)
        return OTHER;
    if (*path == '[')
        return INTERPRETER;
    if (access && is_area(state))
        return MAY_BE_HEAP;
    return state->last_guard && access ? INTERPRETER : OTHER;
}

static void add_area(struct mpr_smaps_state *state)
{
    struct mpr_smaps *sum = &state->sum;
    if (sum->area_count == MPR_AREAS)
        return;
    sum->heap += (int64_t)(state->end - state->start);
    sum->heap_resident += state->resident;
    sum->area[sum->area_count++] = (struct mpr_range){state->start, state->end};
}

/* The mapping that was read is complete: the next one is [start, end). */
static void complete(struct mpr_smaps_state *state, uintptr_t start, uintptr_t end, bool access)
{
    if (state->seen && state->end > state->start)
        state->seen(state->start, state->end, state->resident);
    bool reserve = !access && start == state->end && end >= state->start + AREA_MAX;
    if (state->kind == INTERPRETER)
        state->sum.interpreter += state->resident;
    else if (state->kind == MAPPED_FILE)
        state->sum.files += state->resident;
    else if (state->kind == SHARED)
        state->sum.shared += state->resident;
    else if (state->kind == HEAP || (state->kind == MAY_BE_HEAP && reserve))
        add_area(state);
    state->resident = 0;
    state->kind = OTHER;
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
    complete(state, start, end, access);
    state->start = start;
    state->end = end;
    state->kind = kind_of(state, path, mode, access);
    state->last_guard = !access && !*path && end - start <= GUARD_MAX;
}

static void take_line(struct mpr_smaps_state *state, const char *line)
{
    if ((*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f'))
        head(state, line);
    else if (strncmp(line, "Rss:", 4) == 0)
        state->resident += (int64_t)strtoul(line + 4, NULL, 10) * 1024;
}

void mpr_smaps_text(struct mpr_smaps_state *state, const char *text, size_t len)
{
    for (const char *end = text + len; text < end; text++) {
        if (*text != '\n') {
            if (state->len < sizeof state->line - 1)
                state->line[state->len++] = *text;
            continue;
        }
        state->line[state->len] = '\0';
        state->len = 0;
        take_line(state, state->line);
    }
}

void mpr_smaps_end(struct mpr_smaps_state *state)
{
    complete(state, 0, 0, false);
}
