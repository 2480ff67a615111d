/* SPDX-License-Identifier: MIT */
/* The target's environment. What is put in here, the preloaded library takes out again before
 * Python starts, so the order of the user's variables must survive. */
#include "environment.h"

#include <stdlib.h>
#include <string.h>

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
    return is_variable(entry, "MPRUN_RECORDING") || is_variable(entry, "MPRUN_HOST");
}

/* Append a string just made; `made` tells how it ended. */
static bool push(char **built, size_t *count, char *made)
{
    if (!made)
        return false;
    built[(*count)++] = made;
    return true;
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
            entry =
                mpr_asprintf(PRELOAD "=%s:%s", extra->preload, environment[i] + sizeof(PRELOAD));
        }
        ok = push(built, &count, entry);
    }
    if (ok && !preloaded)
        ok = push(built, &count, mpr_asprintf(PRELOAD "=%s", extra->preload));
    if (ok)
        ok = push(built, &count, mpr_asprintf("MPRUN_RECORDING=%d", extra->recording_fd));
    if (ok && extra->host_library)
        ok = push(built, &count, mpr_asprintf("MPRUN_HOST=%s", extra->host_library));
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
