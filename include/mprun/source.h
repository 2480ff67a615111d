/* SPDX-License-Identifier: MIT */
/* Source text of code objects: plain files, members of zips, the code of -c. */
#ifndef MPRUN_SOURCE_H
#define MPRUN_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "mprun/base.h"
#include "mprun/file_state.h"

#define MPR_SOURCE_LIMIT ((size_t)64 << 20)

/* What the target knew of a file. Text is borrowed. */
struct mpr_source_fact {
    bool stamped; /* this was its state when its code was loaded */
    bool absent;  /* it was not there then */
    bool changed; /* the text is of another state */
    struct mpr_file_state state;
    const char *text; /* UTF-8, or NULL */
    size_t len;
};

/* One file. Owned by its mpr_sources. */
struct mpr_source {
    size_t number;   /* mpr_sources_at gives it */
    char *file;      /* as the code object names it */
    char *problem;   /* a sentence: why there is no text; else NULL */
    char *text;      /* UTF-8 where it could be decoded */
    uint32_t *start; /* of each line; start[line_count] is the text's length */
    size_t line_count;
    bool loaded;
    bool made;    /* the text is the target's: a name that was used twice has only one */
    bool changed; /* since its code was loaded */
    struct mpr_source_fact fact;
};

struct mpr_sources;

/* `code` is the CODE of -c or NULL; the strings are borrowed. NULL if there is no memory. */
struct mpr_sources *mpr_sources_new(const char *cwd, const char *code, struct timespec started);
void mpr_sources_free(struct mpr_sources *sources);
/* Tell what is known of a file, before its first use; what came first stays. False if there is no
 * memory. */
bool mpr_sources_tell(
    struct mpr_sources *sources, const char *file, const struct mpr_source_fact *fact);
/* The file, loaded at its first use. NULL only if there is no memory. */
const struct mpr_source *mpr_sources_get(struct mpr_sources *sources, const char *file);
/* Loaded files, for notes. */
size_t mpr_sources_count(const struct mpr_sources *sources);
const struct mpr_source *mpr_sources_at(const struct mpr_sources *sources, size_t index);
/* Line 1…line_count without its end; false beyond. */
bool mpr_source_line(
    const struct mpr_source *source, uint32_t line, const char **ret_text, size_t *ret_len);

/* decode.c: Python source to UTF-8 as PEP 263 says; bytes that the encoding does not know become
 * \xNN. False if there is no memory. */
bool mpr_source_decode(const char *bytes, size_t len, struct mpr_buf *out);
/* The encoding that a BOM or a cookie in the first two lines names; "utf-8" without either. */
void mpr_source_encoding(const char *bytes, size_t len, char *ret_name, size_t size);
/* codec.c: a Python codec's name as iconv knows it. */
void mpr_source_codec(const char *python, char *ret_iconv, size_t size);

/* zip.c: archives that were opened, one at a time. */
struct mpr_zip_cache {
    void *archive; /* of minizip; owned */
    char *path;
    struct mpr_file_state state;
};

/* Read the member that `path` names (DIR/ARCHIVE.zip/MEMBER). False: no part of the path is a
 * zip with that member. */
bool mpr_zip_read(struct mpr_zip_cache *cache, const char *path, struct mpr_buf *out);
void mpr_zip_cache_release(struct mpr_zip_cache *cache);

#endif
