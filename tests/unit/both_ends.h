/* SPDX-License-Identifier: MIT */
/* A recording with a writer and a reader, for tests of either. */
#ifndef MPRUN_TESTS_BOTH_ENDS_H
#define MPRUN_TESTS_BOTH_ENDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/recording_reader.h"
#include "mprun/recording_writer.h"

static const char *const patterns[] = {"load", "json:dump*"};

static inline int make_recording(void)
{
    int fd = -1;
    struct mpr_error err;
    assert_int_equal(mpr_rec_create(patterns, 2, MPR_REC_RSS_CHECK, MPR_RSS_RUSAGE, &fd, &err), 0);
    return fd;
}

static inline struct mpr_rec_function *add_function(struct mpr_rec_writer *writer, uint32_t lines)
{
    struct mpr_rec_function *fn;
    size_t rows = lines * sizeof(struct mpr_rec_row);
    fn = mpr_rec_append(writer, MPR_KIND_FUNCTION, sizeof *fn + rows + 8);
    if (!fn)
        return NULL;
    fn->id.first_line = 10;
    fn->id.last_line = 10 + lines - 1;
    fn->row_count = lines;
    fn->rows = sizeof *fn;
    fn->id.file = fn->id.qualname = fn->id.module = (uint32_t)(sizeof *fn + rows);
    memcpy((char *)fn + fn->id.file, "f", 2);
    mpr_rec_publish(writer);
    return fn;
}

static inline size_t count_records(
    struct mpr_rec_reader *reader, enum mpr_rec_kind kind, int *ret_last)
{
    const struct mpr_rec_head *record;
    uint64_t cursor = 0;
    size_t count = 0;
    int status;
    while ((status = mpr_rec_next(reader, &cursor, &record, NULL)) == 1)
        count += record->kind == kind;
    if (ret_last)
        *ret_last = status;
    return count;
}

/* The function whose record lies there, found as a reader finds it. */
static inline const struct mpr_rec_function *function_at(
    const struct mpr_rec_reader *reader, uint64_t offset)
{
    const struct mpr_rec_head *record;
    uint64_t cursor = 0;
    while (mpr_rec_next(reader, &cursor, &record, NULL) == 1)
        if (mpr_rec_offset(reader, record) == offset && record->kind == MPR_KIND_FUNCTION)
            return (const void *)record;
    return NULL;
}

/* A recording with both its ends; its descriptor is the caller's. */
static inline int open_both(struct mpr_rec_writer **ret_writer, struct mpr_rec_reader **ret_reader)
{
    int fd = make_recording();
    assert_int_equal(mpr_rec_attach(fd, ret_writer, NULL), 0);
    assert_int_equal(mpr_rec_open(fd, ret_reader, NULL), 0);
    return fd;
}

#endif
