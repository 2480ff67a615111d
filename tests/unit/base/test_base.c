/* SPDX-License-Identifier: MIT */
/* Errors, buffers, text and numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/base.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

/* --- errors --- */

static void test_base_error_formats_and_returns_the_code(void **state)
{
    (void)state;
    struct mpr_error err = {"old"};
    assert_int_equal(mpr_error_set(&err, MPR_ERR_IO, "%s: %d", "x", 7), MPR_ERR_IO);
    assert_string_equal(err.message, "x: 7");
    assert_int_equal(mpr_error_set(NULL, MPR_ERR_LIMIT, "%s", "x"), MPR_ERR_LIMIT);
}

static void test_base_error_may_quote_itself(void **state)
{
    (void)state;
    struct mpr_error err = {"inner"};
    mpr_error_set(&err, MPR_ERR_IO, "outer: %s", err.message);
    assert_string_equal(err.message, "outer: inner");
}

static void test_base_error_is_cut_not_overrun(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct mpr_error err;
    mpr_error_set(&err, MPR_ERR_IO, "%s", text);
    assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

/* --- buffers --- */

static void test_base_buf_is_a_string_from_the_start(void **state)
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

static void test_base_buf_appends(void **state)
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

static void test_base_buf_grows(void **state)
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

/* Each length around each power of two, so that the NUL is what does not fit. */
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

static void test_base_buf_edges_of_capacity(void **state)
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

static void test_base_buf_failure_sticks(void **state)
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

static void test_base_buf_steal_hands_over(void **state)
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

/* --- files --- */

static int file_of(size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(pwrite(fd, "x", 1, (off_t)i), 1);
    return fd;
}

static void test_base_buf_reads_up_to_the_limit(void **state)
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

static void test_base_buf_read_file_names_the_file(void **state)
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
static void test_base_write_all_survives_a_full_pipe(void **state)
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

/* --- text --- */

static const struct {
    const char *bytes;
    size_t len;
    size_t sequence;
    const char *text;
} utf8[] = {
    {BYTES(""), 0, ""},
    {BYTES("a"), 1, "a"},
    {BYTES("\t"), 1, "\t"},
    {BYTES("\0"), 1, "\\x00"},
    {BYTES("\n"), 1, "\\x0a"},
    {BYTES("\x1b[1m"), 1, "\\x1b[1m"},
    {BYTES("\x7f"), 1, "\\x7f"},
    {BYTES("\xc3\xa9"), 2, "\xc3\xa9"},
    {BYTES("\xc2\x80"), 2, "\xc2\x80"},
    {BYTES("\xdf\xbf"), 2, "\xdf\xbf"},
    {BYTES("\xe0\xa0\x80"), 3, "\xe0\xa0\x80"},
    {BYTES("\xed\x9f\xbf"), 3, "\xed\x9f\xbf"},
    {BYTES("\xee\x80\x80"), 3, "\xee\x80\x80"},
    {BYTES("\xef\xbf\xbf"), 3, "\xef\xbf\xbf"},
    {BYTES("\xf0\x90\x80\x80"), 4, "\xf0\x90\x80\x80"},
    {BYTES("\xf4\x8f\xbf\xbf"), 4, "\xf4\x8f\xbf\xbf"},
    /* bare and missing continuations */
    {BYTES("\x80"), 0, "\\x80"},
    {BYTES("\xbf"), 0, "\\xbf"},
    {BYTES("\xc3"), 0, "\\xc3"},
    {BYTES("\xc3("), 0, "\\xc3("},
    {BYTES("\xe4\xbd"), 0, "\\xe4\\xbd"},
    {BYTES("\xe4\xbdx"), 0, "\\xe4\\xbdx"},
    {BYTES("\xf0\x9f\x98"), 0, "\\xf0\\x9f\\x98"},
    {BYTES("\xf0\x9f\x98("), 0, "\\xf0\\x9f\\x98("},
    {BYTES("\xc3\xc3\xa9"), 0, "\\xc3\xc3\xa9"},
    /* overlong */
    {BYTES("\xc0\x80"), 0, "\\xc0\\x80"},
    {BYTES("\xc1\xbf"), 0, "\\xc1\\xbf"},
    {BYTES("\xe0\x80\x80"), 0, "\\xe0\\x80\\x80"},
    {BYTES("\xe0\x9f\xbf"), 0, "\\xe0\\x9f\\xbf"},
    {BYTES("\xf0\x80\x80\x80"), 0, "\\xf0\\x80\\x80\\x80"},
    {BYTES("\xf0\x8f\xbf\xbf"), 0, "\\xf0\\x8f\\xbf\\xbf"},
    /* surrogates */
    {BYTES("\xed\xa0\x80"), 0, "\\xed\\xa0\\x80"},
    {BYTES("\xed\xbf\xbf"), 0, "\\xed\\xbf\\xbf"},
    /* beyond U+10FFFF */
    {BYTES("\xf4\x90\x80\x80"), 0, "\\xf4\\x90\\x80\\x80"},
    {BYTES("\xf5\x80\x80\x80"), 0, "\\xf5\\x80\\x80\\x80"},
    {BYTES("\xff"), 0, "\\xff"},
    {BYTES("\xfe\xfe"), 0, "\\xfe\\xfe"},
    {BYTES("ok\xff\xc3\xa9\x01"
           "end"),
        1,
        "ok\\xff\xc3\xa9\\x01"
        "end"},
};

static void test_base_utf8_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(utf8); i++) {
        /* A copy of exactly that size lets the sanitizer see a read beyond it. */
        char *copy = malloc(utf8[i].len ? utf8[i].len : 1);
        memcpy(copy, utf8[i].bytes, utf8[i].len);
        if (mpr_utf8_sequence(copy, utf8[i].len) != utf8[i].sequence)
            fail_msg("row %zu: sequence %zu", i, mpr_utf8_sequence(copy, utf8[i].len));
        struct mpr_buf buf;
        mpr_buf_init(&buf);
        mpr_text_append(&buf, copy, utf8[i].len);
        assert_string_equal(buf.data, utf8[i].text);
        mpr_buf_release(&buf);
        free(copy);
    }
}

