/* SPDX-License-Identifier: MIT */
/* Calls about files go on as they are: results, data and errno are the next function's. What may
 * have closed mprun's own descriptor makes it suspect, and what fills memory unseen bumps the
 * epoch of RSS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tracked.h"

#define OWN 1000 /* the number of mprun's descriptor, as far as the probe knows */

static const char text[] = "0123456789";
static char buffer[4096] __attribute__((aligned(512)));
static int file = -1;

/* An address that no direct I/O could take. */
#define ODD (buffer + 8)

static int open_file(void **state)
{
    char name[] = "/tmp/mprun-files-XXXXXX";
    (void)state;
    if (track(NULL) < 0)
        return -1;
    mpr_probe->armed = 1;
    mpr_probe->gate.statm_fd = OWN;
    file = mkstemp(name);
    return file >= 0 && unlink(name) == 0 && write(file, text, 10) == 10 ? 0 : -1;
}

static int close_file(void **state)
{
    (void)state;
    mpr_probe->armed = 0;
    return close(file);
}

static bool suspect(void)
{
    bool was = mpr_probe->gate.statm_suspect;
    mpr_probe->gate.statm_suspect = 0;
    return was;
}

static uint64_t epoch_before;

static bool bumped(void)
{
    bool moved = mpr_probe->gate.epoch != epoch_before;
    epoch_before = mpr_probe->gate.epoch;
    return moved;
}

/* --- reads --- */

static ssize_t by_read(void *into, size_t size)
{
    return lseek(file, 2, SEEK_SET) == 2 ? read(file, into, size) : -1;
}

static ssize_t by_pread(void *into, size_t size)
{
    return pread(file, into, size, 2);
}

static ssize_t by_pread64(void *into, size_t size)
{
    return pread64(file, into, size, 2);
}

/* In two parts. */
#define PARTS(into, size) const struct iovec parts[] = {{(into), 1}, {(char *)(into) + 1, (size)-1}}

static ssize_t by_readv(void *into, size_t size)
{
    PARTS(into, size);
    return lseek(file, 2, SEEK_SET) == 2 ? readv(file, parts, 2) : -1;
}

static ssize_t by_preadv(void *into, size_t size)
{
    PARTS(into, size);
    return preadv(file, parts, 2, 2);
}

static ssize_t by_preadv64(void *into, size_t size)
{
    PARTS(into, size);
    return preadv64(file, parts, 2, 2);
}

static ssize_t by_preadv2(void *into, size_t size)
{
    PARTS(into, size);
    return preadv2(file, parts, 2, 2, 0);
}

static ssize_t by_preadv64v2(void *into, size_t size)
{
    PARTS(into, size);
    return preadv64v2(file, parts, 2, 2, 0);
}

static ssize_t by_fread(void *into, size_t size)
{
    FILE *stream = fdopen(dup(file), "r");
    assert_non_null(stream);
    assert_int_equal(fseek(stream, 2, SEEK_SET), 0);
    size_t read = fread(into, 1, size, stream);
    fclose(stream);
    return (ssize_t)read;
}

static const struct {
    ssize_t (*read)(void *into, size_t size);
    bool parts;
} readers[] = {
    {by_read, false},
    {by_pread, false},
    {by_pread64, false},
    {by_readv, true},
    {by_preadv, true},
    {by_preadv64, true},
    {by_preadv2, true},
    {by_preadv64v2, true},
    {by_fread, false},
};

static void test_files_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        memset(buffer, 0, sizeof buffer);
        assert_int_equal(readers[i].read(ODD, 100), 8);
        assert_string_equal(ODD, text + 2);
    }
}

/* Where kernel-mode faults are not seen, after each read; else where it may be direct I/O. */
static void test_files_reads_bump_the_epoch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        bool buffered = readers[i].read == by_fread; /* it reads into memory of its own, too */
        mpr_probe->gate.reads_matter = 0;
        bumped();
        readers[i].read(ODD, 100);
        if (!buffered)
            assert_int_equal(bumped(), readers[i].parts);
        bumped();
        readers[i].read(buffer, 100);
        assert_true(bumped());
        mpr_probe->gate.reads_matter = 1;
        readers[i].read(ODD, 100);
        assert_true(bumped());
    }
    mpr_probe->gate.reads_matter = 0;
}

