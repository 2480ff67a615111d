/* SPDX-License-Identifier: MIT */
/* The whole profile in a file of its own, which `mprun report` reads again. */
#include "mprun/store.h"

#include <string.h>

#include "formats.h"

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    (void)options;
    return mpr_store_save(view->profile, sink->path, err);
}

static bool begins(const char *head)
{
    return mpr_store_begins(head, strlen(head) + 1);
}

static const char *const endings[] = {".mprun", NULL};

const struct mpr_format mpr_format_store = {
    .name = "store",
    .endings = endings,
    .summary = "all of it, to be read again by mprun report",
    .for_programs = true,
    .owns_file = true,
    .trees = true,
    .begins = begins,
    .render = render,
};
