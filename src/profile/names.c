/* SPDX-License-Identifier: MIT */
/* What the model's numbers are called. A number that has no name is a programmer's error: a model
 * is checked before it is read. */
#include "mprun/profile.h"

const char *mpr_domain_name(enum mpr_domain domain)
{
    static const char *const names[MPR_DOMAINS] = {
        [MPR_DOMAIN_PYTHON] = "python",
        [MPR_DOMAIN_NATIVE] = "native",
        [MPR_DOMAIN_MMAP] = "mmap",
    };
    return names[domain];
}

const char *mpr_container_name(enum mpr_container container)
{
    static const char *const names[MPR_CONTAINERS] = {
        [MPR_CONTAINER_INTERPRETER] = "interpreter",
        [MPR_CONTAINER_EMBEDDED] = "embedded",
        [MPR_CONTAINER_EXTENSION] = "extension",
    };
    return names[container];
}

const char *mpr_tier_name(enum mpr_tier tier)
{
    static const char *const names[MPR_TIERS] = {
        [MPR_TIER_FAULTS] = "faults",
        [MPR_TIER_USER_FAULTS] = "user-faults",
        [MPR_TIER_RUSAGE] = "rusage",
        [MPR_TIER_EVERY_LINE] = "every-line",
        [MPR_TIER_OFF] = "off",
    };
    return names[tier];
}

const char *mpr_place_kind_name(enum mpr_place_kind kind)
{
    static const char *const names[MPR_AT_KINDS] = {
        [MPR_AT_STARTUP] = "<startup>",
        [MPR_AT_INTERPRETER] = "<interpreter>",
        [MPR_AT_NATIVE_THREAD] = "<native thread>",
        [MPR_AT_FOLDED] = "<folded>",
        [MPR_AT_UNKNOWN] = "<unknown>",
    };
    return names[kind];
}

const char *mpr_engine_name(enum mpr_engine engine)
{
    static const char *const names[MPR_ENGINES] = {
        [MPR_ENGINE_SETTRACE] = "settrace",
        [MPR_ENGINE_MONITORING] = "monitoring",
    };
    return names[engine];
}

const char *mpr_detail_note(enum mpr_detail detail)
{
    static const char *const sentences[] = {
        [MPR_DETAIL_ALL] = NULL,
        [MPR_DETAIL_NO_NODES] = NULL, /* no report shows them */
        [MPR_DETAIL_NO_SOURCE] = "There was not memory enough for the whole report (ulimit -v, a "
                                 "container's limit): the source is left out.",
        [MPR_DETAIL_NO_SITES] =
            "There was not memory enough for the whole report (ulimit -v, a container's limit): "
            "the source, the lines that allocated and what each held are left out.",
        [MPR_DETAIL_NO_FUNCTIONS] =
            "There was not memory enough for the report (ulimit -v, a container's limit): all that "
            "is told of functions and lines is left out.",
    };
    return sentences[detail];
}
