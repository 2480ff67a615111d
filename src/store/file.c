/* SPDX-License-Identifier: MIT */
/* A VFS of SQLite's with one file in it, which is open already. The name that SQLite is given is
 * the address of the struct: each connection sees its own. */
#include "file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define VFS "mprun"
#define SECTOR 4096
#define JULIAN_EPOCH_MS INT64_C(210866760000000) /* 1970-01-01, as SQLite counts */

struct handle {
    sqlite3_file base;
    struct mpr_store_file *file;
};

static struct mpr_store_file *file_of(sqlite3_file *base)
{
    return ((struct handle *)base)->file;
}

static int failed(struct mpr_store_file *file, int answer)
{
    file->failed = errno;
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? SQLITE_FULL : answer;
}

static int close_file(sqlite3_file *base)
{
    (void)base;
    return SQLITE_OK;
}

/* What lies behind the end reads as zeros. */
static int read_file(sqlite3_file *base, void *bytes, int size, sqlite3_int64 from)
{
    struct mpr_store_file *file = file_of(base);
    char *to = bytes;
    if (file->bytes_left < (uint64_t)size) {
        file->exhausted = true;
        return SQLITE_IOERR_READ;
    }
    file->bytes_left -= (uint64_t)size;
    for (int at = 0; at < size;) {
        ssize_t got = pread(file->fd, to + at, (size_t)(size - at), from + at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(file, SQLITE_IOERR_READ);
        if (got == 0) {
            memset(to + at, 0, (size_t)(size - at));
            return SQLITE_IOERR_SHORT_READ;
        }
        at += (int)got;
    }
    return SQLITE_OK;
}

static int write_file(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 to)
{
    struct mpr_store_file *file = file_of(base);
    const char *from = bytes;
    for (int at = 0; at < size;) {
        ssize_t put = pwrite(file->fd, from + at, (size_t)(size - at), to + at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return failed(file, SQLITE_IOERR_WRITE);
        at += (int)put;
    }
    return SQLITE_OK;
}

static int truncate_file(sqlite3_file *base, sqlite3_int64 size)
{
    struct mpr_store_file *file = file_of(base);
    return ftruncate(file->fd, size) < 0 ? failed(file, SQLITE_IOERR_TRUNCATE) : SQLITE_OK;
}

static int sync_file(sqlite3_file *base, int flags)
{
    (void)base, (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
    struct mpr_store_file *file = file_of(base);
    struct stat info;
    if (fstat(file->fd, &info) < 0)
        return failed(file, SQLITE_IOERR_FSTAT);
    *ret_size = info.st_size;
    return SQLITE_OK;
}

static int lock_file(sqlite3_file *base, int level)
{
    (void)base, (void)level;
    return SQLITE_OK;
}

static int check_lock(sqlite3_file *base, int *ret_locked)
{
    (void)base;
    *ret_locked = 0;
    return SQLITE_OK;
}

static int control_file(sqlite3_file *base, int request, void *argument)
{
    (void)base, (void)request, (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

/* Nobody else writes to what is read here: no journal is looked for. */
static int traits(sqlite3_file *base)
{
    return file_of(base)->written ? 0 : SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = lock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = traits,
};

/* The store itself only: what SQLite would want beside it, it has in memory. */
static int open_file(
    sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
    struct handle *handle = (struct handle *)base;
    uintptr_t address;
    (void)vfs;
    *handle = (struct handle){0};
    if (!name || !(flags & SQLITE_OPEN_MAIN_DB) || sscanf(name, "%" SCNxPTR, &address) != 1)
        return SQLITE_CANTOPEN;
    *handle = (struct handle){{&methods}, (struct mpr_store_file *)address};
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_OK;
}

static int find_file(sqlite3_vfs *vfs, const char *name, int flags, int *ret_found)
{
    (void)vfs, (void)name, (void)flags;
    *ret_found = 0;
    return SQLITE_OK;
}

static int full_name(sqlite3_vfs *vfs, const char *name, int size, char *ret_name)
{
    (void)vfs;
    snprintf(ret_name, (size_t)size, "%s", name);
    return SQLITE_OK;
}

/* Nothing that is done here needs it to be good. */
static int randomness(sqlite3_vfs *vfs, int size, char *bytes)
{
    (void)vfs;
    memset(bytes, 0, (size_t)size);
    ssize_t got = getrandom(bytes, (size_t)size, GRND_NONBLOCK);
    return got > 0 ? (int)got : 0;
}

static int sleep_not(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds;
}

static int current_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
    (void)vfs;
    *ret_ms = JULIAN_EPOCH_MS + (sqlite3_int64)time(NULL) * 1000;
    return SQLITE_OK;
}

static int current_day(sqlite3_vfs *vfs, double *ret_day)
{
    sqlite3_int64 ms;
    current_time(vfs, &ms);
    *ret_day = (double)ms / 86400000.0;
    return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int size, char *text)
{
    (void)vfs, (void)size, (void)text;
    return 0;
}

static sqlite3_vfs vfs = {
    .iVersion = 2,
    .szOsFile = sizeof(struct handle),
    .mxPathname = 64,
    .zName = VFS,
    .xOpen = open_file,
    .xDelete = delete_file,
    .xAccess = find_file,
    .xFullPathname = full_name,
    .xRandomness = randomness,
    .xSleep = sleep_not,
    .xCurrentTime = current_day,
    .xGetLastError = last_error,
    .xCurrentTimeInt64 = current_time,
};

int mpr_store_file_open(int fd, bool written, struct mpr_store_file *file, struct mpr_error *err)
{
    char name[32];
    int flags = written ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    *file = (struct mpr_store_file){.fd = fd, .written = written, .bytes_left = UINT64_MAX};
    snprintf(name, sizeof name, "%" PRIxPTR, (uintptr_t)file);
    int answer = sqlite3_vfs_register(&vfs, 0);
    if (answer == SQLITE_OK)
        answer = sqlite3_open_v2(name, &file->database, flags | SQLITE_OPEN_NOMUTEX, VFS);
    if (answer != SQLITE_OK)
        return mpr_store_file_fail(file, answer, err);
    return 0;
}

void mpr_store_file_close(struct mpr_store_file *file)
{
    sqlite3_close(file->database);
    file->database = NULL;
}

int mpr_store_file_fail(struct mpr_store_file *file, int answer, struct mpr_error *err)
{
    answer &= 0xff;
    if (file->failed)
        return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(file->failed));
    if (answer == SQLITE_NOMEM)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    if (answer == SQLITE_INTERRUPT || file->exhausted)
        return mpr_error_set(err, MPR_ERR_CORRUPT, "it asks for work without an end");
    if (file->written && (answer == SQLITE_TOOBIG || answer == SQLITE_FULL))
        return mpr_error_set(err, MPR_ERR_LIMIT, "it is larger than SQLite can store");
    return mpr_error_set(err, MPR_ERR_CORRUPT, "%s",
        file->database ? sqlite3_errmsg(file->database) : sqlite3_errstr(answer));
}

int mpr_store_file_run(struct mpr_store_file *file, const char *sql, struct mpr_error *err)
{
    int answer = sqlite3_exec(file->database, sql, NULL, NULL, NULL);
    return answer == SQLITE_OK ? 0 : mpr_store_file_fail(file, answer, err);
}

int mpr_store_file_prepare(struct mpr_store_file *file, const char *sql,
    sqlite3_stmt **ret_statement, struct mpr_error *err)
{
    sqlite3_stmt *statement = NULL;
    int answer = sqlite3_prepare_v2(file->database, sql, -1, &statement, NULL);
    if (answer != SQLITE_OK)
        return mpr_store_file_fail(file, answer, err);
    *ret_statement = statement;
    return 0;
}
