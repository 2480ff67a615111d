/* SPDX-License-Identifier: MIT */
/* Where the running mprun is. The kernel knows it, unless mprun was started by naming the dynamic
 * loader (ld-linux-x86-64.so.2 ./mprun): then the loader is the program that the kernel knows. */
#include "own_program.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "mprun/launch.h"

#define MAPS_MAX ((size_t)1 << 20)

/* /proc escapes nothing but line ends there. */
static void append_path(struct mpr_buf *path, const char *text, size_t len)
{
    static const char line_end[] = "\\012";
    for (size_t i = 0; i < len;) {
        bool escaped = len - i >= 4 && memcmp(text + i, line_end, 4) == 0;
        mpr_buf_putc(path, escaped ? '\n' : text[i]);
        i += escaped ? 4 : 1;
    }
}

char *mpr_own_program_parse(const char *maps, uintptr_t address)
{
    for (const char *line = maps, *next; *line; line = next) {
        uintptr_t start, end;
        int used = 0;
        size_t len = strcspn(line, "\n");
        next = line + len + (line[len] == '\n');
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %*s %*s %*s%n", &start, &end, &used) != 2 ||
            !used || address < start || address >= end)
            continue;
        const char *path = memchr(line + used, '/', len - (size_t)used);
        struct mpr_buf found;
        if (!path)
            return NULL;
        mpr_buf_init(&found);
        append_path(&found, path, len - (size_t)(path - line));
        return mpr_buf_steal(&found);
    }
    return NULL;
}

/* By where this code comes from. */
static char *find_behind_loader(void)
{
    struct mpr_buf maps;
    mpr_buf_init(&maps);
    errno = ENOENT; /* where nothing else has failed, there is no such line */
    char *path = mpr_buf_read_file(&maps, "/proc/self/maps", MAPS_MAX, NULL) == 0 && maps.len
                     ? mpr_own_program_parse(maps.data, (uintptr_t)&mpr_launch_own_program)
                     : NULL;
    mpr_buf_release(&maps);
    return path;
}

int mpr_launch_own_program(char **ret_path, struct mpr_error *err)
{
    char path[PATH_MAX];
    bool by_loader = getauxval(AT_BASE) == 0; /* the loader needs none */
    ssize_t len = by_loader ? 0 : readlink("/proc/self/exe", path, sizeof path - 1);
    if (len > 0)
        path[len] = '\0';
    char *found = by_loader ? find_behind_loader() : len > 0 ? mpr_strdup(path) : NULL;
    if (!found)
        return mpr_error_set(err, MPR_ERR_IO,
            "cannot read /proc/self/%s: %s; mprun needs /proc mounted", by_loader ? "maps" : "exe",
            strerror(errno));
    *ret_path = found;
    return 0;
}
