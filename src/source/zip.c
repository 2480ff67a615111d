/* SPDX-License-Identifier: MIT */
/* Members of zip archives, named as zipimport names them: the archive's path with the member's
 * behind it. Keeps the last archive open, because a program's modules tend to share one. */
#include <minizip/unzip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mprun/source.h"

#define ENCRYPTED 1u /* general purpose flags, APPNOTE.TXT 4.4.4 */
#define CASE_MATTERS 1

void mpr_zip_cache_release(struct mpr_zip_cache *cache)
{
    if (cache->archive)
        unzClose(cache->archive);
    free(cache->path);
    *cache = (struct mpr_zip_cache){0};
}

static bool open_archive(struct mpr_zip_cache *cache, const char *path, const struct stat *info)
{
    if (cache->path && strcmp(cache->path, path) == 0)
        return cache->archive != NULL;
    mpr_zip_cache_release(cache);
    cache->path = mpr_strdup(path);
    if (!cache->path)
        return false;
    cache->archive = unzOpen64(path);
    cache->state = mpr_file_state_of(info);
    return cache->archive != NULL;
}

/* The member is the archive's current file. One that is encrypted would be read as it stands. */
static bool read_current(unzFile archive, struct mpr_buf *out)
{
    unz_file_info64 info;
    char chunk[16384];
    int got = 0;
    if (unzGetCurrentFileInfo64(archive, &info, NULL, 0, NULL, 0, NULL, 0) != UNZ_OK ||
        info.flag & ENCRYPTED || unzOpenCurrentFile(archive) != UNZ_OK)
        return false;
    while (out->len <= MPR_SOURCE_LIMIT &&
           (got = unzReadCurrentFile(archive, chunk, sizeof chunk)) > 0)
        mpr_buf_append(out, chunk, (size_t)got);
    /* Of what was read whole the sum is checked here. */
    return unzCloseCurrentFile(archive) == UNZ_OK && got >= 0;
}

static bool read_member(unzFile archive, const char *member, struct mpr_buf *out)
{
    return unzLocateFile(archive, member, CASE_MATTERS) == UNZ_OK && read_current(archive, out);
}

bool mpr_zip_read(struct mpr_zip_cache *cache, const char *path, struct mpr_buf *out)
{
    char *archive = mpr_strdup(path);
    char *slash = archive ? strrchr(archive, '/') : NULL;
    bool found = false;
    /* Up to the first name that exists: what is not a regular file there holds no member. */
    while (slash && slash != archive) {
        struct stat info;
        *slash = '\0';
        if (stat(archive, &info) == 0) {
            found = S_ISREG(info.st_mode) && open_archive(cache, archive, &info) &&
                    read_member(cache->archive, path + (slash - archive) + 1, out);
            break;
        }
        slash = strrchr(archive, '/');
    }
    free(archive);
    return found;
}
