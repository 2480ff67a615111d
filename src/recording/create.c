/* SPDX-License-Identifier: MIT */
/* Makes the recording: a sealed, sparse memfd with its header and the patterns. Supervisor only. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mprun/recording_reader.h"

static int check_file_limit(struct mpr_error *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot read RLIMIT_FSIZE: %s", strerror(errno));
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < MPR_REC_SIZE)
        return mpr_error_set(err, MPR_ERR_LIMIT,
            "the file size limit (ulimit -f, %llu KiB) is below the %llu KiB that a recording may "
            "take; raise it with: ulimit -f unlimited",
            (unsigned long long)limit.rlim_cur / 1024, (unsigned long long)MPR_REC_SIZE / 1024);
    return 0;
}

static int open_memfd(int *ret_fd, struct mpr_error *err)
{
    int status = check_file_limit(err);
    if (status < 0)
        return status;
    int fd = memfd_create("mprun-recording", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return mpr_error_set(
            err, MPR_ERR_IO, "cannot make the recording (memfd_create): %s", strerror(errno));
    /* The seal keeps either side from cutting the other's mapping short (SIGBUS). */
    if (ftruncate(fd, (off_t)MPR_REC_SIZE) != 0 || fcntl(fd, F_ADD_SEALS, MPR_REC_SEALS) != 0) {
        status = mpr_error_set(
            err, MPR_ERR_IO, "cannot size and seal the recording: %s", strerror(errno));
        close(fd);
        return status;
    }
    *ret_fd = fd;
    return 0;
}

static int write_patterns(int fd, const char *const *patterns, size_t count, struct mpr_buf *log)
{
    for (size_t i = 0; i < count; i++) {
        size_t text = strlen(patterns[i]) + 1;
        size_t size = (sizeof(struct mpr_rec_pattern) + text + 7) & ~(size_t)7;
        struct mpr_rec_head head = {MPR_KIND_PATTERN, (uint32_t)size};
        mpr_buf_append(log, &head, sizeof head);
        mpr_buf_append(log, patterns[i], text);
        while (log->len % 8 != 0 && !log->failed)
            mpr_buf_append(log, "", 1);
    }
    if (log->failed)
        return MPR_ERR_NOMEM;
    return pwrite(fd, log->data, log->len, (off_t)MPR_REC_LOG) == (ssize_t)log->len ? 0
                                                                                    : MPR_ERR_IO;
}

int mpr_rec_create(const char *const *patterns, size_t pattern_count, uint32_t settings,
    enum mpr_rss_tier rss_request, int *ret_fd, struct mpr_error *err)
{
    int fd = -1;
    int status = open_memfd(&fd, err);
    if (status < 0)
        return status;
    struct mpr_buf log;
    mpr_buf_init(&log);
    if (pattern_count > 0 && write_patterns(fd, patterns, pattern_count, &log) < 0) {
        status = mpr_error_set(
            err, MPR_ERR_IO, "cannot write the patterns into the recording: %s", strerror(errno));
        goto out;
    }
    struct mpr_rec_header header = {
        .magic = MPR_REC_MAGIC,
        .version = MPR_REC_VERSION,
        .header_size = sizeof header,
        .size = MPR_REC_SIZE,
        .log_used = MPR_REC_LOG + log.len,
        .settings = {.flags = settings, .rss_request = (uint32_t)rss_request},
        .state = MPR_REC_STARTING,
    };
    if (pwrite(fd, &header, sizeof header, 0) != (ssize_t)sizeof header) {
        status = mpr_error_set(
            err, MPR_ERR_IO, "cannot write the recording's header: %s", strerror(errno));
        goto out;
    }
    *ret_fd = fd;
    fd = -1;
out:
    mpr_buf_release(&log);
    if (fd >= 0)
        close(fd);
    return status;
}
