/* SPDX-License-Identifier: MIT */
/* The supervisor's side: walks the log without trusting it. Every offset and size is checked
 * against what is published; nothing is written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader.h"

#define SMALLEST_VIEW ((size_t)4096)

static int check_header(const char *base, uint64_t size, struct mpr_error *err)
{
    const struct mpr_rec_header *header = (const void *)base;
    if (size < MPR_REC_LOG || header->magic != MPR_REC_MAGIC)
        return mpr_error_set(err, MPR_ERR_CORRUPT, "this is not a recording of mprun");
    if (header->version != MPR_REC_VERSION || header->header_size != sizeof *header)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "the recording has version %u, this mprun reads version %u", header->version,
            MPR_REC_VERSION);
    return 0;
}

int mpr_rec_read(const char *base, uint64_t size, uint64_t file_size,
    struct mpr_rec_reader **ret_reader, struct mpr_error *err)
{
    int status = check_header(base, size, err);
    if (status < 0)
        return status;
    struct mpr_rec_reader *reader = malloc(sizeof *reader);
    if (!reader)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    *reader = (struct mpr_rec_reader){base, size, file_size};
    *ret_reader = reader;
    return 0;
}

/* The report, too, needs memory: for a view so large there must be so much more. */
static bool leaves_room(size_t size)
{
    void *room =
        mmap(NULL, size / 4, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return room != MAP_FAILED && munmap(room, size / 4) == 0;
}

/* The address space may be limited (ulimit -v): a shorter view is enough for most programs, and
 * what lies past it reads as the end of the log. */
static char *map_what_fits(int fd, size_t *size)
{
    for (; *size >= SMALLEST_VIEW; *size /= 2) {
        void *base = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
        if (base != MAP_FAILED && (*size == SMALLEST_VIEW || leaves_room(*size)))
            return base;
        if (base != MAP_FAILED)
            munmap(base, *size);
        else if (errno != ENOMEM)
            break;
    }
    return NULL;
}

int mpr_rec_open(int fd, struct mpr_rec_reader **ret_reader, struct mpr_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot inspect the recording: %s", strerror(errno));
    if (info.st_size < (off_t)MPR_REC_LOG)
        return mpr_error_set(err, MPR_ERR_CORRUPT, "this is not a recording of mprun");
    uint64_t file_size = (uint64_t)info.st_size;
    size_t size = file_size;
    char *base = map_what_fits(fd, &size);
    if (!base)
        return mpr_error_set(
            err, MPR_ERR_IO, "cannot map the recording: %s (ulimit -v?)", strerror(errno));
    int status = mpr_rec_read(base, size, file_size, ret_reader, err);
    if (status < 0)
        munmap(base, size);
    return status;
}

void mpr_rec_close(struct mpr_rec_reader *reader)
{
    if (reader && reader->file_size)
        munmap((void *)(uintptr_t)reader->base, reader->size);
    free(reader);
}

const struct mpr_rec_header *mpr_rec_header(const struct mpr_rec_reader *reader)
{
    return (const void *)reader->base;
}

static uint64_t published(const struct mpr_rec_reader *reader)
{
    uint64_t used = __atomic_load_n(&mpr_rec_header(reader)->log_used, __ATOMIC_ACQUIRE);
    return used < reader->size ? used : reader->size;
}

static bool resize(struct mpr_rec_reader *reader, uint64_t size)
{
    void *base = mremap((void *)(uintptr_t)reader->base, reader->size, size, MREMAP_MAYMOVE);
    if (base == MAP_FAILED)
        return false;
    reader->base = base;
    reader->size = size;
    return true;
}

static bool read_range(int fd, char *to, off_t from, off_t end)
{
    while (from < end) {
        ssize_t got = pread(fd, to + from, (size_t)(end - from), from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        from += got;
    }
    return true;
}

/* What has been written; the rest is zeros in either. */
static bool read_data(int fd, char *to, off_t size)
{
    for (off_t at = 0; at < size;) {
        off_t data = lseek(fd, at, SEEK_DATA);
        if (data < 0)
            return errno == ENXIO; /* no more */
        off_t hole = lseek(fd, data, SEEK_HOLE);
        if (hole < 0)
            return false;
        at = hole < size ? hole : size;
        if (data < size && !read_range(fd, to, data, at))
            return false;
    }
    return true;
}

/* A copy ends where the log did when its size was taken: what is published since then may not be in
 * it. */
static void end_at(void *copy, uint64_t used)
{
    struct mpr_rec_header *header = copy;
    if (header->log_used > used)
        header->log_used = used;
}

static void take_copy(struct mpr_rec_reader *reader, int fd, uint64_t used)
{
    void *copy =
        mmap(NULL, reader->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy == MAP_FAILED)
        return;
    if (!leaves_room(reader->size) || !read_data(fd, copy, (off_t)reader->size) ||
        check_header(copy, reader->size, NULL) < 0) {
        munmap(copy, reader->size);
        return;
    }
    if (used <= reader->size)
        end_at(copy, used);
    munmap((void *)(uintptr_t)reader->base, reader->size);
    reader->base = copy;
}

void mpr_rec_settle(struct mpr_rec_reader *reader, int fd)
{
    uint64_t old = reader->size, page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t used = __atomic_load_n(&mpr_rec_header(reader)->log_used, __ATOMIC_ACQUIRE);
    if (used < MPR_REC_LOG || used > reader->file_size)
        return;
    if (resize(reader, (used + page - 1) & ~(page - 1)) && reader->size > old &&
        !leaves_room(reader->size))
        resize(reader, old);
    take_copy(reader, fd, used);
}

bool mpr_rec_is_cut(const struct mpr_rec_reader *reader)
{
    const struct mpr_rec_header *header = mpr_rec_header(reader);
    uint64_t used = __atomic_load_n(&header->log_used, __ATOMIC_ACQUIRE);
    return used > reader->size && used <= header->size;
}

/* Smallest record of each kind; also the table of known kinds. */
static const size_t kind_size[] = {
    [MPR_KIND_PAD] = sizeof(struct mpr_rec_head),
    [MPR_KIND_PATTERN] = sizeof(struct mpr_rec_pattern),
    [MPR_KIND_FUNCTION] = sizeof(struct mpr_rec_function),
    [MPR_KIND_CANDIDATE] = sizeof(struct mpr_rec_candidate),
    [MPR_KIND_THREAD] = sizeof(struct mpr_rec_thread),
    [MPR_KIND_SLOTS] = sizeof(struct mpr_rec_slots),
    [MPR_KIND_PLACE] = sizeof(struct mpr_rec_place),
    [MPR_KIND_SITES] = sizeof(struct mpr_rec_sites),
    [MPR_KIND_NODES] = sizeof(struct mpr_rec_nodes),
    [MPR_KIND_SOURCE] = sizeof(struct mpr_rec_source),
    [MPR_KIND_UNDECORATED] = sizeof(struct mpr_rec_undecorated),
    [MPR_KIND_LABEL] = sizeof(struct mpr_rec_label),
    [MPR_KIND_MARK] = sizeof(struct mpr_rec_mark),
    [MPR_KIND_SNAPSHOT] = sizeof(struct mpr_rec_snapshot),
    [MPR_KIND_SECTION] = sizeof(struct mpr_rec_section),
    [MPR_KIND_INTERVALS] = sizeof(struct mpr_rec_intervals),
};

static bool array_fits(uint64_t record, uint64_t start, uint64_t count, uint64_t each)
{
    return start <= record && count <= (record - start) / each;
}

/* In order, between the first line and the last, and their rows in order, too. */
static bool stretches_fit(const struct mpr_rec_function *fn, uint64_t lines)
{
    const struct mpr_rec_stretch *stretch = mpr_rec_stretches(fn);
    uint64_t next = 0, row = 0; /* behind the last stretch; lines from the first one on */
    if (!stretch)
        return fn->row_count == lines;
    if (fn->stretches < sizeof *fn || fn->stretches % 4 != 0 ||
        !array_fits(fn->head.size, fn->stretches, fn->stretch_count, sizeof *stretch))
        return false;
    for (uint32_t i = 0; i < fn->stretch_count; i++, stretch++) {
        uint64_t line = (uint64_t)stretch->line - fn->id.first_line;
        if (stretch->line < fn->id.first_line || line < next || (i == 0 && line > 0) ||
            line >= lines || stretch->count == 0 || stretch->count > lines - line ||
            stretch->row != row)
            return false;
        next = line + stretch->count;
        row += stretch->count;
    }
    return fn->row_count == row;
}

static bool function_fits(const struct mpr_rec_head *head)
{
    const struct mpr_rec_function *fn = (const void *)head;
    uint64_t lines = (uint64_t)fn->id.last_line - fn->id.first_line + 1;
    return fn->id.last_line >= fn->id.first_line && fn->rows % 8 == 0 && fn->rows >= sizeof *fn &&
           stretches_fit(fn, lines) &&
           array_fits(head->size, fn->rows, fn->row_count, sizeof(struct mpr_rec_row));
}

static bool slots_fit(const struct mpr_rec_head *head)
{
    const struct mpr_rec_slots *slots = (const void *)head;
    return array_fits(head->size, sizeof *slots, slots->count, sizeof slots->slot[0]);
}

static bool sites_fit(const struct mpr_rec_head *head)
{
    const struct mpr_rec_sites *sites = (const void *)head;
    return array_fits(head->size, sizeof *sites, sites->capacity, sizeof sites->site[0]);
}

static bool nodes_fit(const struct mpr_rec_head *head)
{
    const struct mpr_rec_nodes *nodes = (const void *)head;
    return nodes->first >= sizeof *nodes && nodes->first % 8 == 0 &&
           array_fits(head->size, nodes->first, nodes->capacity, sizeof(struct mpr_rec_node));
}

static bool source_fits(const struct mpr_rec_head *head)
{
    const struct mpr_rec_source *source = (const void *)head;
    return source->text >= sizeof *source &&
           array_fits(head->size, source->text, source->text_size, 1);
}

static bool snapshot_fits(const struct mpr_rec_head *head)
{
    const struct mpr_rec_snapshot *snapshot = (const void *)head;
    return array_fits(head->size, sizeof *snapshot, snapshot->count, sizeof snapshot->held[0]);
}

static bool (*const kind_fits[])(const struct mpr_rec_head *) = {
    [MPR_KIND_FUNCTION] = function_fits,
    [MPR_KIND_SLOTS] = slots_fit,
    [MPR_KIND_SITES] = sites_fit,
    [MPR_KIND_NODES] = nodes_fit,
    [MPR_KIND_SOURCE] = source_fits,
    [MPR_KIND_SNAPSHOT] = snapshot_fits,
};

static bool record_fits(const struct mpr_rec_head *head)
{
    if (head->kind == 0 || head->kind >= sizeof kind_size / sizeof *kind_size ||
        head->size < kind_size[head->kind])
        return false;
    if (head->kind < sizeof kind_fits / sizeof *kind_fits && kind_fits[head->kind])
        return kind_fits[head->kind](head);
    return true;
}

/* The record at `at`, or NULL if it does not lie inside what is published. */
static const struct mpr_rec_head *record_at(const struct mpr_rec_reader *reader, uint64_t at)
{
    uint64_t end = published(reader);
    if (at < MPR_REC_LOG || at % 8 != 0 || at > end || end - at < sizeof(struct mpr_rec_head))
        return NULL;
    const struct mpr_rec_head *head = (const void *)(reader->base + at);
    if (head->size < sizeof *head || head->size % 8 != 0 || head->size > end - at)
        return NULL;
    return record_fits(head) ? head : NULL;
}

int mpr_rec_next(const struct mpr_rec_reader *reader, uint64_t *cursor,
    const struct mpr_rec_head **ret_record, struct mpr_error *err)
{
    uint64_t at = *cursor ? *cursor : MPR_REC_LOG;
    while (at < published(reader)) {
        const struct mpr_rec_head *head = record_at(reader, at);
        if (!head)
            return mpr_error_set(err, MPR_ERR_CORRUPT, "the recording is damaged at offset %llu",
                (unsigned long long)at);
        at += head->size;
        if (head->kind == MPR_KIND_PAD)
            continue;
        *cursor = at;
        *ret_record = head;
        return 1;
    }
    *cursor = at;
    return 0;
}

uint64_t mpr_rec_offset(const struct mpr_rec_reader *reader, const struct mpr_rec_head *record)
{
    return (uint64_t)((const char *)record - reader->base);
}

const struct mpr_rec_activation *mpr_rec_activation_at(
    const struct mpr_rec_reader *reader, uint64_t offset)
{
    uint64_t end = published(reader);
    if (offset < MPR_REC_LOG || offset % 8 != 0 || offset > end ||
        end - offset < sizeof(struct mpr_rec_activation))
        return NULL;
    return (const void *)(reader->base + offset);
}

const char *mpr_rec_text(const struct mpr_rec_head *record, uint32_t offset)
{
    const char *text = (const char *)record + offset;
    if (offset < sizeof *record || offset >= record->size ||
        !memchr(text, '\0', record->size - offset))
        return "";
    return text;
}
