/* SPDX-License-Identifier: MIT */
/* Reading RSS: statm's descriptor, the fault ring, and what calibration finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attached.h"
#include "mprun/clock.h"
#include "mprun/rss.h"

static void test_rss_read_follows_memory(void **state)
{
    (void)state;
    size_t size = 8u << 20;
    int64_t before = mpr_rss_read();
    char *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(start, MAP_FAILED);
    memset(start, 1, size);
    int64_t grown = mpr_rss_read() - before;
    munmap(start, size);
    assert_in_range(grown, size - (1u << 20), size + (1u << 20));
}

static void test_rss_read_survives_a_closed_descriptor(void **state)
{
    (void)state;
    int64_t before = mpr_rss_read();
    int fd = mpr_probe->gate.statm_fd;
    close(fd);
    mpr_probe->gate.statm_suspect = 1;
    assert_true(mpr_rss_read() > 0);
    /* The number may be a file of the program's by now: that one stays open and unread. */
    int other = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    dup2(other, mpr_probe->gate.statm_fd);
    int taken = mpr_probe->gate.statm_fd;
    mpr_probe->gate.statm_suspect = 1;
    assert_in_range(mpr_rss_read(), before / 2, before * 2);
    assert_int_not_equal(mpr_probe->gate.statm_fd, taken);
    assert_int_equal(fcntl(taken, F_GETFD) >= 0, 1);
    close(taken);
    close(other);
}

/* It is read between two lines of the program's. */
static void test_rss_read_leaves_errno(void **state)
{
    (void)state;
    close(mpr_probe->gate.statm_fd); /* by a call that nobody saw */
    errno = EXDEV;
    assert_true(mpr_rss_read() > 0);
    assert_int_equal(errno, EXDEV);
}

static void test_rss_descriptor_is_high_and_close_on_exec(void **state)
{
    (void)state;
    mpr_probe->gate.statm_suspect = 1;
    assert_true(mpr_rss_read() > 0);
    assert_true(mpr_probe->gate.statm_fd > 100);
    assert_int_equal(fcntl(mpr_probe->gate.statm_fd, F_GETFD), FD_CLOEXEC);
}

static void test_rss_ring_moves_with_each_fault(void **state)
{
    (void)state;
    void *ring;
    int status = mpr_fault_ring_open(false, &ring);
    if (status < 0) {
        print_message("# skipped: perf_event_open says %s\n", strerror(-status));
        skip();
    }
    const volatile uint64_t *head = mpr_fault_ring_head(ring);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *start =
        mmap(NULL, 2000 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(start, 2000 * page, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < 2000; i++) { /* far more than the ring holds */
        uint64_t before = *head;
        start[i * page] = 1;
        assert_true(*head != before);
        before = *head;
        start[i * page] = 2;
        assert_int_equal(*head, before);
    }
    munmap(start, 2000 * page);
    mpr_fault_ring_close(ring);
}

static void test_rss_fault_cost_bounds_real_faults(void **state)
{
    (void)state;
    uint64_t cost = mpr_fault_cost(false);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *start =
        mmap(NULL, 500 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(start, 500 * page, MADV_NOHUGEPAGE);
    assert_true(cost > 0);
    for (size_t i = 0; i < 500; i++) {
        uint64_t before = mpr_ticks(false);
        start[i * page] = 1;
        assert_true(mpr_ticks(false) - before > cost / 2);
    }
    munmap(start, 500 * page);
}

static void test_rss_resolution_is_whole_pages(void **state)
{
    (void)state;
    uint32_t resolution = mpr_rss_resolution();
    assert_int_equal(resolution % (uint32_t)sysconf(_SC_PAGESIZE), 0);
    assert_in_range(resolution, sysconf(_SC_PAGESIZE), 512 * sysconf(_SC_PAGESIZE));
}

static void test_rss_clock_calibration(void **state)
{
    (void)state;
    assert_int_equal(mpr_clock_ticks_per_us(true), 1000);
    assert_in_range(mpr_clock_ticks_per_us(false), 100, 10000);
}

static int attach(void **state)
{
    (void)state;
    int status = attach_recording();
    mpr_probe->gate.statm_suspect = 1;
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rss_read_follows_memory),
        cmocka_unit_test(test_rss_read_survives_a_closed_descriptor),
        cmocka_unit_test(test_rss_read_leaves_errno),
        cmocka_unit_test(test_rss_descriptor_is_high_and_close_on_exec),
        cmocka_unit_test(test_rss_ring_moves_with_each_fault),
        cmocka_unit_test(test_rss_fault_cost_bounds_real_faults),
        cmocka_unit_test(test_rss_resolution_is_whole_pages),
        cmocka_unit_test(test_rss_clock_calibration),
    };
    return cmocka_run_group_tests(tests, attach, NULL);
}
