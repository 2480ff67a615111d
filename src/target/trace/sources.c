/* SPDX-License-Identifier: MIT */
/* SOURCE records: the state of each file when its code was first seen, and the text of code that
 * has no file, out of linecache. Bounded, since a program may make code without end. */
#include "sources.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "mprun/hash.h"
#include "mprun/probe.h"
#include "mprun/trace.h"

#define BUCKETS 4096
#define MAX_FILES 16384
#define MAX_LOOKS 64 /* of one file, before the program's end */
#define MAX_TEXT ((size_t)1 << 20)
#define MAX_TEXTS ((size_t)16 << 20)

struct known_file {
    uint64_t hash;
    struct known_file *next; /* hash chain */
    uint32_t flags;          /* MPR_SOURCE_… */
    unsigned looked;         /* for text; from the first selected code on */
    int64_t size;
    double mtime; /* seconds, as linecache has it */
    char name[];
};

static struct {
    struct known_file *files[BUCKETS];
    unsigned file_count;
    size_t texts; /* bytes recorded */
} sources;

static uint64_t hash_name(const char *name)
{
    return mpr_hash_fold(mpr_hash_text(MPR_HASH_START, name));
}

static struct known_file *find(const char *name, uint64_t hash)
{
    struct known_file *file = sources.files[hash % BUCKETS];
    while (file && (file->hash != hash || strcmp(file->name, name) != 0))
        file = file->next;
    return file;
}

static bool is_no_file(const char *name)
{
    return name[0] == '<' && name[strlen(name) - 1] == '>';
}

/* The file, or the archive of which the name is a member (zipimport writes ARCHIVE/MEMBER): the
 * longest part of the path that there is. */
static bool look_at(const char *name, struct stat *ret_info)
{
    char path[4096];
    size_t len = strlen(name);
    if (len >= sizeof path)
        return false;
    memcpy(path, name, len + 1);
    while (stat(path, ret_info) < 0) {
        char *slash = errno == ENOTDIR ? strrchr(path, '/') : NULL;
        if (!slash || slash == path)
            return false;
        *slash = '\0';
    }
    return S_ISREG(ret_info->st_mode);
}

static struct mpr_rec_source *begin_record(
    const struct known_file *file, uint32_t flags, size_t text_size)
{
    size_t name_size = strlen(file->name) + 1;
    struct mpr_rec_source *record =
        mpr_rec_append(mpr_probe->writer, MPR_KIND_SOURCE, sizeof *record + name_size + text_size);
    if (!record)
        return NULL;
    record->file = sizeof *record;
    memcpy((char *)record + record->file, file->name, name_size);
    record->flags = flags;
    record->text = (uint32_t)(record->file + name_size);
    record->text_size = (uint32_t)text_size;
    return record;
}

static void stamp(struct known_file *file)
{
    struct stat info = {0};
    int before = errno;
    bool there = look_at(file->name, &info);
    errno = before;
    file->flags = there ? MPR_SOURCE_STAMPED : MPR_SOURCE_ABSENT;
    file->size = info.st_size;
    file->mtime = (double)info.st_mtim.tv_sec + 1e-9 * (double)info.st_mtim.tv_nsec;
    struct mpr_rec_source *record = begin_record(file, file->flags, 0);
    if (!record)
        return;
    record->state = mpr_file_state_of(&info);
    mpr_rec_publish(mpr_probe->writer);
}

static struct known_file *add(const char *name, uint64_t hash)
{
    size_t size = strlen(name) + 1;
    struct known_file *file =
        sources.file_count < MAX_FILES ? mpr_probe_alloc(sizeof *file + size) : NULL;
    if (!file)
        return NULL;
    sources.file_count++;
    file->hash = hash;
    memcpy(file->name, name, size);
    file->next = sources.files[hash % BUCKETS];
    sources.files[hash % BUCKETS] = file;
    if (is_no_file(name))
        file->flags = MPR_SOURCE_ABSENT;
    else
        stamp(file);
    return file;
}

/* Text that linecache read from the file: of the state that was loaded, or of a later one? */
static bool is_later(const struct known_file *file, const struct mpr_kept_text *text)
{
    if (!text->of_file)
        return false;
    double apart = text->mtime - file->mtime;
    return !(file->flags & MPR_SOURCE_STAMPED) || text->size != file->size || apart > 1e-6 ||
           apart < -1e-6;
}

static void record_text(struct known_file *file, const struct mpr_kept_text *text)
{
    size_t size = mpr_kept_text_put(text, NULL);
    if (size == 0 || size > MAX_TEXT || size > MAX_TEXTS - sources.texts)
        return;
    uint32_t flags = MPR_SOURCE_TEXT | (is_later(file, text) ? MPR_SOURCE_CHANGED : 0);
    struct mpr_rec_source *record = begin_record(file, flags, size);
    if (!record)
        return;
    mpr_kept_text_put(text, (char *)record + record->text);
    mpr_rec_publish(mpr_probe->writer);
    file->flags |= MPR_SOURCE_TEXT;
    sources.texts += size;
}

void mpr_sources_note(const struct mpr_code *code, bool selected)
{
    struct mpr_kept_text text;
    if (!code->file[0])
        return;
    uint64_t hash = hash_name(code->file);
    struct known_file *file = find(code->file, hash);
    if (!file)
        file = add(code->file, hash);
    if (!file || !selected || file->looked++ >= MAX_LOOKS)
        return;
    if (file->flags == MPR_SOURCE_ABSENT && mpr_kept_text_find(code, &text))
        record_text(file, &text);
}

/* Files that are gone by now count as well. */
static bool lacks_text(const struct known_file *file)
{
    struct stat info;
    if (!file->looked || (file->flags & MPR_SOURCE_TEXT))
        return false;
    return (file->flags & MPR_SOURCE_ABSENT) || stat(file->name, &info) < 0;
}

void mpr_trace_complete(void)
{
    struct mpr_kept_text text;
    int before = errno;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct known_file *file = sources.files[i]; file; file = file->next)
            if (lacks_text(file) && mpr_kept_text_find_file(file->name, &text))
                record_text(file, &text);
    errno = before;
}

void mpr_sources_stop(void)
{
    memset(&sources, 0, sizeof sources);
}