/* Whatever goes in, what comes out is valid and has no control character. */
static void test_base_text_append_always_gives_utf8(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (char)(seed >> 24);
        }
        struct mpr_buf buf;
        mpr_buf_init(&buf);
        mpr_text_append(&buf, bytes, sizeof(bytes));
        for (size_t i = 0; i < buf.len;) {
            size_t step = mpr_utf8_sequence(buf.data + i, buf.len - i);
            assert_true(step > 0);
            assert_true((unsigned char)buf.data[i] >= 0x20 || buf.data[i] == '\t');
            i += step;
        }
        mpr_buf_release(&buf);
    }
}

static void test_base_string_helpers(void **state)
{
    (void)state;
    assert_null(mpr_strdup(NULL));
    char *copy = mpr_strdup("x");
    assert_string_equal(copy, "x");
    free(copy);
    char *text = mpr_asprintf("%s/%d", "a", 1);
    assert_string_equal(text, "a/1");
    free(text);
    assert_true(mpr_has_prefix("abc", "ab"));
    assert_true(mpr_has_prefix("abc", ""));
    assert_false(mpr_has_prefix("a", "ab"));
    assert_true(mpr_has_suffix("a.py", ".py"));
    assert_true(mpr_has_suffix("abc", ""));
    assert_false(mpr_has_suffix("y", "py"));
    assert_false(mpr_has_suffix("a.pyc", ".py"));
}

/* --- numbers --- */

#define REFUSED UINT64_C(123456789123456789)

struct number_row {
    const char *text;
    uint64_t want;
};

static void check_numbers(
    const struct number_row *rows, size_t count, int (*parse)(const char *, uint64_t *))
{
    for (size_t i = 0; i < count; i++) {
        uint64_t got = REFUSED;
        int rc = parse(rows[i].text, &got);
        if (rc != (rows[i].want == REFUSED ? MPR_ERR_INVALID : 0) || got != rows[i].want)
            fail_msg("'%s': %d, %llu", rows[i].text, rc, (unsigned long long)got);
    }
}

static void test_base_parse_u64(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"0", 0},
        {"007", 7},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551616", REFUSED},
        {"18446744073709551620", REFUSED},
        {"99999999999999999999999", REFUSED},
        {"", REFUSED},
        {"-1", REFUSED},
        {"+1", REFUSED},
        {" 1", REFUSED},
        {"1 ", REFUSED},
        {"1k", REFUSED},
        {"0x10", REFUSED},
        {"1.0", REFUSED},
        {"x", REFUSED},
    };
    check_numbers(rows, LENGTH(rows), mpr_parse_u64);
}

