/* SPDX-License-Identifier: MIT */
/* Parsers of /proc texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

static const char stat_text[] = "4711 (a) b (c)) S 12 13 14 34816 -1 4194304 1 2 3 4 5 6 7 8 20 0 "
                                "1 0 123456 1000 200 18446744073709551615 1 1 0\n";

static void test_proc_kin_behind_any_name(void **state)
{
    (void)state;
    struct mpr_proc_kin kin = {0};
    assert_int_equal(mpr_proc_parse_kin(BYTES(stat_text), &kin), 0);
    assert_int_equal(kin.parent, 12);
    assert_int_equal(kin.group, 13);
    assert_int_equal(kin.session, 14);
    assert_int_equal(kin.start, 123456);
    for (size_t len = 0; len < (size_t)(strstr(stat_text, "123456 ") - stat_text) + 7; len++)
        assert_int_equal(mpr_proc_parse_kin(stat_text, len, &kin), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_kin(BYTES("1 (x) S -1 2 3 "), &kin), MPR_ERR_INVALID);
    assert_int_equal(kin.parent, 12);
}

static void test_proc_name_is_cut(void **state)
{
    (void)state;
    char name[16] = "untouched";
    assert_int_equal(mpr_proc_parse_name(BYTES(stat_text), name, sizeof name), 0);
    assert_string_equal(name, "a) b (c)");
    assert_int_equal(mpr_proc_parse_name(BYTES(stat_text), name, 3), 0);
    assert_string_equal(name, "a)");
    assert_int_equal(mpr_proc_parse_name(BYTES("1 ()"), name, sizeof name), 0);
    assert_string_equal(name, "");
    assert_int_equal(mpr_proc_parse_name(BYTES("1 )a("), name, sizeof name), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_name(BYTES("1 (a"), name, sizeof name), MPR_ERR_INVALID);
}

static void test_proc_leader_of_a_thread(void **state)
{
    (void)state;
    uint64_t pid = 7;
    assert_int_equal(mpr_proc_parse_leader(BYTES("Name:\tx\nTgid:\t4711\nNgid:\t0\n"), &pid), 0);
    assert_int_equal(pid, 4711);
    assert_int_equal(mpr_proc_parse_leader(BYTES("Name:\tx\nTgid:\t12"), &pid), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_leader(BYTES("Name:\tTgid:\t12\n"), &pid), MPR_ERR_INVALID);
    assert_int_equal(pid, 4711);
}

static void test_proc_newest_number(void **state)
{
    (void)state;
    uint64_t pid = 7;
    assert_int_equal(mpr_proc_parse_newest(BYTES("18.31 13.64 10.06 16/170 24176\n"), &pid), 0);
    assert_int_equal(pid, 24176);
    assert_int_equal(
        mpr_proc_parse_newest(BYTES("18.31 13.64 10.06 16/170"), &pid), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_newest(BYTES("16/170 241"), &pid), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_newest(BYTES(""), &pid), MPR_ERR_INVALID);
    assert_int_equal(pid, 24176);
}

static void test_proc_size_of_the_address_space(void **state)
{
    (void)state;
    uint64_t pages = 7;
    assert_int_equal(mpr_proc_parse_size(BYTES("4177 2401 1254 737 0 1210 0\n"), &pages), 0);
    assert_int_equal(pages, 4177);
    assert_int_equal(mpr_proc_parse_size(BYTES("41"), &pages), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_size(BYTES(" 1 2"), &pages), MPR_ERR_INVALID);
    assert_int_equal(pages, 4177);
}

/* What the kernel splits between those who have a page. */
static void test_proc_pss_of_a_rollup(void **state)
{
    (void)state;
    static const char text[] = "564104235000-7ffe95dd1000 ---p 00000000 00:00 0      [rollup]\n"
                               "Rss:              525656 kB\nPss_Dirty:        518956 kB\n"
                               "Pss:              523338 kB\n";
    uint64_t bytes = 7;
    assert_int_equal(mpr_proc_parse_status(BYTES(text), "Pss", &bytes), 0);
    assert_int_equal(bytes, 523338 * 1024);
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
        cmocka_unit_test(test_proc_kin_behind_any_name),
        cmocka_unit_test(test_proc_name_is_cut),
        cmocka_unit_test(test_proc_leader_of_a_thread),
        cmocka_unit_test(test_proc_newest_number),
        cmocka_unit_test(test_proc_size_of_the_address_space),
        cmocka_unit_test(test_proc_pss_of_a_rollup),
        cmocka_unit_test(test_proc_pending_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
