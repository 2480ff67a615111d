/* SPDX-License-Identifier: MIT */
/* When a checkpoint is due, and the process that writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper.h"

#define SECOND ((uint64_t)1000000000)

static const struct mpr_witness nobody = {0};
static int out[2]; /* from the process that writes */

static bool write_down(void *data, const struct mpr_outcome *so_far, bool news)
{
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    bool right = strcmp(name, "checkpoint") == 0 && so_far->duration_ns == 7;
    ssize_t put = write(out[1], right ? data : "no", 3);
    return put == 3 && news;
}

static struct mpr_keeper made_keeper(uint64_t every_ns)
{
    return (struct mpr_keeper){.checkpoint = {every_ns, write_down, "yes"}};
}

static void test_keeper_is_due_after_the_interval(void **state)
{
    (void)state;
    struct mpr_keeper keeper = made_keeper(10 * SECOND);
    mpr_keeper_open(&keeper, 5 * SECOND);
    assert_false(mpr_keeper_is_due(&keeper, 5 * SECOND));
    assert_int_equal(mpr_keeper_wait_ms(&keeper, 5 * SECOND), 10001);
    assert_false(mpr_keeper_is_due(&keeper, 15 * SECOND - 1));
    assert_true(mpr_keeper_is_due(&keeper, 15 * SECOND));
    assert_int_equal(mpr_keeper_wait_ms(&keeper, 16 * SECOND), 0);
    mpr_keeper_close(&keeper);
}

static void test_keeper_may_be_off(void **state)
{
    (void)state;
    struct mpr_keeper keeper = made_keeper(0);
    mpr_keeper_open(&keeper, SECOND);
    assert_false(mpr_keeper_is_due(&keeper, 100 * SECOND));
    assert_int_equal(mpr_keeper_wait_ms(&keeper, SECOND), -1);
    mpr_keeper_close(&keeper);
}

/* One at a time, and the next one not before the interval has passed again. */
static void test_keeper_writes_in_a_process_of_its_own(void **state)
{
    (void)state;
    char got[4] = "";
    struct mpr_keeper keeper = made_keeper(10 * SECOND);
    struct mpr_outcome outcome = {.duration_ns = 7};
    assert_int_equal(pipe(out), 0);
    mpr_keeper_open(&keeper, 0);
    assert_true(mpr_keeper_is_due(&keeper, 10 * SECOND));
    if (mpr_keeper_fork(&keeper, &nobody))
        mpr_keeper_write(&keeper, &outcome);
    assert_true(keeper.pid > 0 && keeper.pid != getpid());
    assert_int_equal(mpr_keeper_wait_ms(&keeper, 10 * SECOND), 100);
    assert_int_equal(read(out[0], got, 3), 3);
    assert_string_equal(got, "yes");
    for (int i = 0; keeper.pid && i < 5000; i++) {
        assert_false(mpr_keeper_is_due(&keeper, 30 * SECOND));
        usleep(1000);
    }
    assert_int_equal(keeper.pid, 0);
    assert_true(keeper.due_ns >= 40 * SECOND);
    close(out[0]);
    close(out[1]);
}

static bool fail_to_write(void *data, const struct mpr_outcome *so_far, bool news)
{
    const bool *expected = data;
    (void)so_far;
    return news != *expected;
}

/* That it failed is news once. */
static void test_keeper_knows_that_the_last_one_failed(void **state)
{
    bool news = true;
    (void)state;
    struct mpr_keeper keeper = {.checkpoint = {SECOND, fail_to_write, &news}};
    struct mpr_outcome outcome = {.duration_ns = 7};
    mpr_keeper_open(&keeper, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(keeper.failed, i > 0);
        if (mpr_keeper_fork(&keeper, &nobody))
            mpr_keeper_write(&keeper, &outcome);
        while (keeper.pid > 0)
            mpr_keeper_is_due(&keeper, 0);
        news = false;
    }
}

static void test_keeper_waits_for_the_last_one(void **state)
{
    (void)state;
    struct mpr_keeper keeper = made_keeper(SECOND);
    struct mpr_outcome outcome = {.duration_ns = 7};
    char got[4];
    assert_int_equal(pipe(out), 0);
    mpr_keeper_open(&keeper, 0);
    if (mpr_keeper_fork(&keeper, &nobody)) {
        usleep(50000);
        mpr_keeper_write(&keeper, &outcome);
    }
    mpr_keeper_close(&keeper);
    assert_int_equal(keeper.pid, 0);
    close(out[1]);
    assert_int_equal(read(out[0], got, 3), 3);
    close(out[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeper_is_due_after_the_interval),
        cmocka_unit_test(test_keeper_may_be_off),
        cmocka_unit_test(test_keeper_writes_in_a_process_of_its_own),
        cmocka_unit_test(test_keeper_knows_that_the_last_one_failed),
        cmocka_unit_test(test_keeper_waits_for_the_last_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
