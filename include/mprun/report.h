/* SPDX-License-Identifier: MIT */
/* Renderers: a view in, bytes out. One format a file; the table of formats says which there are. A
 * renderer decides how things look, and computes nothing of what is shown. */
#ifndef MPRUN_REPORT_H
#define MPRUN_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"
#include "mprun/compare.h"
#include "mprun/view.h"

struct mpr_report_options {
    size_t width; /* characters in a line; 0: unlimited */
    bool color;
    bool unicode; /* false: ASCII only */
    bool legend;
    bool plot; /* of the timeline, in the text report */
};

/* Where a report goes. Most formats append to `out`, which hands on what it holds as it fills: a
 * report need not fit into memory. One that owns its file makes what stands at `path` instead. */
struct mpr_sink {
    struct mpr_buf out;
    const char *path; /* of an empty file; NULL: there is none. Borrowed */
};

/* Hands it to `drain`, through `storage`, which is the caller's. */
void mpr_sink_init_draining(
    struct mpr_sink *sink, char *storage, size_t size, mpr_buf_drain *drain, void *drain_to);
void mpr_sink_release(struct mpr_sink *sink);

typedef int mpr_compare_renderer(const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err);

#define MPR_FORMAT_HEAD ((size_t)1024)

struct mpr_format {
    const char *name;
    const char *const *endings; /* of files, ".json", NULL-terminated; NULL: none */
    const char *summary;        /* one line for the help */
    bool for_programs;          /* wants -o */
    bool owns_file;             /* wants -o FILE, and a sink with a path */
    bool trees;                 /* it can show a tree of processes, which has no functions */
    /* Does a file that begins so look like one of its reports, and like nothing that Python runs?
     * `head` is up to MPR_FORMAT_HEAD bytes of it as a string. NULL: nothing does. */
    bool (*begins)(const char *head);
    int (*render)(const struct mpr_view *view, const struct mpr_report_options *options,
        struct mpr_sink *sink, struct mpr_error *err);
    mpr_compare_renderer *compare; /* NULL: it cannot tell two profiles apart */
};

/* NULL-terminated. */
extern const struct mpr_format *const mpr_formats[];
/* Those in which more is written than reports of a view. */
extern const struct mpr_format mpr_format_text, mpr_format_json;

/* Render all of it, to the last byte; MPR_ERR_NOMEM if it is not whole, MPR_ERR_INVALID where the
 * format owns its file and the sink has none. */
int mpr_report(const struct mpr_format *format, const struct mpr_view *view,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err);

/* The same for a comparison, in a format that has them. */
int mpr_report_comparison(const struct mpr_format *format, const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err);

/* NULL behind the last one. */
const char *mpr_format_name(size_t index);
const char *mpr_format_comparing(size_t index); /* of those that compare */
const struct mpr_format *mpr_format_by_name(const char *name);
/* The format of a report that begins so; NULL: it is none. */
const struct mpr_format *mpr_format_of_head(const char *head);
/* The format that a file's ending names; without an ending, text. The message names the endings
 * that there are. */
int mpr_format_of_file(
    const char *path, const struct mpr_format **ret_format, struct mpr_error *err);

#endif
