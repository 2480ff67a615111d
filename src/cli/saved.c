/* SPDX-License-Identifier: MIT */
/* Implements saved.h. */
#include "saved.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "mprun/store.h"
#include "output.h"
#include "render.h"

#define MARK '@'

int mpr_saved_load(const char *word, struct mpr_saved *saved, struct mpr_error *err)
{
    const char *mark = strrchr(word, MARK);
    if (mark && access(word, F_OK) == 0)
        mark = NULL;
    saved->path = mark ? strndup(word, (size_t)(mark - word)) : mpr_strdup(word);
    if (!saved->path)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    int status = mpr_store_load(saved->path, &saved->profile, err);
    return status == 0 && mark ? mpr_profile_at_mark(saved->profile, mark + 1, err) : status;
}

void mpr_saved_release(struct mpr_saved *saved)
{
    free(saved->path);
    mpr_profile_free(saved->profile);
    *saved = (struct mpr_saved){NULL, NULL};
}

static int open_output(const struct mpr_options *options, const struct mpr_saved *saved,
    size_t count, struct mpr_output *output, struct mpr_error *err)
{
    int status = mpr_output_open(options->output, NULL, output, err);
    for (size_t i = 0; status == 0 && i < count; i++)
        if (mpr_output_replaces(output, saved[i].path))
            status = mpr_error_set(err, MPR_ERR_INVALID,
                "cannot write %s: it is a file that is read", options->output);
    return status;
}

int mpr_saved_report(const struct mpr_options *options, const struct mpr_saved *saved, size_t count,
    const struct mpr_view *view, const struct mpr_comparison *comparison, struct mpr_error *err)
{
    struct mpr_output output = {.fd = -1};
    struct mpr_error why = {""};
    int status = open_output(options, saved, count, &output, err);
    if (status == 0) {
        status = view ? mpr_render(options, options->format, view, &output, &why)
                      : mpr_render_comparison(options, comparison, &output, &why);
        if (status == 0)
            mpr_render_say_where(options, &output);
        else
            mpr_error_set(err, status, "cannot write the report to %s: %.900s",
                output.path ? options->output : "standard output", why.message);
    }
    mpr_output_release(&output);
    return status;
}

struct mpr_ending mpr_saved_ending(int status, bool over, const struct mpr_error *err)
{
    if (err->message[0])
        mpr_say("%s", err->message);
    return (struct mpr_ending){.status = status < 0 ? MPR_STATUS_FAILED
                                         : over     ? MPR_STATUS_OVER
                                                    : 0};
}
