/* SPDX-License-Identifier: MIT */
/* The table of formats. A new one is a row here and a file beside this one. */
#include "mprun/report.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "render.h"

/* A longer ending is a name of its own. */
#define ENDING_MAX ((size_t)8)

const struct mpr_format mpr_formats[] = {
    {"text", ".txt", "the source with its numbers, for reading", false, mpr_render_text},
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

/* What stands behind the last dot, dot included; "" if nothing does that looks like an ending: the
 * number of a log, a date or what mktemp makes up is none. */
static const char *ending_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name || strlen(dot) - 1 > ENDING_MAX)
        return "";
    size_t letters = 0;
    for (const char *at = dot + 1; *at; at++) {
        if (!isalnum((unsigned char)*at))
            return "";
        letters += isalpha((unsigned char)*at) != 0;
    }
    return letters ? dot : "";
}

static int refuse_ending(const char *path, const char *ending, struct mpr_error *err)
{
    struct mpr_buf known;
    mpr_buf_init(&known);
    for (const struct mpr_format *format = mpr_formats; format->name; format++) {
        if (format->extension)
            mpr_buf_printf(&known, "%s%s", known.len ? ", " : "", format->extension);
    }
    int rc = mpr_error_set(err, MPR_ERR_INVALID,
        "no format has the ending %s of %s, only %s have one; or name the format: --format text",
        ending, path, known.data);
    mpr_buf_release(&known);
    return rc;
}

int mpr_format_of_file(
    const char *path, const struct mpr_format **ret_format, struct mpr_error *err)
{
    const char *ending = ending_of(path);
    for (const struct mpr_format *format = mpr_formats; format->name; format++) {
        if (strcmp(path, format->name) == 0)
            return mpr_error_set(err, MPR_ERR_INVALID,
                "%s is a format, no file; write --format %s -o FILE", path, path);
        if (format->extension && strcasecmp(ending, format->extension) == 0) {
            *ret_format = format;
            return 0;
        }
    }
    if (*ending)
        return refuse_ending(path, ending, err);
    *ret_format = mpr_format_by_name("text");
    return 0;
}

static const char *const unit_names[] = {
    [MPR_UNIT_AUTO] = "auto",
    [MPR_UNIT_B] = "B",
    [MPR_UNIT_KIB] = "KiB",
    [MPR_UNIT_MIB] = "MiB",
    [MPR_UNIT_GIB] = "GiB",
};

#define UNITS (sizeof unit_names / sizeof *unit_names)

const char *mpr_unit_name(enum mpr_unit unit)
{
    return (size_t)unit < UNITS ? unit_names[unit] : NULL;
}

int mpr_unit_parse(const char *name, enum mpr_unit *ret_unit)
{
    for (size_t i = 0; i < UNITS; i++) {
        if (strcasecmp(name, unit_names[i]) == 0) {
            *ret_unit = (enum mpr_unit)i;
            return 0;
        }
    }
    return MPR_ERR_INVALID;
}
