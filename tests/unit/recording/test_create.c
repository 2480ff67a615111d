/* SPDX-License-Identifier: MIT */
/* A new recording. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "both_ends.h"

static void test_create_holds_settings(void **state)
{
    (void)state;
    struct mpr_rec_reader *reader;
    int fd = make_recording();
    assert_int_equal(mpr_rec_open(fd, &reader, NULL), 0);
    const struct mpr_rec_header *header = mpr_rec_header(reader);
    assert_int_equal(header->state, MPR_REC_STARTING);
    assert_int_equal(header->settings.rss_request, MPR_RSS_RUSAGE);
    assert_int_equal(header->settings.flags, MPR_REC_RSS_CHECK);
    const struct mpr_rec_head *record;
    uint64_t cursor = 0;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(mpr_rec_next(reader, &cursor, &record, NULL), 1);
        assert_int_equal(record->kind, MPR_KIND_PATTERN);
        assert_string_equal(mpr_rec_text(record, sizeof *record), patterns[i]);
    }
    assert_int_equal(mpr_rec_next(reader, &cursor, &record, NULL), 0);
    mpr_rec_close(reader);
    assert_int_equal(ftruncate(fd, 4096), -1); /* sealed */
    close(fd);
}

static void test_create_refuses_small_file_limit(void **state)
{
    (void)state;
    struct rlimit old, small;
    struct mpr_error err;
    int fd;
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 4096;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int status = mpr_rec_create(NULL, 0, 0, MPR_RSS_AUTO, &fd, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(status, MPR_ERR_LIMIT);
    assert_non_null(strstr(err.message, "ulimit -f"));
}

static void test_create_is_sealed_and_not_handed_on(void **state)
{
    (void)state;
    int fd = make_recording();
    assert_int_equal(fcntl(fd, F_GET_SEALS), MPR_REC_SEALS);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)MPR_REC_SIZE);
    close(fd);
}

/* Of any length, each behind the other. */
static void test_create_patterns_are_aligned_records(void **state)
{
    static const char *const odd[] = {"", "a", "1234567", "12345678", "123456789"};
    struct mpr_rec_reader *reader;
    const struct mpr_rec_head *record;
    uint64_t cursor = 0;
    int fd = -1;
    (void)state;
    assert_int_equal(mpr_rec_create(odd, 5, 0, MPR_RSS_AUTO, &fd, NULL), 0);
    assert_int_equal(mpr_rec_open(fd, &reader, NULL), 0);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(mpr_rec_next(reader, &cursor, &record, NULL), 1);
        assert_int_equal(record->size % 8, 0);
        assert_string_equal(mpr_rec_text(record, sizeof *record), odd[i]);
    }
    assert_int_equal(mpr_rec_next(reader, &cursor, &record, NULL), 0);
    mpr_rec_close(reader);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_holds_settings),
        cmocka_unit_test(test_create_refuses_small_file_limit),
        cmocka_unit_test(test_create_is_sealed_and_not_handed_on),
        cmocka_unit_test(test_create_patterns_are_aligned_records),
    };
    return cmocka_run_group_tests_name("create", tests, NULL, NULL);
}
