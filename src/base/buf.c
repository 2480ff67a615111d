/* SPDX-License-Identifier: MIT */
/* Growing byte buffers, and whole files into and out of them. An empty buffer borrows one static
 * NUL (capacity 0), so `data` can always be read as a string. */
#include "mprun/base.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_CAPACITY 64u
#define READ_CHUNK ((size_t)64 << 10)

static char nothing[1];

void mpr_buf_init(struct mpr_buf *buf)
{
    *buf = (struct mpr_buf){.data = nothing};
}

void mpr_buf_release(struct mpr_buf *buf)
{
    if (!buf)
        return;
    if (buf->capacity && !buf->lent)
        free(buf->data);
    mpr_buf_init(buf);
}

void mpr_buf_init_draining(
    struct mpr_buf *buf, char *storage, size_t size, mpr_buf_drain *drain, void *drain_to)
{
    storage[0] = '\0';
    *buf = (struct mpr_buf){
        .data = storage, .capacity = size, .lent = true, .drain = drain, .drain_to = drain_to};
}

static bool hand_on(struct mpr_buf *buf, size_t len)
{
    if (len && buf->drain(buf->drain_to, buf->data, len) != 0)
        buf->failed = true;
    memmove(buf->data, buf->data + len, buf->len - len);
    buf->len -= len;
    buf->data[buf->len] = '\0';
    return !buf->failed;
}

/* All but what may still be asked for: the last byte, and blanks at the end of a line. */
static bool make_room(struct mpr_buf *buf)
{
    size_t len = buf->len;
    while (len && buf->data[len - 1] == ' ')
        len--;
    return hand_on(buf, len ? len - 1 : 0);
}

bool mpr_buf_drain_all(struct mpr_buf *buf)
{
    return !buf->failed && hand_on(buf, buf->len);
}

void mpr_buf_clear(struct mpr_buf *buf)
{
    buf->len = 0;
    if (buf->capacity)
        buf->data[0] = '\0';
}

/* Room for `more` bytes and the NUL. */
static bool reserve(struct mpr_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (buf->capacity && more < buf->capacity - buf->len)
        return true;
    if (buf->drain && (!make_room(buf) || more < buf->capacity - buf->len))
        return !buf->failed;
    /* Half of the address space is beyond any real buffer and keeps the doubling from wrapping. */
    if (more > SIZE_MAX / 4 || buf->len > SIZE_MAX / 4) {
        buf->failed = true;
        return false;
    }
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    while (capacity <= buf->len + more)
        capacity *= 2;
    char *data = realloc(buf->capacity && !buf->lent ? buf->data : NULL, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    if (buf->lent)
        memcpy(data, buf->data, buf->len);
    buf->lent = false;
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

static void append(struct mpr_buf *buf, const char *bytes, size_t len)
{
    if (!reserve(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void mpr_buf_append(struct mpr_buf *buf, const void *bytes, size_t len)
{
    const char *at = bytes;
    size_t piece = buf->drain ? buf->capacity / 2 : len;
    for (; len > piece && !buf->failed; at += piece, len -= piece)
        append(buf, at, piece);
    append(buf, at, len);
}

void mpr_buf_puts(struct mpr_buf *buf, const char *text)
{
    mpr_buf_append(buf, text, strlen(text));
}

void mpr_buf_putc(struct mpr_buf *buf, char c)
{
    mpr_buf_append(buf, &c, 1);
}

void mpr_buf_repeat(struct mpr_buf *buf, const char *text, size_t times)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < times && !buf->failed; i++)
        mpr_buf_append(buf, text, len);
}

void mpr_buf_printf(struct mpr_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = true;
        return;
    }
    if (!reserve(buf, (size_t)len))
        return;
    va_start(args, format);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

char *mpr_buf_steal(struct mpr_buf *buf)
{
    /* An empty buffer owns nothing yet: make it own its NUL. */
    if (!reserve(buf, 0)) {
        mpr_buf_release(buf);
        return NULL;
    }
    char *data = buf->data;
    data[buf->len] = '\0';
    mpr_buf_init(buf);
    return data;
}

static int read_named(
    struct mpr_buf *buf, int fd, const char *name, size_t limit, struct mpr_error *err)
{
    size_t start = buf->len;
    int status = 0;
    for (;;) {
        size_t room = limit - (buf->len - start);
        /* One byte more than allowed tells "exactly the limit" from "too much". */
        size_t want = room < READ_CHUNK ? room + 1 : READ_CHUNK;
        if (!reserve(buf, want)) {
            status = mpr_error_set(err, MPR_ERR_NOMEM, "%s: out of memory", name);
            break;
        }
        ssize_t got = read(fd, buf->data + buf->len, want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = mpr_error_set(err, MPR_ERR_IO, "cannot read %s: %s", name, strerror(errno));
        else if ((size_t)got > room)
            status = mpr_error_set(err, MPR_ERR_LIMIT, "%s is larger than %zu bytes", name, limit);
        else
            buf->len += (size_t)got;
        if (got <= 0 || status)
            break;
    }
    if (status)
        buf->len = start;
    if (buf->capacity)
        buf->data[buf->len] = '\0';
    return status;
}

int mpr_buf_read_fd(struct mpr_buf *buf, int fd, size_t limit, struct mpr_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "descriptor %d", fd);
    return read_named(buf, fd, name, limit, err);
}

int mpr_buf_read_file(struct mpr_buf *buf, const char *path, size_t limit, struct mpr_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        int code = errno == ENOENT || errno == ENOTDIR ? MPR_ERR_NOTFOUND : MPR_ERR_IO;
        return mpr_error_set(err, code, "cannot open %s: %s", path, strerror(errno));
    }
    int status = read_named(buf, fd, path, limit, err);
    close(fd);
    return status;
}

int mpr_write_all(int fd, const void *bytes, size_t len, struct mpr_error *err)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t put = write(fd, at, len);
        if (put >= 0) {
            at += put;
            len -= (size_t)put;
            continue;
        }
        if (errno == EINTR)
            continue;
        /* A target may have left the shared stdout non-blocking. A reader that leaves ends the
         * wait, and the next write says so. */
        if (errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            poll(&wait, 1, -1);
            continue;
        }
        int why = errno;
        mpr_error_set(err, MPR_ERR_IO, "cannot write: %s", strerror(why));
        errno = why;
        return MPR_ERR_IO;
    }
    return 0;
}
