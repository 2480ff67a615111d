/* SPDX-License-Identifier: MIT */
/* The target's side of the log. Appends records through windows that are mapped as they are
 * needed: no reservation, no descriptor kept, no malloc. Pages are populated before use and
 * counted as mprun's own. Cold: called when a function, thread or slot block first appears. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mprun/lock.h"
#include "mprun/own.h"
#include "mprun/recording_writer.h"
#include "mprun/sys.h"

#define WINDOW ((uint64_t)1 << 20)
#define POPULATE_STEP ((uint64_t)64 << 10)

/* No window is smaller than WINDOW but the last. */
#define WINDOWS (MPR_REC_SIZE / WINDOW + 1)

struct mapped {
    char *start;
    uint64_t size;
};

struct mpr_rec_writer {
    struct mpr_rec_header *header;
    char *window; /* mapping of [window_start, window_end) of the region */
    uint64_t window_start;
    uint64_t window_end;
    uint64_t populated;   /* offset up to which the window is resident */
    uint64_t used;        /* published end of the log */
    uint64_t pending_end; /* end of the record being written */
    uint64_t last;        /* offset of the record last appended */
    uint64_t page;
    struct mpr_lock lock; /* from append to publish */
    struct mapped mapped[WINDOWS];
    size_t windows;
};

static struct mpr_rec_writer the_writer;

static void populate_to(struct mpr_rec_writer *writer, uint64_t end)
{
    while (writer->populated < end) {
        uint64_t step = writer->window_end - writer->populated;
        if (step > POPULATE_STEP)
            step = POPULATE_STEP;
        mpr_own_populate(writer->window + (writer->populated - writer->window_start), step);
        __atomic_fetch_add(&writer->header->rss.own, (int64_t)step, __ATOMIC_RELAXED);
        writer->populated += step;
    }
}

static int check_header(const struct mpr_rec_header *header, struct mpr_error *err)
{
    if (header->magic != MPR_REC_MAGIC || header->header_size != sizeof *header ||
        header->size != MPR_REC_SIZE)
        return mpr_error_set(err, MPR_ERR_CORRUPT, "the recording is not one of this mprun");
    if (header->version != MPR_REC_VERSION)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "the recording has version %u, this host writes version %u: install both from one "
            "build",
            header->version, MPR_REC_VERSION);
    if (header->log_used < MPR_REC_LOG || header->log_used > WINDOW)
        return mpr_error_set(err, MPR_ERR_LIMIT, "the patterns take too much room");
    return 0;
}

int mpr_rec_find(const char *number)
{
    char *end;
    uint64_t magic = 0;
    errno = 0;
    long fd = strtol(number, &end, 10);
    if (errno != 0 || end == number || *end || fd < 0 || fd > INT_MAX)
        return -1;
    if (fcntl((int)fd, F_GET_SEALS) != MPR_REC_SEALS ||
        mpr_sys_pread((int)fd, &magic, sizeof magic, offsetof(struct mpr_rec_header, magic)) !=
            sizeof magic ||
        magic != MPR_REC_MAGIC)
        return -1;
    return (int)fd;
}

