/* SPDX-License-Identifier: MIT */
/* Libraries become part of the user's programs: none is taken that another unprivileged user could
 * have put there, nor from a folder that they could exchange. */
#include "trust.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "mprun/launch.h"

#define MAP_MAX ((size_t)65536)

bool mpr_trust_is_mapped(const char *map, uid_t user)
{
    unsigned inside, outside, count;
    int used;
    while (sscanf(map, "%u %u %u%n", &inside, &outside, &count, &used) == 3) {
        if (user >= inside && user - inside < count)
            return true;
        map += used;
    }
    return false;
}

/* Where nobody has the number that strangers are shown with, root outside is among those who have
 * it: such a name space (sandboxes, `unshare -r`) cannot tell more. */
static uid_t unknown_owner(void)
{
    struct mpr_buf map, number;
    uint64_t overflow = 0;
    uid_t unknown = MPR_TRUST_NOBODY;
    mpr_buf_init(&map);
    mpr_buf_init(&number);
    if (mpr_buf_read_file(&map, "/proc/self/uid_map", MAP_MAX, NULL) == 0 &&
        mpr_buf_read_file(&number, "/proc/sys/kernel/overflowuid", 64, NULL) == 0 && map.len &&
        number.len) {
        number.data[strcspn(number.data, "\n")] = '\0';
        if (mpr_parse_u64(number.data, &overflow) == 0 &&
            !mpr_trust_is_mapped(map.data, (uid_t)overflow))
            unknown = (uid_t)overflow;
    }
    mpr_buf_release(&map);
    mpr_buf_release(&number);
    return unknown;
}

void mpr_trust_init(struct mpr_trust *ret_trust)
{
    struct stat st;
    char *own = NULL;
    bool known = mpr_launch_own_program(&own, NULL) == 0 && stat(own, &st) == 0;
    *ret_trust = (struct mpr_trust){
        .self = geteuid(),
        .program = known ? st.st_uid : MPR_TRUST_NOBODY,
        .unknown = unknown_owner(),
    };
    free(own);
}

static bool is_trusted(const struct mpr_trust *trust, uid_t user)
{
    return user == 0 || user == trust->self || user == trust->program || user == trust->unknown;
}

/* Many systems give each user a group of their own, and let it write all that they make. */
static bool is_trusted_group(const struct mpr_trust *trust, gid_t gid)
{
    bool trusted = true;
    const struct passwd *user;
    setpwent();
    while (trusted && (user = getpwent()))
        trusted = user->pw_gid != gid || is_trusted(trust, user->pw_uid);
    endpwent();
    const struct group *group = getgrgid(gid);
    for (char **name = group ? group->gr_mem : NULL; trusted && name && *name; name++) {
        user = getpwnam(*name);
        trusted = !user || is_trusted(trust, user->pw_uid);
    }
    return trusted;
}

const char *mpr_trust_judge(const struct mpr_trust *trust, const struct stat *st, bool listed)
{
    /* In a sticky folder everybody makes files, and nobody removes another's. */
    bool sticky = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX);
    if (!is_trusted(trust, st->st_uid))
        return "belongs to another user";
    if ((st->st_mode & S_IWOTH) && !sticky)
        return "may be written by everybody";
    if (!(st->st_mode & S_IWGRP) || sticky)
        return NULL;
    if (listed)
        return "may be written by others, as its access list says";
    return st->st_gid == 0 || is_trusted_group(trust, st->st_gid) ? NULL
                                                                  : "may be written by its group";
}

/* One of the folders on the way, or the end of it. */
static int check_one(
    const struct mpr_trust *trust, const char *path, const char *whole, struct mpr_error *err)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot look at %s: %s", path, strerror(errno));
    bool listed = getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
    const char *wrong = mpr_trust_judge(trust, &st, listed);
    if (!wrong)
        return 0;
    return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
        "mprun does not load %s, because %s %s, who could put anything there; install mprun where "
        "only you and root may write",
        whole, path, wrong);
}

int mpr_trust_check(const char *path, struct mpr_error *err)
{
    struct mpr_trust trust;
    char whole[PATH_MAX], resolved[PATH_MAX];
    if (!realpath(path, whole))
        return mpr_error_set(err, MPR_ERR_IO, "cannot look at %s: %s", path, strerror(errno));
    memcpy(resolved, whole, sizeof resolved);
    mpr_trust_init(&trust);
    int status = check_one(&trust, "/", whole, err);
    for (char *slash = resolved + 1; status == 0 && slash;) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        status = check_one(&trust, resolved, whole, err);
        if (slash)
            *slash++ = '/';
    }
    return status;
}
