/* SPDX-License-Identifier: MIT */
/* The target's environment. What is put in here, the preloaded library takes out again before
 * Python starts, so the order of the user's variables must survive. */
#include "environment.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mprun/sanitizer.h"
#include "mprun/takeover.h"

#define PRELOAD "LD_PRELOAD"

static bool is_variable(const char *entry, const char *name)
{
    size_t len = strlen(name);
    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

const char *mpr_environment_get(char *const *environment, const char *name)
{
    for (char *const *at = environment; *at; at++)
        if (is_variable(*at, name))
            return *at + strlen(name) + 1;
    return NULL;
}

/* Ours must be the only ones, or the target reads those of an mprun around this one. */
static bool is_ours(const char *entry)
{
    return is_variable(entry, MPR_ENV_RECORDING) || is_variable(entry, MPR_ENV_HOST);
}

/* Append a string just made; `made` tells how it ended. */
static bool push(char **built, size_t *count, char *made)
{
    if (!made)
        return false;
    built[(*count)++] = made;
    return true;
}

static bool is_sanitizer(const char *word, size_t len)
{
    const char *slash = memrchr(word, '/', len);
    const char *name = slash ? slash + 1 : word;
    return mpr_is_sanitizer(name, len - (size_t)(name - word));
}

size_t mpr_environment_sanitizers(const char *preloaded)
{
    size_t end = 0;
    for (const char *at = preloaded;; at++) {
        size_t len = strcspn(at, " :"); /* as the loader has it */
        if (is_sanitizer(at, len))
            end = (size_t)(at - preloaded) + len;
        at += len;
        if (!*at)
            return end;
    }
}

/* With the delimiter that follows, so that what is taken out again leaves the user's own. */
static char *add_preload(const char *preload, const char *users)
{
    size_t first = mpr_environment_sanitizers(users);
    if (!first)
        return mpr_asprintf(PRELOAD "=%s:%s", preload, users);
    const char *rest = users + first;
    return mpr_asprintf(
        PRELOAD "=%.*s%c%s%s", (int)first, users, *rest ? *rest : ':', preload, rest);
}

char **mpr_environment_build(char *const *environment, const struct mpr_environment_extra *extra)
{
    size_t size = 0;
    size_t count = 0;
    bool preloaded = !extra->preload;
    bool ok = true;
    while (environment[size])
        size++;
    char **built = calloc(size + 4, sizeof(*built));
    if (!built)
        return NULL;
    for (size_t i = 0; i < size && ok; i++) {
        char *entry = environment[i];
        if (is_ours(entry))
            continue;
        if (extra->preload && is_variable(entry, PRELOAD)) {
            preloaded = true;
            entry = add_preload(extra->preload, environment[i] + sizeof(PRELOAD));
        }
        ok = push(built, &count, entry);
    }
    if (ok && !preloaded)
        ok = push(built, &count, mpr_asprintf(PRELOAD "=%s", extra->preload));
    if (ok)
        ok = push(built, &count, mpr_asprintf(MPR_ENV_RECORDING "=%d", extra->recording_fd));
    if (ok && extra->host_library)
        ok = push(built, &count, mpr_asprintf(MPR_ENV_HOST "=%s", extra->host_library));
    if (ok)
        return built;
    mpr_environment_free(built, environment);
    return NULL;
}

static bool is_borrowed(const char *entry, char *const *environment)
{
    for (char *const *at = environment; *at; at++)
        if (*at == entry)
            return true;
    return false;
}

void mpr_environment_free(char **built, char *const *environment)
{
    for (char **at = built; built && *at; at++)
        if (!is_borrowed(*at, environment))
            free(*at);
    free(built);
}

static uint64_t own_pid(void)
{
    return (uint64_t)getpid();
}

/* The number of the process among all that ever ran, 0 where the kernel has none. */
static uint64_t own_pidfd_id(void)
{
    struct stat st;
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (fd < 0)
        return 0;
    int rc = fstat(fd, &st);
    close(fd);
    return rc == 0 ? (uint64_t)st.st_ino : 0;
}

static const struct {
    const char *name;
    uint64_t (*own)(void);
} ids_of_systemd[MPR_ENVIRONMENT_IDS] = {
    {"LISTEN_PID", own_pid},
    {"LISTEN_PIDFDID", own_pidfd_id},
    {"WATCHDOG_PID", own_pid},
    {"SYSTEMD_EXEC_PID", own_pid},
};

#define ID_SIZE 21 /* UINT64_MAX and the NUL */

static bool is_own(const char *text, uint64_t own)
{
    char *end;
    errno = 0;
    return own && *text >= '0' && *text <= '9' && strtoull(text, &end, 10) == own && !*end &&
           !errno;
}

bool mpr_environment_find_ids(char **built, struct mpr_environment_ids *ret_ids)
{
    struct mpr_environment_ids ids = {{NULL}};
    for (size_t i = 0; i < MPR_ENVIRONMENT_IDS; i++) {
        char **at = built;
        while (*at && !is_variable(*at, ids_of_systemd[i].name))
            at++;
        size_t prefix = strlen(ids_of_systemd[i].name) + 1;
        if (!*at || !is_own(*at + prefix, ids_of_systemd[i].own()))
            continue;
        char *roomy = malloc(prefix + ID_SIZE);
        if (!roomy)
            return false;
        memcpy(roomy, *at, prefix);
        roomy[prefix] = '\0';
        ids.value[i] = roomy + prefix;
        *at = roomy;
    }
    *ret_ids = ids;
    return true;
}

static void print_number(char *text, uint64_t number)
{
    char digits[ID_SIZE];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *text++ = digits[--count];
    *text = '\0';
}

void mpr_environment_own_ids(const struct mpr_environment_ids *ids)
{
    for (size_t i = 0; i < MPR_ENVIRONMENT_IDS; i++)
        if (ids->value[i])
            print_number(ids->value[i], ids_of_systemd[i].own());
}
