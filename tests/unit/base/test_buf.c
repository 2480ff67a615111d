/* SPDX-License-Identifier: MIT */
/* Buffers, and whole files into and out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/base.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static void test_buf_is_a_string_from_the_start(void **state)
{
    (void)state;
    struct mpr_buf buf;
    mpr_buf_init(&buf);
    assert_string_equal(buf.data, "");
    mpr_buf_clear(&buf);
    mpr_buf_release(&buf);
    mpr_buf_release(&buf);
    mpr_buf_release(NULL);
    assert_string_equal(buf.data, "");
}

static void test_buf_appends(void **state)
{
    (void)state;
    struct mpr_buf buf;
    mpr_buf_init(&buf);
    mpr_buf_puts(&buf, "one");
    mpr_buf_putc(&buf, ' ');
    mpr_buf_append(&buf, BYTES("t\0o"));
    mpr_buf_repeat(&buf, "ab", 3);
    mpr_buf_repeat(&buf, "ab", 0);
    mpr_buf_printf(&buf, "%s-%d", "", -5);
    mpr_buf_append(&buf, NULL, 0);
    static const char want[] = "one t\0oababab--5";
    assert_int_equal(buf.len, sizeof(want) - 1);
    assert_memory_equal(buf.data, want, sizeof(want));
    mpr_buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_string_equal(buf.data, "");
    assert_true(buf.capacity > 0);
    mpr_buf_release(&buf);
}

static void test_buf_grows(void **state)
{
    (void)state;
    struct mpr_buf buf;
    mpr_buf_init(&buf);
    for (unsigned i = 0; i < 100000; i++) {
        mpr_buf_printf(&buf, "%u,", i % 10);
        assert_true(buf.len < buf.capacity);
        assert_int_equal(buf.data[buf.len], 0);
    }
    assert_int_equal(buf.len, 200000);
    assert_memory_equal(buf.data + 199990, "5,6,7,8,9,", 11);
    mpr_buf_release(&buf);
}

/* What was handed on, and how often. */
struct drained {
    struct mpr_buf bytes;
    unsigned times;
    bool refuses;
};

static int take_away(void *to, const char *bytes, size_t len)
{
    struct drained *drained = to;
    mpr_buf_append(&drained->bytes, bytes, len);
    drained->times++;
    return drained->refuses ? MPR_ERR_IO : 0;
}

static void test_buf_drains_instead_of_growing(void **state)
{
    (void)state;
    char storage[16], text[101];
    struct drained drained = {.times = 0};
    struct mpr_buf buf;
    mpr_buf_init(&drained.bytes);
    mpr_buf_init_draining(&buf, storage, sizeof storage, take_away, &drained);
    memset(text, 'x', 100);
    text[100] = '\0';
    for (unsigned i = 0; i < 10; i++)
        mpr_buf_puts(&buf, "ab");
    mpr_buf_append(&buf, text, 100);
    assert_ptr_equal(buf.data, storage);
    assert_true(drained.times > 5 && buf.len && buf.data[buf.len - 1] == 'x');
    /* Blanks may be taken back, and what is in front of them looked at. */
    mpr_buf_repeat(&buf, " ", 10);
    mpr_buf_repeat(&buf, " ", 40);
    assert_true(buf.len > 50 && buf.data[buf.len - 51] == 'x');
    buf.len -= 50;
    mpr_buf_printf(&buf, "%s.", text);
    assert_true(mpr_buf_drain_all(&buf));
    assert_int_equal(drained.bytes.len, 20 + 100 + 101);
    assert_string_equal(drained.bytes.data + 219, "x.");
    mpr_buf_release(&buf);
    mpr_buf_release(&drained.bytes);
}

static void test_buf_fails_with_its_drain(void **state)
{
    (void)state;
    char storage[16];
    struct drained drained = {.refuses = true};
    struct mpr_buf buf;
    mpr_buf_init(&drained.bytes);
    mpr_buf_init_draining(&buf, storage, sizeof storage, take_away, &drained);
    for (unsigned i = 0; i < 100; i++)
        mpr_buf_puts(&buf, "ab");
    assert_true(buf.failed && drained.times == 1);
    assert_false(mpr_buf_drain_all(&buf));
    assert_int_equal(drained.times, 1);
    mpr_buf_release(&buf);
    mpr_buf_release(&drained.bytes);
}

/* Each length around each power of two, so that the NUL is what does not fit. */
static void test_buf_edges_of_capacity(void **state)
{
    (void)state;
    static const char x[300];
    for (size_t len = 0; len < sizeof(x); len++) {
        struct mpr_buf buf;
        mpr_buf_init(&buf);
        mpr_buf_append(&buf, x, len);
        mpr_buf_printf(&buf, "%.*s", (int)(len % 3), "ab");
        assert_int_equal(buf.len, len + len % 3);
        mpr_buf_release(&buf);
    }
}

