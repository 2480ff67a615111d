/* SPDX-License-Identifier: MIT */
/* A model goes through a store: what comes back is rendered to the same. */
#ifndef MPRUN_TESTS_THROUGH_STORE_H
#define MPRUN_TESTS_THROUGH_STORE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "made_report.h"
#include "mprun/store.h"

/* A file of the bytes, and its name. */
static inline int through_file(const void *data, size_t size, char ret_path[64])
{
    int fd = memfd_create("fuzz-store", MFD_CLOEXEC);
    if (fd < 0 || mpr_write_all(fd, data, size, NULL) != 0)
        abort();
    snprintf(ret_path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static inline char *through_renderer(const struct mpr_profile *profile, const char *format)
{
    static const struct made_options options = {
        .view = {.top = 5, .all_lines = true}, .report = {.width = 80, .unicode = true}};
    struct mpr_error err = {""};
    struct mpr_sink sink = {.path = NULL};
    mpr_buf_init(&sink.out);
    if (made_report(profile, mpr_format_by_name(format), &options, &sink, &err) != 0)
        abort();
    return mpr_buf_steal(&sink.out);
}

static inline void through_store(const struct mpr_profile *profile)
{
    static const char *const formats[] = {"json", "text", "classic"};
    char path[64];
    struct mpr_error err = {""};
    struct mpr_profile *again = NULL;
    int fd = through_file("", 0, path);
    if (mpr_store_save(profile, path, &err) != 0 || mpr_store_load(path, &again, &err) != 0)
        abort();
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char *before = through_renderer(profile, formats[i]);
        char *after = through_renderer(again, formats[i]);
        if (strcmp(before, after) != 0)
            abort();
        free(before);
        free(after);
    }
    mpr_profile_free(again);
    close(fd);
}

#endif