int mpr_rec_attach(int fd, struct mpr_rec_writer **ret_writer, struct mpr_error *err)
{
    struct mpr_rec_writer *writer = &the_writer;
    struct stat info;
    if (fstat(fd, &info) != 0 || (uint64_t)info.st_size != MPR_REC_SIZE)
        return mpr_error_set(err, MPR_ERR_CORRUPT, "descriptor %d is not a recording", fd);
    char *window = mpr_sys_mmap(WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    if (window == MAP_FAILED)
        return mpr_error_set(
            err, MPR_ERR_IO, "cannot map the recording: %s (ulimit -v?)", strerror(errno));
    mpr_sys_madvise(window, WINDOW, MADV_NOHUGEPAGE);
    int status = check_header((struct mpr_rec_header *)(void *)window, err);
    if (status < 0) {
        mpr_sys_munmap(window, WINDOW);
        return status;
    }
    *writer = (struct mpr_rec_writer){
        .header = (struct mpr_rec_header *)(void *)window,
        .window = window,
        .window_end = WINDOW,
        .used = ((struct mpr_rec_header *)(void *)window)->log_used,
        .page = (uint64_t)sysconf(_SC_PAGESIZE),
        .mapped = {{window, WINDOW}},
        .windows = 1,
    };
    mpr_lock_make(&writer->lock);
    populate_to(writer, writer->used);
    *ret_writer = writer;
    return 0;
}

void mpr_rec_detach(struct mpr_rec_writer *writer)
{
    for (size_t i = 0; i < writer->windows; i++)
        mpr_sys_munmap(writer->mapped[i].start, writer->mapped[i].size);
    *writer = (struct mpr_rec_writer){0};
}

/* Where the kernel refuses (a limit of address space below what is used, no overcommitment) nothing
 * is to be reached there any more. It stays mapped: the program could get the addresses for its own
 * memory, and who is in the middle of something would write into that. */
void mpr_rec_leave(struct mpr_rec_writer *writer)
{
    for (size_t i = 0; i < writer->windows; i++) {
        const struct mapped *mapped = &writer->mapped[i];
        if (syscall(SYS_mmap, mapped->start, mapped->size, PROT_READ | PROT_WRITE,
                MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0L) == -1)
            syscall(SYS_mprotect, mapped->start, mapped->size, PROT_NONE);
    }
}

void mpr_rec_refuse(int fd, const char *reason)
{
    uint32_t state = MPR_REC_REFUSED;
    char text[sizeof(((struct mpr_rec_host *)NULL)->refusal)] = "";
    memcpy(text, reason, strnlen(reason, sizeof text - 1));
    if (pwrite(fd, text, sizeof text, offsetof(struct mpr_rec_header, host.refusal)) > 0)
        (void)!pwrite(fd, &state, sizeof state, offsetof(struct mpr_rec_header, state));
}

struct mpr_rec_header *mpr_rec_writer_header(struct mpr_rec_writer *writer)
{
    return writer->header;
}

/* Close the window with a PAD record. Its head lies in the last bytes, so it is populated. */
static void pad_window(struct mpr_rec_writer *writer)
{
    uint64_t rest = writer->window_end - writer->used;
    if (rest == 0)
        return;
    populate_to(writer, writer->used + sizeof(struct mpr_rec_head));
    struct mpr_rec_head *pad = (void *)(writer->window + (writer->used - writer->window_start));
    pad->kind = MPR_KIND_PAD;
    pad->size = (uint32_t)rest;
    writer->used += rest;
    __atomic_store_n(&writer->header->log_used, writer->used, __ATOMIC_RELEASE);
}

/* mremap with an old size of 0 makes a second mapping of shared pages (mremap(2)): from the last
 * page of this window on, the file's following pages come with it. So the window moves forward
 * without a descriptor that the program could close. */
static bool next_window(struct mpr_rec_writer *writer, uint64_t size)
{
    uint64_t length = size > WINDOW ? (size + writer->page - 1) & ~(writer->page - 1) : WINDOW;
    if (length > MPR_REC_SIZE - writer->window_end || writer->windows == WINDOWS)
        return false;
    char *last_page = writer->window + (writer->window_end - writer->window_start) - writer->page;
    char *next =
        (char *)syscall(SYS_mremap, last_page, 0L, writer->page + length, MREMAP_MAYMOVE, NULL);
    if (next == MAP_FAILED)
        return false;
    pad_window(writer);
    mpr_sys_munmap(next, writer->page);
    writer->window = next + writer->page;
    writer->mapped[writer->windows++] = (struct mapped){writer->window, length};
    mpr_sys_madvise(writer->window, length, MADV_NOHUGEPAGE);
    writer->window_start = writer->window_end;
    writer->window_end += length;
    writer->populated = writer->window_start;
    return true;
}

void *mpr_rec_append(struct mpr_rec_writer *writer, enum mpr_rec_kind kind, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (!mpr_lock_take(&writer->lock))
        return NULL;
    if (size > UINT32_MAX ||
        (writer->used + size > writer->window_end && !next_window(writer, size))) {
        writer->header->counts.dropped++;
        mpr_lock_give(&writer->lock);
        return NULL;
    }
    writer->last = writer->used;
    writer->pending_end = writer->used + size;
    populate_to(writer, writer->pending_end);
    struct mpr_rec_head *head = (void *)(writer->window + (writer->used - writer->window_start));
    head->kind = (uint32_t)kind;
    head->size = (uint32_t)size;
    return head;
}

void mpr_rec_publish(struct mpr_rec_writer *writer)
{
    writer->used = writer->pending_end;
    __atomic_store_n(&writer->header->log_used, writer->used, __ATOMIC_RELEASE);
    mpr_lock_give(&writer->lock);
}

uint64_t mpr_rec_last_offset(const struct mpr_rec_writer *writer)
{
    return writer->last;
}
