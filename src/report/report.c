/* SPDX-License-Identifier: MIT */
/* The table of formats. A new one is a row here and a file beside this one. */
#include "mprun/report.h"

#include <string.h>
#include <strings.h>

#include "render.h"

const struct mpr_format mpr_formats[] = {
    {"text", NULL, "the source with its numbers, for reading", false, mpr_render_text},
    {"classic", NULL, "the table of memory_profiler", false, mpr_render_classic},
    {"json", ".json", "everything, for scripts (schema 1)", true, mpr_render_json},
    {NULL, NULL, NULL, false, NULL},
};

const struct mpr_format *mpr_format_by_name(const char *name)
{
    for (const struct mpr_format *format = mpr_formats; format->name; format++) {
        if (strcmp(format->name, name) == 0)
            return format;
    }
    return NULL;
}

const struct mpr_format *mpr_format_by_file(const char *path)
{
    for (const struct mpr_format *format = mpr_formats; format->name; format++) {
        if (format->extension && mpr_has_suffix(path, format->extension))
            return format;
    }
    return NULL;
}

int mpr_unit_parse(const char *name, enum mpr_unit *ret_unit)
{
    static const char *const names[] = {
        [MPR_UNIT_AUTO] = "auto",
        [MPR_UNIT_B] = "B",
        [MPR_UNIT_KIB] = "KiB",
        [MPR_UNIT_MIB] = "MiB",
        [MPR_UNIT_GIB] = "GiB",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(name, names[i]) == 0) {
            *ret_unit = (enum mpr_unit)i;
            return 0;
        }
    }
    return MPR_ERR_INVALID;
}