static void test_files_sockets(void **state)
{
    (void)state;
    int pair[2];
    struct iovec part = {ODD, 100};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    for (int way = 0; way < 3; way++) {
        memset(buffer, 0, sizeof buffer);
        assert_int_equal(send(pair[0], text, 10, 0), 10);
        mpr_probe->gate.reads_matter = 1;
        bumped();
        ssize_t size = way == 0   ? recv(pair[1], ODD, 100, 0)
                       : way == 1 ? recvfrom(pair[1], ODD, 100, 0, NULL, NULL)
                                  : recvmsg(pair[1], &message, 0);
        assert_true(bumped());
        mpr_probe->gate.reads_matter = 0;
        assert_int_equal(size, 10);
        assert_string_equal(ODD, text);
    }
    errno = 0;
    assert_int_equal(recv(pair[1], ODD, 100, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(getrandom(ODD, 16, 0), 16);
}

static void test_files_failures_keep_errno(void **state)
{
    (void)state;
    int pipes[2];
    struct iovec part = {ODD, 100};
    assert_int_equal(pipe(pipes), 0);
    mpr_probe->gate.reads_matter = 1;
    errno = 0;
    assert_int_equal(read(pipes[1], ODD, 100), -1); /* the end that is written to */
    assert_int_equal(errno, EBADF);
    errno = 0;
    assert_int_equal(pread(pipes[0], ODD, 100, 0), -1);
    assert_int_equal(errno, ESPIPE);
    errno = 0;
    assert_int_equal(preadv(pipes[0], &part, 1, 0), -1);
    assert_int_equal(errno, ESPIPE);
    mpr_probe->gate.reads_matter = 0;
    close(pipes[0]);
    close(pipes[1]);
    errno = 0;
    assert_int_equal(close(pipes[0]), -1);
    assert_int_equal(errno, EBADF);
    errno = 0;
    assert_int_equal(dup2(pipes[0], pipes[1]), -1);
    assert_int_equal(errno, EBADF);
}

/* --- what may close a descriptor --- */

/* Volatile: by their declarations these functions call nothing in here. */
static volatile struct {
    unsigned first, last;
    int flags;
} asked;

static int pretend_close(int fd)
{
    asked.first = asked.last = (unsigned)fd;
    return 0;
}

static int pretend_close_range(unsigned first, unsigned last, int flags)
{
    asked.first = first;
    asked.last = last;
    asked.flags = flags;
    return 0;
}

static void pretend_closefrom(int first)
{
    asked.first = (unsigned)first;
}

static int pretend_dup2(int from, int to)
{
    asked.first = (unsigned)from;
    asked.last = (unsigned)to;
    return to;
}

static int pretend_dup3(int from, int to, int flags)
{
    asked.flags = flags;
    return pretend_dup2(from, to);
}

static void test_files_close_of_our_own_is_noticed(void **state)
{
    (void)state;
    void *next = put_next(MPR_NEXT_CLOSE, (void *)pretend_close);
    void *next_dup2 = put_next(MPR_NEXT_DUP2, (void *)pretend_dup2);
    void *next_dup3 = put_next(MPR_NEXT_DUP3, (void *)pretend_dup3);
    bool seen[6];
    suspect();
    close(OWN - 1);
    seen[0] = suspect();
    close(OWN);
    seen[1] = suspect() && asked.first == OWN;
    dup2(OWN, 5); /* a copy of it */
    seen[2] = suspect();
    dup2(5, OWN);
    seen[3] = suspect() && asked.first == 5 && asked.last == OWN;
    dup3(5, OWN + 1, O_CLOEXEC);
    seen[4] = suspect();
    dup3(5, OWN, O_CLOEXEC);
    seen[5] = suspect() && asked.last == OWN && asked.flags == O_CLOEXEC;
    put_next(MPR_NEXT_CLOSE, next);
    put_next(MPR_NEXT_DUP2, next_dup2);
    put_next(MPR_NEXT_DUP3, next_dup3);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(seen[i], i % 2);
}

static void test_files_close_of_ranges_is_noticed(void **state)
{
    (void)state;
    static const struct {
        unsigned first, last;
        bool hit;
    } ranges[] = {{3, OWN - 1, false}, {3, OWN, true}, {OWN, OWN, true}, {OWN + 1, ~0u, false},
        {0, ~0u, true}};
    void *next = put_next(MPR_NEXT_CLOSE_RANGE, (void *)pretend_close_range);
    void *next_from = put_next(MPR_NEXT_CLOSEFROM, (void *)pretend_closefrom);
    bool right = true;
    suspect();
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        right &= close_range(ranges[i].first, ranges[i].last, 4) == 0;
        right &= asked.first == ranges[i].first && asked.last == ranges[i].last && asked.flags == 4;
        right &= suspect() == ranges[i].hit;
    }
    closefrom(OWN + 1);
    right &= !suspect() && asked.first == OWN + 1;
    closefrom(OWN);
    right &= suspect();
    closefrom(-5); /* as 0 */
    right &= suspect();
    put_next(MPR_NEXT_CLOSE_RANGE, next);
    put_next(MPR_NEXT_CLOSEFROM, next_from);
    assert_true(right);
}

/* In a child the page is wiped; before the start there is none. */
static void test_files_nothing_is_noticed_unarmed(void **state)
{
    (void)state;
    suspect();
    mpr_probe->armed = 0;
    void *next = put_next(MPR_NEXT_CLOSE, (void *)pretend_close);
    close(OWN);
    put_next(MPR_NEXT_CLOSE, next);
    mpr_probe->armed = 1;
    assert_false(suspect());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_read),
        cmocka_unit_test(test_files_reads_bump_the_epoch),
        cmocka_unit_test(test_files_sockets),
        cmocka_unit_test(test_files_failures_keep_errno),
        cmocka_unit_test(test_files_close_of_our_own_is_noticed),
        cmocka_unit_test(test_files_close_of_ranges_is_noticed),
        cmocka_unit_test(test_files_nothing_is_noticed_unarmed),
    };
    return cmocka_run_group_tests(tests, open_file, close_file);
}
