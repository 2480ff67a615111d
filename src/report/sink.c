/* SPDX-License-Identifier: MIT */
/* Where reports go, and whether they got there whole. */
#include "mprun/report.h"

void mpr_sink_init_draining(
    struct mpr_sink *sink, char *storage, size_t size, mpr_buf_drain *drain, void *drain_to)
{
    *sink = (struct mpr_sink){.path = NULL};
    mpr_buf_init_draining(&sink->out, storage, size, drain, drain_to);
}

void mpr_sink_release(struct mpr_sink *sink)
{
    mpr_buf_release(&sink->out);
}

/* To the last byte. */
static int finish(struct mpr_sink *sink, int status, struct mpr_error *err)
{
    bool whole = !sink->out.failed && (!sink->out.drain || mpr_buf_drain_all(&sink->out));
    if (status == 0 && !whole)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory while writing the report");
    return status;
}

int mpr_report(const struct mpr_format *format, const struct mpr_view *view,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err)
{
    if (format->owns_file && !sink->path)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "a report of the format %s is a file of its own", format->name);
    if (!format->trees && view->profile->kind == MPR_PROFILE_TREE)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "the format %s is of functions, of which a timeline has none", format->name);
    return finish(sink, format->render(view, options, sink, err), err);
}

int mpr_report_comparison(const struct mpr_format *format, const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err)
{
    return finish(sink, format->compare(comparison, options, sink, err), err);
}
