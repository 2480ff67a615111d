/* SPDX-License-Identifier: MIT */
/* Errors, byte buffers, text and number parsing: what every folder may use. No Python, no policy,
 * no printing. Nothing here is called by the target's hot paths. */
#ifndef MPRUN_BASE_H
#define MPRUN_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Functions return 0 or one of these. */
enum mpr_err {
    MPR_ERR_NOMEM = -1,
    MPR_ERR_IO = -2,          /* a system call failed */
    MPR_ERR_INVALID = -3,     /* an input is malformed */
    MPR_ERR_NOTFOUND = -4,    /* a named thing does not exist */
    MPR_ERR_LIMIT = -5,       /* a bound was reached */
    MPR_ERR_CORRUPT = -6,     /* a recording contradicts itself */
    MPR_ERR_UNSUPPORTED = -7, /* valid, but not here */
};

/* One sentence for the user, naming the file, option or value at fault; no trailing newline. */
struct mpr_error {
    char message[1024];
};

/* Format the message (err may be NULL) and return `code`. */
int mpr_error_set(struct mpr_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes bytes away from a buffer; what is not 0 makes that one fail. */
typedef int mpr_buf_drain(void *to, const char *bytes, size_t len);

/* A growing byte buffer. `data` is always NUL-terminated after a successful call; owned by the
 * buffer. After a failed allocation `failed` stays set and further appends do nothing, so callers
 * may check once at the end. */
struct mpr_buf {
    char *data;
    size_t len;
    size_t capacity;
    bool failed;
    bool lent; /* `data` is the caller's */
    mpr_buf_drain *drain;
    void *drain_to;
};

void mpr_buf_init(struct mpr_buf *buf);
/* A buffer that is not to grow: what does not fit into `storage`, which is the caller's, goes to
 * `drain`, but for the last byte and the blanks behind it, which may be looked at and taken back.
 * Only a single call of printf that is longer makes it grow. */
void mpr_buf_init_draining(
    struct mpr_buf *buf, char *storage, size_t size, mpr_buf_drain *drain, void *drain_to);
/* Hand on what is left. False if something failed since the beginning. */
bool mpr_buf_drain_all(struct mpr_buf *buf);
void mpr_buf_release(struct mpr_buf *buf);
void mpr_buf_clear(struct mpr_buf *buf); /* len = 0, memory kept */
void mpr_buf_append(struct mpr_buf *buf, const void *bytes, size_t len);
void mpr_buf_puts(struct mpr_buf *buf, const char *text);
void mpr_buf_putc(struct mpr_buf *buf, char c);
void mpr_buf_repeat(struct mpr_buf *buf, const char *text, size_t times);
void mpr_buf_printf(struct mpr_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The bytes as a malloc'd string, now the caller's; the buffer is empty again. NULL if failed. */
char *mpr_buf_steal(struct mpr_buf *buf);
/* Append the rest of `fd`, at most `limit` bytes; more is MPR_ERR_LIMIT. */
int mpr_buf_read_fd(struct mpr_buf *buf, int fd, size_t limit, struct mpr_error *err);
/* Append a whole file; opened O_CLOEXEC. */
int mpr_buf_read_file(struct mpr_buf *buf, const char *path, size_t limit, struct mpr_error *err);

/* Write all bytes to fd, however often it takes, also where fd is non-blocking. On MPR_ERR_IO errno
 * is that of write. */
int mpr_write_all(int fd, const void *bytes, size_t len, struct mpr_error *err);

/* Open a file from which nothing is read, and what is written to goes nowhere: the lowest free
 * descriptor, close-on-exec. -1 with errno. */
int mpr_open_nothing(void);

/* Length of the valid UTF-8 sequence at s (1-4), 0 if invalid or len is 0. Surrogates, overlong
 * forms and values above U+10FFFF are invalid. */
size_t mpr_utf8_sequence(const char *s, size_t len);
/* Append bytes as valid UTF-8 text, for data: an invalid byte becomes the four characters \xNN.
 * Control characters below 0x20 other than \t, and DEL, become \xNN too. */
void mpr_text_append(struct mpr_buf *buf, const char *bytes, size_t len);

/* A character as a terminal may see it: as it is, or `escape` in its place. */
struct mpr_character {
    uint32_t c;  /* of a byte that is no UTF-8 its value */
    size_t used; /* bytes of the text */
    size_t len;  /* bytes to be shown */
    bool escaped;
    char escape[12];
};

/* The first character of `text`, of which there is one. Escaped are controls, marks that turn a
 * line's direction or are invisible, and what is no UTF-8; without `unicode`, all but ASCII. Tabs
 * are not. */
void mpr_shown_next(const char *text, size_t len, bool unicode, struct mpr_character *ret_shown);
/* Append text so that it can go to a terminal. All that mprun writes for people passes here. */
void mpr_shown_append(struct mpr_buf *buf, const char *text, size_t len, bool unicode);
/* Append what is JSON already, and means the same, with the escapes of JSON. */
void mpr_shown_append_json(struct mpr_buf *buf, const char *json, size_t len);

/* Whole string to a number. MPR_ERR_INVALID leaves *ret untouched. */
int mpr_parse_u64(const char *text, uint64_t *ret);
/* "10ms", "1s", "250us", "0.5s": nanoseconds. A bare number is refused. */
int mpr_parse_duration(const char *text, uint64_t *ret_ns);
/* "4096", "10k", "1.5M", "2GiB" (binary multiples): bytes. */
int mpr_parse_size(const char *text, uint64_t *ret_bytes);

/* xstrdup without the x: NULL stays NULL, NULL on failed allocation. */
char *mpr_strdup(const char *text);
/* printf into a malloc'd string, the caller's; NULL on failed allocation. */
char *mpr_asprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool mpr_has_prefix(const char *text, const char *prefix);
bool mpr_has_suffix(const char *text, const char *suffix);
/* What of a path lies below the folder `cwd` (NULL: unknown), else the whole path; borrowed. */
const char *mpr_path_relative(const char *cwd, const char *path);

/* Edits (insert, delete, replace, swap neighbours) that make `a` to `b`; a `?` in `a` stands for
 * any byte. SIZE_MAX if one of them is longer than MPR_EDIT_MAX. No allocation. */
#define MPR_EDIT_MAX 128
size_t mpr_edit_distance(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
