/* SPDX-License-Identifier: MIT */
/* Members of zip archives, named as zipimport names them: the archive's path with the member's
 * behind it. Keeps the last archive open, because a program's modules tend to share one. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

#include "mprun/source.h"

void mpr_zip_cache_release(struct mpr_zip_cache *cache)
{
    if (cache->archive)
        zip_discard(cache->archive);
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
    cache->archive = zip_open(path, ZIP_RDONLY, NULL);
    cache->state = mpr_file_state_of(info);
    return cache->archive != NULL;
}

static bool read_member(zip_t *archive, const char *member, struct mpr_buf *out)
{
    zip_file_t *file = zip_fopen(archive, member, 0);
    if (!file)
        return false;
    char chunk[16384];
    zip_int64_t got = 0;
    while ((got = zip_fread(file, chunk, sizeof chunk)) > 0 && out->len <= MPR_SOURCE_LIMIT)
        mpr_buf_append(out, chunk, (size_t)got);
    zip_fclose(file);
    return got >= 0;
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
