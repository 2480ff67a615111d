/* SPDX-License-Identifier: MIT */
/* Parsers of /proc texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/proc.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static void test_proc_statm_gives_resident_pages(void **state)
{
    (void)state;
    uint64_t pages = 7;
    assert_int_equal(mpr_proc_parse_statm(BYTES("4177 2401 1254 737 0 1210 0\n"), &pages), 0);
    assert_int_equal(pages, 2401);
    assert_int_equal(mpr_proc_parse_statm(BYTES("0 0 0 0 0 0 0\n"), &pages), 0);
    assert_int_equal(pages, 0);
}

static void test_proc_statm_refuses_damage(void **state)
{
    (void)state;
    uint64_t pages = 7;
    assert_int_equal(mpr_proc_parse_statm(BYTES(""), &pages), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_statm(BYTES("4177"), &pages), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_statm(BYTES("4177 24"), &pages), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_statm(BYTES("4177 -1 0"), &pages), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_statm("4177 24 1", 7, &pages), MPR_ERR_INVALID); /* cut off */
    assert_int_equal(
        mpr_proc_parse_statm(BYTES("1 99999999999999999999 0"), &pages), MPR_ERR_INVALID);
    assert_int_equal(pages, 7);
}

static const char status_text[] = "Name:\tVmHWM:\n"
                                  "State:\tS (sleeping)\n"
                                  "VmPeak:\t   16740 kB\n"
                                  "VmHWM:\t    9604 kB\n"
                                  "VmRSS:\t    9500 kB\n";

static void test_proc_status_field_in_bytes(void **state)
{
    (void)state;
    uint64_t bytes = 7;
    assert_int_equal(mpr_proc_parse_status(BYTES(status_text), "VmHWM", &bytes), 0);
    assert_int_equal(bytes, 9604 * 1024);
    assert_int_equal(mpr_proc_parse_status(BYTES(status_text), "VmRSS", &bytes), 0);
    assert_int_equal(bytes, 9500 * 1024);
}

static void test_proc_status_refuses_damage(void **state)
{
    (void)state;
    uint64_t bytes = 7;
    assert_int_equal(
        mpr_proc_parse_status(BYTES("State:\tZ (zombie)\n"), "VmHWM", &bytes), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_status(BYTES("VmHWM:\t 96"), "VmHWM", &bytes), MPR_ERR_INVALID);
    assert_int_equal(
        mpr_proc_parse_status(BYTES("VmHWM:\t 96 MB\n"), "VmHWM", &bytes), MPR_ERR_INVALID);
    assert_int_equal(
        mpr_proc_parse_status(BYTES("VmHWM:\t kB\n"), "VmHWM", &bytes), MPR_ERR_INVALID);
    assert_int_equal(bytes, 7);
}

static void test_proc_pid_as_proc_has_it(void **state)
{
    (void)state;
    uint64_t pid = 7;
    assert_int_equal(
        mpr_proc_parse_pid(BYTES("pos:\t0\nflags:\t02\nPid:\t4711\nNSpid:\t4711\t2\n"), &pid), 0);
    assert_int_equal(pid, 4711);
    assert_int_equal(mpr_proc_parse_pid(BYTES("pos:\t0\nPid:\t0\nNSpid:\t0\n"), &pid),
        MPR_ERR_INVALID); /* not to be seen there */
    assert_int_equal(
        mpr_proc_parse_pid(BYTES("pos:\t0\nPid:\t-1\n"), &pid), MPR_ERR_INVALID); /* gone */
    assert_int_equal(mpr_proc_parse_pid(BYTES("pos:\t0\nNSpid:\t3\n"), &pid), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_pid(BYTES("pos:\t0\nPid:\t12"), &pid), MPR_ERR_INVALID);
    assert_int_equal(pid, 4711);
}

static void test_proc_state_behind_any_name(void **state)
{
    (void)state;
    char letter = '?';
    assert_int_equal(mpr_proc_parse_state(BYTES("12 (python3) S 1 2\n"), &letter), 0);
    assert_int_equal(letter, 'S');
    assert_int_equal(mpr_proc_parse_state(BYTES("12 (a) S (b) T 1 2\n"), &letter), 0);
    assert_int_equal(letter, 'T');
    assert_int_equal(mpr_proc_parse_state(BYTES("12 (python3)"), &letter), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_state(BYTES(""), &letter), MPR_ERR_INVALID);
}

static void test_proc_pending_mask(void **state)
{
    (void)state;
    uint64_t mask = 7;
    assert_int_equal(
        mpr_proc_parse_pending(BYTES("SigPnd:\t01\nShdPnd:\t80000000000048Fe\nx"), &mask), 0);
    assert_int_equal(mask, 0x80000000000048fe);
    mask = 7;
    assert_int_equal(mpr_proc_parse_pending(BYTES("SigPnd:\t01\n"), &mask), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_pending(BYTES("a\nShdPnd:\t"), &mask), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_pending(BYTES("a\nShdPnd:\t\n"), &mask), MPR_ERR_INVALID);
    assert_int_equal(mask, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proc_statm_gives_resident_pages),
        cmocka_unit_test(test_proc_statm_refuses_damage),
        cmocka_unit_test(test_proc_status_field_in_bytes),
        cmocka_unit_test(test_proc_status_refuses_damage),
        cmocka_unit_test(test_proc_pid_as_proc_has_it),
        cmocka_unit_test(test_proc_state_behind_any_name),
        cmocka_unit_test(test_proc_pending_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
