/* SPDX-License-Identifier: MIT */
/* Any bytes as a recording: reader, profile, every renderer. The input is the header, whose magic
 * and version are put right so that more than the first check is reached, then the log without the
 * gap between them. The eight bytes of the magic say how to build and render. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "made_report.h"
#include "mprun/reading.h"
#include "opened_memory.h"
#include "through_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In the place of the magic. */
struct knobs {
    uint8_t sort;
    uint8_t flags;
    uint8_t width;
    uint8_t unit;
    uint16_t wait_status;
    uint8_t columns;
    uint8_t samples;
};

enum {
    COLOR = 1,
    UNICODE = 2,
    ALL_LINES = 4,
    LEGEND = 8,
    WITH_CODE = 16,
    KEEP_HEADER = 32,
    PLOT = 64
};
/* Beside the order. */
enum { FOLD_PACKAGES = 128 };

_Static_assert(sizeof(struct knobs) == sizeof(uint64_t), "as large as what they replace");

static const char *const column_choices[] = {NULL, "+time", "-hits", "rss,hits,time", "+rss_max"};

static struct mpr_timeline timeline;

/* The size is the input's to the byte: what reads past it is seen. */
static char *make_region(
    const uint8_t *data, size_t size, const struct knobs *knobs, size_t *ret_size)
{
    size_t header_size = sizeof(struct mpr_rec_header);
    char *region = calloc(1, MPR_REC_LOG + size - header_size);
    if (!region)
        return NULL;
    memcpy(region, data, header_size);
    memcpy(region + MPR_REC_LOG, data + header_size, size - header_size);
    struct mpr_rec_header *header = (void *)region;
    header->magic = MPR_REC_MAGIC;
    if (!(knobs->flags & KEEP_HEADER)) {
        header->version = MPR_REC_VERSION;
        header->header_size = sizeof *header;
    }
    *ret_size = MPR_REC_LOG + size - header_size;
    return region;
}

/* Samples that point into the log, some of them at nothing. */
static void make_timeline(const struct knobs *knobs, const struct mpr_rec_header *header)
{
    mpr_timeline_init(&timeline);
    for (uint64_t i = 0; i < knobs->samples; i++)
        mpr_timeline_add(&timeline, i * 10000000, header->rss.last + (int64_t)(i % 7),
            MPR_REC_LOG + 8 * i, (uint32_t)i);
}

/* Whatever the recording holds, a report is UTF-8, and what is called JSON can be read back. */
static void check_output(const struct mpr_format *format, const struct mpr_buf *out)
{
    for (size_t at = 0, step; at < out->len; at += step) {
        step = mpr_utf8_sequence(out->data + at, out->len - at);
        if (step == 0)
            abort();
    }
    if (strcmp(format->name, "json") != 0 && strcmp(format->name, "chrome") != 0)
        return;
    json_t *json = json_loadb(out->data, out->len, 0, NULL);
    if (!json)
        abort();
    json_decref(json);
}

static void render_all(const struct mpr_profile *profile, const struct knobs *knobs)
{
    struct made_options options = {
        .view = {.sort = (enum mpr_sort)(knobs->sort % MPR_SORTS),
            .fold_packages = knobs->sort & FOLD_PACKAGES,
            .all_lines = knobs->flags & ALL_LINES,
            .top = knobs->samples % 8,
            .unit = (enum mpr_unit)(knobs->unit % MPR_UNITS),
            .columns =
                column_choices[knobs->columns % (sizeof column_choices / sizeof *column_choices)]},
        .report = {.width = knobs->width,
            .color = knobs->flags & COLOR,
            .unicode = knobs->flags & UNICODE,
            .legend = knobs->flags & LEGEND,
            .plot = knobs->flags & PLOT},
    };
    for (size_t i = 0; mpr_formats[i]; i++) {
        struct mpr_error err = {""};
        struct mpr_sink sink;
        if (mpr_formats[i]->owns_file)
            continue;
        made_sink(&sink);
        if (made_report(profile, mpr_formats[i], &options, &sink, &err) == 0)
            check_output(mpr_formats[i], &sink.out);
        mpr_sink_release(&sink);
    }
}

static void build_and_render(struct mpr_rec_reader *reader, const struct knobs *knobs)
{
    static const char *const command[] = {"script.py", "argument", NULL};
    struct mpr_profile *profile = NULL;
    struct mpr_error err = {""};
    struct mpr_run run = {
        .command = command,
        .code = knobs->flags & WITH_CODE ? "a = 1\nb = 2\n" : NULL,
        .cwd = "/nonexistent",
        .interpreter = "/usr/bin/python3",
        .started.tv_sec = 1700000000,
        .start_ns = 5000000000,
        .end = {9000000000, 6000000000, 0},
        .duration_ns = 1000000000,
        .wait_status = knobs->wait_status,
        .maxrss = 1 << 25,
        .timeline = &timeline,
    };
    make_timeline(knobs, mpr_rec_header(reader));
    if (mpr_profile_build(reader, &run, &profile, &err) == 0) {
        if (mpr_profile_check(profile, &err) != 0)
            __builtin_trap();
        render_all(profile, knobs);
        through_store(profile);
    }
    mpr_profile_free(profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct knobs knobs;
    struct mpr_rec_reader *reader = NULL;
    struct mpr_error err = {""};
    size_t region_size;
    if (size < sizeof(struct mpr_rec_header))
        return 0;
    memcpy(&knobs, data, sizeof knobs);
    char *region = make_region(data, size, &knobs, &region_size);
    if (region && open_memory(region, region_size, &reader, &err) == 0)
        build_and_render(reader, &knobs);
    mpr_rec_close(reader);
    free(region);
    return 0;
}