static void test_buf_failure_sticks(void **state)
{
    (void)state;
    struct mpr_buf buf;
    mpr_buf_init(&buf);
    mpr_buf_puts(&buf, "kept");
    mpr_buf_append(&buf, "", SIZE_MAX / 2);
    assert_true(buf.failed);
    mpr_buf_puts(&buf, "ignored");
    mpr_buf_printf(&buf, "%d", 1);
    mpr_buf_repeat(&buf, "x", 1000);
    assert_string_equal(buf.data, "kept");
    mpr_buf_clear(&buf);
    assert_true(buf.failed);
    assert_null(mpr_buf_steal(&buf));
    assert_false(buf.failed);
    assert_string_equal(buf.data, "");
}

static void test_buf_steal_hands_over(void **state)
{
    (void)state;
    struct mpr_buf buf;
    mpr_buf_init(&buf);
    char *empty = mpr_buf_steal(&buf);
    assert_string_equal(empty, "");
    free(empty);
    mpr_buf_puts(&buf, "mine");
    char *text = mpr_buf_steal(&buf);
    assert_string_equal(text, "mine");
    assert_int_equal(buf.len, 0);
    mpr_buf_puts(&buf, "next");
    assert_string_equal(text, "mine");
    free(text);
    mpr_buf_release(&buf);
}

static int file_of(size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(pwrite(fd, "x", 1, (off_t)i), 1);
    return fd;
}

static void test_buf_reads_up_to_the_limit(void **state)
{
    (void)state;
    struct mpr_error err;
    struct mpr_buf buf;
    mpr_buf_init(&buf);
    mpr_buf_puts(&buf, "before ");
    int fd = file_of(100);
    assert_int_equal(mpr_buf_read_fd(&buf, fd, 100, &err), 0);
    assert_int_equal(buf.len, 107);
    assert_int_equal(buf.data[107], 0);
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(mpr_buf_read_fd(&buf, fd, 99, &err), MPR_ERR_LIMIT);
    assert_non_null(strstr(err.message, "99"));
    assert_int_equal(buf.len, 107);
    assert_int_equal(buf.data[107], 0);
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(mpr_buf_read_fd(&buf, fd, SIZE_MAX, &err), 0);
    assert_int_equal(mpr_buf_read_fd(&buf, fd, 0, &err), 0);
    assert_int_equal(buf.len, 207);
    close(fd);
    assert_int_equal(mpr_buf_read_fd(&buf, -1, 10, &err), MPR_ERR_IO);
    assert_int_equal(buf.len, 207);
    mpr_buf_release(&buf);
}

static void test_buf_read_file_names_the_file(void **state)
{
    (void)state;
    struct mpr_error err;
    struct mpr_buf buf;
    mpr_buf_init(&buf);
    assert_int_equal(mpr_buf_read_file(&buf, "/proc/self/comm", 100, &err), 0);
    assert_true(buf.len > 1 && buf.data[buf.len - 1] == '\n');
    assert_int_equal(mpr_buf_read_file(&buf, "/no/such/file", 100, &err), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "/no/such/file"));
    assert_int_equal(mpr_buf_read_file(&buf, "/", 100, &err), MPR_ERR_IO);
    assert_int_equal(mpr_buf_read_file(&buf, "/proc/self/maps", 10, &err), MPR_ERR_LIMIT);
    assert_non_null(strstr(err.message, "/proc/self/maps"));
    mpr_buf_release(&buf);
}

struct drain {
    int fd;
    size_t got;
};

static void *drain(void *data)
{
    struct drain *job = data;
    char chunk[1000];
    usleep(20000);
    for (ssize_t n = 1; n > 0; job->got += (size_t)n)
        n = read(job->fd, chunk, sizeof(chunk));
    return NULL;
}

/* More than a pipe holds, into one that refuses to wait. */
static void test_buf_write_all_survives_a_full_pipe(void **state)
{
    (void)state;
    enum { TOTAL = 1 << 20 };
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    struct drain job = {.fd = ends[0]};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drain, &job), 0);
    char *bytes = calloc(1, TOTAL);
    struct mpr_error err;
    assert_int_equal(mpr_write_all(ends[1], bytes, TOTAL, &err), 0);
    free(bytes);
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
    assert_int_equal(job.got, TOTAL);
    assert_int_equal(mpr_write_all(-1, "x", 1, &err), MPR_ERR_IO);
    assert_int_equal(mpr_write_all(-1, "x", 0, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_is_a_string_from_the_start),
        cmocka_unit_test(test_buf_appends),
        cmocka_unit_test(test_buf_grows),
        cmocka_unit_test(test_buf_drains_instead_of_growing),
        cmocka_unit_test(test_buf_fails_with_its_drain),
        cmocka_unit_test(test_buf_edges_of_capacity),
        cmocka_unit_test(test_buf_failure_sticks),
        cmocka_unit_test(test_buf_steal_hands_over),
        cmocka_unit_test(test_buf_reads_up_to_the_limit),
        cmocka_unit_test(test_buf_read_file_names_the_file),
        cmocka_unit_test(test_buf_write_all_survives_a_full_pipe),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
