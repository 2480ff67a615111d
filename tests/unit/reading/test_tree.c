/* SPDX-License-Identifier: MIT */
/* From what was seen of processes to the model. What was seen is made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../watch/tree_members.h"
#include "mprun/reading.h"

static struct mpr_tree *tree;

static struct mpr_member *add(uint64_t number, uint64_t parent, int64_t peak)
{
    struct mpr_proc_kin kin = {.parent = parent};
    struct mpr_member *member = mpr_members_add(tree, number, &kin, mpr_members_find(tree, parent));
    assert_non_null(member);
    member->seen.samples = 1;
    member->seen.rss_peak = peak;
    return member;
}

static int set_up(void **state)
{
    (void)state;
    if (mpr_tree_new(10000000, &tree, NULL) < 0)
        return -1;
    tree->facts.unseen = false;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mpr_tree_free(tree);
    return 0;
}

static struct mpr_profile *build(int wait_status, int64_t maxrss)
{
    static const char *const command[] = {"make", "a b\xff", NULL};
    struct mpr_error err = {""};
    struct mpr_profile *profile = NULL;
    const struct mpr_run run = {
        .command = command,
        .cwd = "/home/ann",
        .started = {1767225600, 900000000},
        .duration_ns = 3000000000,
        .wait_status = wait_status,
        .maxrss = maxrss,
        .interval_ns = 10000000,
    };
    mpr_tree_finish(tree);
    assert_int_equal(mpr_profile_build_tree(tree, &run, &profile, &err), 0);
    if (mpr_profile_check(profile, &err) != 0)
        fail_msg("%s", err.message);
    return profile;
}

static void test_tree_becomes_processes(void **state)
{
    (void)state;
    static const char words[] = "cc1\0-o\0x\xfe";
    add(100, 0, 7);
    struct mpr_member *child = add(101, 100, 9), *other = add(102, 101, 5);
    child->seen.ended = true;
    child->seen.from_ns = 200000000;
    child->seen.to_ns = 500000000;
    child->seen.command = malloc(sizeof words - 1); /* cut: no NUL behind the last */
    assert_non_null(child->seen.command);
    memcpy(child->seen.command, words, sizeof words - 1);
    child->seen.command_size = sizeof words - 1;
    mpr_timeline_add(child->timeline, 250000000, 9, 0, 0);
    strcpy(other->seen.name, "kworker");
    mpr_members_sweep(tree);
    struct mpr_profile *profile = build(3 << 8, 0);
    const struct mpr_profile_process *process = profile->process;
    assert_int_equal(profile->kind, MPR_PROFILE_TREE);
    assert_int_equal(profile->process_count, 3);
    assert_string_equal(process[0].command[1], "a b\\xff");
    assert_int_equal(process[0].exit_status, 3);
    assert_int_equal(process[0].parent, MPR_NONE);
    assert_int_equal(process[0].end, MPR_END_EXIT);
    assert_int_equal(process[1].pid, 101);
    assert_int_equal(process[1].parent, 0);
    assert_int_equal(process[1].end, MPR_END_UNSEEN);
    assert_int_equal(process[1].duration_ns, 300000000);
    assert_int_equal(process[1].started.tv_sec, 1767225601);
    assert_int_equal(process[1].started.tv_nsec, 100000000);
    assert_string_equal(process[1].command[0], "cc1");
    assert_string_equal(process[1].command[2], "x\\xfe");
    assert_null(process[1].command[3]);
    assert_int_equal(process[1].timeline.count, 1);
    assert_int_equal(process[1].timeline.bucket[0].t_ns, 50000000);
    assert_int_equal(process[2].parent, 1);
    assert_int_equal(process[2].end, MPR_END_NOT);
    assert_string_equal(process[2].command[0], "kworker");
    mpr_profile_free(profile);
}

static void test_tree_killed(void **state)
{
    (void)state;
    add(100, 0, 7);
    struct mpr_profile *profile = build(9, 0);
    assert_int_equal(profile->process[0].end, MPR_END_SIGNAL);
    assert_int_equal(profile->process[0].exit_signal, 9);
    assert_int_equal(profile->process[0].exit_status, -1);
    mpr_profile_free(profile);
}

static void test_tree_unseen(void **state)
{
    (void)state;
    tree->facts.unseen = true;
    struct mpr_profile *profile = build(0, 0);
    assert_int_equal(profile->process_count, 1);
    assert_int_equal(profile->process[0].rss_peak, MPR_UNKNOWN);
    assert_int_equal(profile->tree.rss_peak, MPR_UNKNOWN);
    assert_int_equal(profile->note_count, 1);
    assert_non_null(strstr(profile->notes[0], "/proc does not show"));
    mpr_profile_free(profile);
}

/* Of what no sample reached. */
static void test_tree_notes_the_kernel_s_mark(void **state)
{
    (void)state;
    add(100, 0, (int64_t)100 << 20);
    struct mpr_profile *profile = build(0, (int64_t)104 << 20);
    assert_int_equal(profile->note_count, 1);
    assert_non_null(strstr(profile->notes[0], "less than 10 ms"));
    mpr_profile_free(profile);
    profile = build(0, (int64_t)200 << 20);
    assert_int_equal(profile->note_count, 2);
    assert_non_null(strstr(profile->notes[1], "200 MiB"));
    mpr_profile_free(profile);
}

static void test_tree_notes_what_is_missing(void **state)
{
    (void)state;
    add(100, 0, 7);
    tree->facts.stretched_ns = 40000000;
    tree->facts.forgotten = tree->facts.unread = tree->facts.pss_refused = 3;
    struct mpr_profile *profile = build(0, 0);
    assert_int_equal(profile->note_count, 4);
    assert_non_null(strstr(profile->notes[0], "40 ms"));
    assert_non_null(strstr(profile->notes[1], "3 processes"));
    mpr_profile_free(profile);
}

/* One whose parent was forgotten is the first one's. */
static void test_tree_finds_a_parent_for_all(void **state)
{
    (void)state;
    add(100, 0, 7);
    add(101, 100, 7)->seen.parent = 77;
    struct mpr_profile *profile = build(0, 0);
    assert_int_equal(profile->process[1].parent, 0);
    mpr_profile_free(profile);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tree_becomes_processes),
        TEST(test_tree_killed),
        TEST(test_tree_unseen),
        TEST(test_tree_notes_the_kernel_s_mark),
        TEST(test_tree_notes_what_is_missing),
        TEST(test_tree_finds_a_parent_for_all),
    };
    return cmocka_run_group_tests_name("model of a tree", tests, NULL, NULL);
}
