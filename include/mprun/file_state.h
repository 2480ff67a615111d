/* SPDX-License-Identifier: MIT */
/* By what a file is known to be the same as before: in the target when its code is loaded, in the
 * supervisor when its lines are shown. */
#ifndef MPRUN_FILE_STATE_H
#define MPRUN_FILE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Times are seconds and the nanoseconds beside them. */
struct mpr_file_state {
    int64_t size; /* bytes */
    int64_t mtime;
    int64_t ctime; /* which no program can choose */
    uint64_t inode;
    uint32_t mtime_ns;
    uint32_t ctime_ns;
    uint32_t mode;
    uint32_t links;
    uint32_t user;
    uint32_t group;
};

static inline struct mpr_file_state mpr_file_state_of(const struct stat *info)
{
    return (struct mpr_file_state){
        .size = info->st_size,
        .mtime = info->st_mtim.tv_sec,
        .ctime = info->st_ctim.tv_sec,
        .inode = info->st_ino,
        .mtime_ns = (uint32_t)info->st_mtim.tv_nsec,
        .ctime_ns = (uint32_t)info->st_ctim.tv_nsec,
        .mode = info->st_mode,
        .links = (uint32_t)info->st_nlink,
        .user = info->st_uid,
        .group = info->st_gid,
    };
}

/* May it hold something else now? chmod, chown and link move ctime, too: where they show, the rest
 * decides. */
static inline bool mpr_file_state_differs(
    const struct mpr_file_state *a, const struct mpr_file_state *b)
{
    bool explained =
        a->mode != b->mode || a->links != b->links || a->user != b->user || a->group != b->group;
    bool touched = a->ctime != b->ctime || a->ctime_ns != b->ctime_ns;
    return a->size != b->size || a->mtime != b->mtime || a->mtime_ns != b->mtime_ns ||
           a->inode != b->inode || (touched && !explained);
}

#endif
