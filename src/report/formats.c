/* SPDX-License-Identifier: MIT */
/* Formats by their names, and by the endings of files. */

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "formats.h"

/* A longer ending is a name of its own. */
#define ENDING_MAX ((size_t)8)

#define ROW(name) &mpr_format_##name,

const struct mpr_format *const mpr_formats[] = {MPR_FORMATS(ROW) NULL};

const char *mpr_format_name(size_t index)
{
    return index < sizeof mpr_formats / sizeof *mpr_formats - 1 ? mpr_formats[index]->name : NULL;
}

const char *mpr_format_comparing(size_t index)
{
    for (size_t i = 0; mpr_formats[i]; i++)
        if (mpr_formats[i]->compare && index-- == 0)
            return mpr_formats[i]->name;
    return NULL;
}

const struct mpr_format *mpr_format_by_name(const char *name)
{
    for (size_t i = 0; mpr_formats[i]; i++)
        if (strcmp(mpr_formats[i]->name, name) == 0)
            return mpr_formats[i];
    return NULL;
}

const struct mpr_format *mpr_format_of_head(const char *head)
{
    for (size_t i = 0; mpr_formats[i]; i++)
        if (mpr_formats[i]->begins && mpr_formats[i]->begins(head))
            return mpr_formats[i];
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
    for (size_t i = 0; mpr_formats[i]; i++)
        for (const char *const *at = mpr_formats[i]->endings; at && *at; at++)
            mpr_buf_printf(&known, "%s%s", known.len ? ", " : "", *at);
    int status = mpr_error_set(err, MPR_ERR_INVALID,
        "no format has the ending %s of %s, only %s have one; or name the format: --format text",
        ending, path, known.data);
    mpr_buf_release(&known);
    return status;
}

static bool is_ending_of(const char *name, const char *ending)
{
    size_t len = strlen(name), end = strlen(ending);
    return len > end && strcasecmp(name + len - end, ending) == 0;
}

/* Of two endings that fit the longer one stands: x.trace.json is no x.json. */
static const struct mpr_format *find_ending(const char *path)
{
    const struct mpr_format *found = NULL;
    const char *slash = strrchr(path, '/');
    size_t longest = 0;
    for (size_t i = 0; mpr_formats[i]; i++) {
        for (const char *const *at = mpr_formats[i]->endings; at && *at; at++) {
            if (strlen(*at) <= longest || !is_ending_of(slash ? slash + 1 : path, *at))
                continue;
            longest = strlen(*at);
            found = mpr_formats[i];
        }
    }
    return found;
}

int mpr_format_of_file(
    const char *path, const struct mpr_format **ret_format, struct mpr_error *err)
{
    const struct mpr_format *found = find_ending(path);
    const char *ending = ending_of(path);
    if (mpr_format_by_name(path))
        return mpr_error_set(
            err, MPR_ERR_INVALID, "%s is a format, no file; write --format %s -o FILE", path, path);
    if (!found && *ending)
        return refuse_ending(path, ending, err);
    *ret_format = found ? found : &mpr_format_text;
    return 0;
}
