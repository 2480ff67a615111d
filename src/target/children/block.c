/* SPDX-License-Identifier: MIT */
/* The environment as it lies at the top of the stack: strings one after the other, in the order of
 * the vector that points to them. /proc/PID/environ shows these bytes, so what is to be gone must
 * go from there, too. */
#include <errno.h>
#include <limits.h>
#include <linux/prctl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mprun/children.h"
#include "mprun/sys.h"

/* --- the kernel's idea of the block --- */

/* Fields of /proc/self/stat, counted from the one behind the command's name. */
enum {
    STAT_START_CODE = 24,
    STAT_END_CODE = 25,
    STAT_START_STACK = 26,
    STAT_START_DATA = 43,
    STAT_END_DATA,
    STAT_START_BRK,
    STAT_ARG_START,
    STAT_ARG_END,
    STAT_ENV_START,
    STAT_ENV_END,
    STAT_FIELDS,
};

static bool read_stat(uint64_t field[STAT_FIELDS])
{
    char text[2048];
    int fd = mpr_sys_open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = mpr_sys_pread(fd, text, sizeof text - 1, 0);
    mpr_sys_close(fd);
    if (got <= 0)
        return false;
    text[got] = '\0';
    char *at = strrchr(text, ')'); /* the name may hold anything */
    at = at ? strchr(at, ' ') : NULL;
    at = at ? strchr(at + 1, ' ') : NULL; /* behind the state, a letter: field 1 */
    for (int i = 2; i < STAT_FIELDS; i++) {
        char *end = NULL;
        field[i] = at ? strtoull(at, &end, 10) : 0;
        if (!at || end == at)
            return false;
        at = end;
    }
    return true;
}

/* Any process may do that to itself where the kernel was built for checkpoints, as those of the
 * distributions are. */
static void move_end(uintptr_t start, uintptr_t old_end, uintptr_t new_end)
{
    uint64_t field[STAT_FIELDS];
    if (!read_stat(field) || field[STAT_ENV_START] != start || field[STAT_ENV_END] != old_end)
        return;
    struct prctl_mm_map map = {
        .start_code = field[STAT_START_CODE],
        .end_code = field[STAT_END_CODE],
        .start_data = field[STAT_START_DATA],
        .end_data = field[STAT_END_DATA],
        .start_brk = field[STAT_START_BRK],
        .brk = (uint64_t)syscall(SYS_brk, 0),
        .start_stack = field[STAT_START_STACK],
        .arg_start = field[STAT_ARG_START],
        .arg_end = field[STAT_ARG_END],
        .env_start = start,
        .env_end = new_end,
        .exe_fd = (uint32_t)-1,
    };
    syscall(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0);
}

/* --- the strings --- */

/* End of the strings; NULL if they do not lie as the kernel laid them. */
static char *block_end(char **environment)
{
    char *at = environment[0];
    for (size_t i = 0; environment[i]; i++) {
        if (environment[i] != at)
            return NULL;
        at += strlen(at) + 1;
    }
    return at;
}

/* Take `size` bytes at `from` out: of one variable, or of all of it. Elsewhere than in the block as
 * the kernel laid it, the variable alone is shortened. */
static void cut(char **environment, char *from, size_t size)
{
    char *start = environment[0], *end = block_end(environment);
    if (!end) {
        memmove(from, from + size, strlen(from + size) + 1);
        return;
    }
    memmove(from, from + size, (size_t)(end - from) - size);
    memset(end - size, 0, size);
    for (char **entry = environment; *entry; entry++)
        if (*entry > from)
            *entry -= size;
    move_end((uintptr_t)start, (uintptr_t)end, (uintptr_t)end - size);
}

static void cut_variable(char **environment, char **entry)
{
    char *text = *entry;
    size_t size = strlen(text) + 1;
    bool laid = block_end(environment) != NULL;
    if (laid)
        cut(environment, text, size);
    /* The one that has moved to the place of this one is the next one's by now. */
    for (; *entry; entry++)
        entry[0] = entry[1];
}

static char **find(char **environment, const char *name, size_t len)
{
    char **found = NULL;
    for (char **entry = environment; *entry; entry++)
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=')
            found = entry; /* the loader takes the last one */
    return found;
}

bool mpr_block_cut(char **environment, const char *name)
{
    int saved = errno;
    char **entry = find(environment, name, strlen(name));
    if (entry)
        cut_variable(environment, entry);
    errno = saved;
    return entry != NULL;
}

/* --- what is in LD_PRELOAD --- */

/* As the loader splits it. */
#define DELIMITERS " :"

/* The file as it was loaded, by which all its names are known. */
struct own_file {
    const char *path;
    struct stat st;
    bool there;
};

static bool is_own(const struct own_file *own, const char *word, size_t len)
{
    char path[PATH_MAX];
    struct stat st;
    const char *slash = strrchr(own->path, '/');
    if (len == 0 || len >= sizeof path)
        return false;
    memcpy(path, word, len);
    path[len] = '\0';
    if (!strchr(path, '/')) /* it was searched for */
        return slash && strcmp(path, slash + 1) == 0;
    return strcmp(path, own->path) == 0 ||
           (own->there && stat(path, &st) == 0 && st.st_dev == own->st.st_dev &&
               st.st_ino == own->st.st_ino);
}

/* The first such word in the list; NULL: none. */
static char *find_own(const struct own_file *own, char *list, size_t *ret_len)
{
    for (char *at = list;; at += *ret_len + 1) {
        *ret_len = strcspn(at, DELIMITERS);
        if (is_own(own, at, *ret_len))
            return at;
        if (!at[*ret_len])
            return NULL;
    }
}

/* With one of the delimiters beside it, and with the variable if it was all of it. */
static void cut_word(char **environment, char **entry, char *value, char *at, size_t len)
{
    if (at == value && !at[len])
        cut_variable(environment, entry);
    else if (at[len])
        cut(environment, at, len + 1);
    else
        cut(environment, at - 1, len + 1);
}

static bool cut_first(char **environment, const char *name, const struct own_file *own)
{
    size_t name_len = strlen(name), len;
    for (char **entry = environment; *entry; entry++) {
        char *value = *entry + name_len + 1;
        if (strncmp(*entry, name, name_len) != 0 || value[-1] != '=')
            continue;
        char *at = find_own(own, value, &len);
        if (at) {
            cut_word(environment, entry, value, at, len);
            return true;
        }
    }
    return false;
}

bool mpr_block_cut_file(char **environment, const char *name, const char *path)
{
    int saved = errno;
    bool found = false;
    struct own_file own = {.path = path};
    own.there = stat(path, &own.st) == 0;
    while (cut_first(environment, name, &own))
        found = true;
    errno = saved;
    return found;
}
