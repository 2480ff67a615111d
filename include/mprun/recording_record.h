/* SPDX-License-Identifier: MIT */
/* What records of a recording have in common. Part of recording.h, whose rules hold here. */
#ifndef MPRUN_RECORDING_RECORD_H
#define MPRUN_RECORDING_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum mpr_rec_kind {
    MPR_KIND_PAD = 1, /* filler, skipped by the reader */
    MPR_KIND_PATTERN,
    MPR_KIND_FUNCTION,
    MPR_KIND_CANDIDATE,
    MPR_KIND_THREAD,
    MPR_KIND_SLOTS,
    MPR_KIND_PLACE,
    MPR_KIND_SITES,
    MPR_KIND_NODES,
    MPR_KIND_SOURCE,
    MPR_KIND_UNDECORATED,
    MPR_KIND_LABEL,
    MPR_KIND_MARK,
    MPR_KIND_SNAPSHOT,
    MPR_KIND_SECTION,
    MPR_KIND_INTERVALS,
};

/* First member of each record. Records are 8-byte aligned; size includes the head. */
struct mpr_rec_head {
    uint32_t kind;
    uint32_t size;
};

/* Why a function is selected: index of the pattern (0…), or: */
#define MPR_REC_BY_NONE UINT32_MAX
#define MPR_REC_BY_DEFAULT (UINT32_MAX - 1)
#define MPR_REC_BY_DECORATOR (UINT32_MAX - 2)

/* A function's identity. Text offsets count from the record's start. */
struct mpr_rec_identity {
    uint32_t first_line; /* 1-based; co_firstlineno */
    uint32_t last_line;  /* largest line, nested code included; >= first_line */
    uint32_t file;       /* co_filename, file-system bytes */
    uint32_t qualname;   /* UTF-8; <module> for a module's code */
    uint32_t module;     /* __name__ of its globals, UTF-8; may be empty */
    uint32_t selected_by;
};

/* Target: does the identity in `record`, which the target wrote itself (its offsets are trusted),
 * have that file and qualified name? */
static inline bool mpr_rec_is_named(
    const void *record, const struct mpr_rec_identity *id, const char *file, const char *qualname)
{
    return strcmp((const char *)record + id->qualname, qualname) == 0 &&
           strcmp((const char *)record + id->file, file) == 0;
}

#endif