static void test_base_parse_duration(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"10ms", 10000000},
        {"1s", 1000000000},
        {"250us", 250000},
        {"0.5s", 500000000},
        {"1.25ms", 1250000},
        {"7ns", 7},
        {"0s", 0},
        {"0.000000001s", 1},
        {"0.0000000001s", 0},
        {"1.0000000000000000000000000001s", 1000000000},
        {"18446744073709551615ns", UINT64_MAX},
        {"18446744073709551616ns", REFUSED},
        {"18446744073.709551615s", UINT64_MAX},
        {"18446744073.709551616s", REFUSED},
        {"18446744074s", REFUSED},
        {"", REFUSED},
        {"10", REFUSED},
        {"ms", REFUSED},
        {".5s", REFUSED},
        {"5.s", REFUSED},
        {"1.5ns", REFUSED},
        {"1.0ns", 1},
        {"10 ms", REFUSED},
        {"10MS", REFUSED},
        {"10msx", REFUSED},
        {"-1s", REFUSED},
        {"1e3s", REFUSED},
        {"1,5s", REFUSED},
    };
    check_numbers(rows, LENGTH(rows), mpr_parse_duration);
}

static void test_base_parse_size(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"4096", 4096},
        {"0", 0},
        {"1b", 1},
        {"10k", 10240},
        {"10K", 10240},
        {"10KB", 10240},
        {"10KiB", 10240},
        {"1.5M", 1572864},
        {"2GiB", (uint64_t)2 << 30},
        {"0.5t", (uint64_t)1 << 39},
        {"16777215T", (uint64_t)16777215 << 40},
        {"16777216T", REFUSED},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551615k", REFUSED},
        {"1.5", REFUSED},
        {"1.5B", REFUSED},
        {"", REFUSED},
        {"k", REFUSED},
        {"1 k", REFUSED},
        {"1ki", REFUSED},
        {"1kk", REFUSED},
        {"1p", REFUSED},
        {"-1k", REFUSED},
        {"1.k", REFUSED},
    };
    check_numbers(rows, LENGTH(rows), mpr_parse_size);
}

static void test_base_path_below_a_folder(void **state)
{
    (void)state;
    assert_string_equal(mpr_path_relative("/a/b", "/a/b/c/d.py"), "c/d.py");
    assert_string_equal(mpr_path_relative("/a/b", "/a/bc/d.py"), "/a/bc/d.py");
    assert_string_equal(mpr_path_relative("/a/b", "/a/b"), "/a/b");
    assert_string_equal(mpr_path_relative("/a/b", "/a/b/"), "/a/b/");
    assert_string_equal(mpr_path_relative("/", "/a"), "/a");
    assert_string_equal(mpr_path_relative(NULL, "/a"), "/a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_drains_instead_of_growing),
        cmocka_unit_test(test_buf_fails_with_its_drain),
        cmocka_unit_test(test_base_error_formats_and_returns_the_code),
        cmocka_unit_test(test_base_error_may_quote_itself),
        cmocka_unit_test(test_base_error_is_cut_not_overrun),
        cmocka_unit_test(test_base_buf_is_a_string_from_the_start),
        cmocka_unit_test(test_base_buf_appends),
        cmocka_unit_test(test_base_buf_grows),
        cmocka_unit_test(test_base_buf_edges_of_capacity),
        cmocka_unit_test(test_base_buf_failure_sticks),
        cmocka_unit_test(test_base_buf_steal_hands_over),
        cmocka_unit_test(test_base_buf_reads_up_to_the_limit),
        cmocka_unit_test(test_base_buf_read_file_names_the_file),
        cmocka_unit_test(test_base_write_all_survives_a_full_pipe),
        cmocka_unit_test(test_base_utf8_table),
        cmocka_unit_test(test_base_text_append_always_gives_utf8),
        cmocka_unit_test(test_base_string_helpers),
        cmocka_unit_test(test_base_parse_u64),
        cmocka_unit_test(test_base_parse_duration),
        cmocka_unit_test(test_base_parse_size),
        cmocka_unit_test(test_base_path_below_a_folder),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
