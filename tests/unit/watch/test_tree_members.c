/* SPDX-License-Identifier: MIT */
/* Who belongs to a tree, and who of it is kept. Nothing is read of /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tree_members.h"

#define MPRUN 50
#define SHELL 40
#define JOB 50 /* mprun leads its group, in the session of the shell */
#define START 1000

static struct mpr_tree *tree;

static struct mpr_proc_kin kin(uint64_t parent, uint64_t group, uint64_t session, uint64_t start)
{
    return (struct mpr_proc_kin){parent, group, session, start};
}

/* The first of the tree is 100. */
static int set_up(void **state)
{
    struct mpr_proc_kin root = kin(MPRUN, JOB, SHELL, START);
    (void)state;
    assert_int_equal(mpr_tree_new(1000000, &tree, NULL), 0);
    tree->root_start = START;
    tree->self.number = MPRUN;
    tree->self.kin = kin(SHELL, JOB, SHELL, 1);
    tree->self.reaper = 7;
    assert_non_null(mpr_members_add(tree, 100, &root, NULL));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mpr_tree_free(tree);
    return 0;
}

/* The number of who stands for its parent; 0: it is no member; 1: nobody does. */
static uint64_t claim(struct mpr_proc_kin of)
{
    const struct mpr_member *parent = NULL;
    if (!mpr_members_claim(tree, &of, &parent))
        return 0;
    return parent ? parent->seen.number : 1;
}

static struct mpr_member *add(uint64_t number, uint64_t parent, int64_t peak)
{
    struct mpr_proc_kin of = kin(parent, JOB, SHELL, START + 1);
    struct mpr_member *member = mpr_members_add(tree, number, &of, mpr_members_find(tree, parent));
    assert_non_null(member);
    member->seen.rss_peak = peak;
    member->seen.samples = 1;
    return member;
}

static void test_members_are_found_by_number(void **state)
{
    (void)state;
    add(300, 100, 1);
    add(200, 300, 1);
    assert_int_equal(mpr_members_find(tree, 200)->seen.serial, 2);
    assert_int_equal(mpr_members_find(tree, 200)->seen.parent, 1);
    assert_int_equal(mpr_members_find(tree, 300)->seen.parent, 0);
    assert_null(mpr_members_find(tree, 250));
    assert_null(mpr_members_find(tree, 301));
}

static void test_members_are_children(void **state)
{
    (void)state;
    assert_int_equal(claim(kin(100, JOB, SHELL, START)), 100);
    assert_int_equal(claim(kin(100, 999, 999, START + 5)), 100);
    add(101, 100, 1);
    assert_int_equal(claim(kin(101, JOB, SHELL, START + 5)), 101);
    assert_int_equal(claim(kin(102, 102, 102, START + 5)), 0);
    assert_int_equal(claim(kin(100, JOB, SHELL, START - 1)), 0); /* older than the tree: no child */
}

/* What mprun itself starts, and its neighbours in a pipe. */
static void test_members_are_not_mprun_s_own(void **state)
{
    (void)state;
    assert_int_equal(claim(kin(MPRUN, JOB, SHELL, START + 5)), 0);
    assert_int_equal(claim(kin(MPRUN, 100, SHELL, START + 5)), 0);
    assert_int_equal(claim(kin(SHELL, JOB, SHELL, START + 5)), 0);
    assert_int_equal(claim(kin(33, JOB, SHELL, START + 5)), 0);
    assert_int_equal(claim(kin(7, 44, SHELL, START + 5)), 0); /* another job's orphan */
}

static void test_members_are_orphans_of_the_job(void **state)
{
    (void)state;
    assert_int_equal(claim(kin(7, JOB, SHELL, START + 5)), 1);
    assert_int_equal(claim(kin(1, JOB, SHELL, START + 5)), 0);
    assert_int_equal(claim(kin(7, JOB, SHELL, START - 5)), 0); /* it was there before */
    assert_int_equal(claim(kin(7, JOB, 41, START + 5)), 0);
    tree->self.reaper = SHELL;
    assert_int_equal(claim(kin(SHELL, JOB, SHELL, START + 5)), 0); /* or a child of its own */
}

static void test_members_are_of_their_sessions_and_groups(void **state)
{
    (void)state;
    add(101, 100, 1);
    assert_int_equal(claim(kin(1, 333, 101, START + 5)), 101);
    assert_int_equal(claim(kin(1, 101, SHELL, START + 5)), 101);
    mpr_members_find(tree, 101)->seen.ended = true;
    mpr_members_sweep(tree);
    assert_null(mpr_members_find(tree, 101));
    assert_int_equal(claim(kin(1, 333, 101, START + 5)), 1);
    assert_int_equal(claim(kin(88, 333, 101, START + 5)), 1); /* whatever its parent was */
    assert_int_equal(claim(kin(1, 333, 102, START + 5)), 0);
}

static void test_members_sweep_keeps_order(void **state)
{
    (void)state;
    for (uint64_t number = 101; number < 120; number++)
        add(number, 100, 1)->seen.ended = number % 3 == 0;
    mpr_members_sweep(tree);
    assert_int_equal(tree->live_count, 14);
    assert_int_equal(tree->kept_count, 6);
    for (uint64_t number = 100; number < 120; number++)
        assert_int_equal(mpr_members_find(tree, number) == NULL, number > 100 && number % 3 == 0);
    mpr_tree_finish(tree);
    assert_int_equal(tree->live_count, 0);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(mpr_tree_process(tree, i)->serial, i);
    assert_null(mpr_tree_process(tree, 20));
}

static void test_members_keep_those_with_large_peaks(void **state)
{
    (void)state;
    const size_t more = 5;
    add(101, 100, 3)->seen.ended = true; /* parent of all that follow; one of the smallest */
    for (size_t i = 0; i < MPR_TREE_KEPT_MAX + more; i++) {
        struct mpr_member *member = add(1000 + i, 101, i < MPR_TREE_KEPT_MAX / 2 ? 2 : 4);
        if (i == 0)
            mpr_members_sweep(tree);
        member->seen.ended = true;
        member->parent_number = 0;
        mpr_members_sweep(tree);
    }
    mpr_tree_finish(tree);
    assert_int_equal(tree->kept_count, MPR_TREE_KEPT_MAX);
    assert_int_equal(mpr_tree_process(tree, 0)->serial, 0);
    assert_int_equal(tree->facts.forgotten, more + 2); /* beside the first, and their parent */
    size_t smaller = 0;
    for (size_t i = 1; i < tree->kept_count; i++)
        smaller += mpr_tree_process(tree, i)->rss_peak == 2;
    assert_int_equal(smaller, MPR_TREE_KEPT_MAX / 2 - more - 2);
}

/* One that only ever shared another's memory. */
static void test_members_without_samples_are_none(void **state)
{
    (void)state;
    struct mpr_member *member = add(101, 100, 0);
    member->seen.samples = 0;
    member->seen.ended = true;
    mpr_members_sweep(tree);
    assert_int_equal(tree->kept_count, 0);
    assert_int_equal(tree->facts.forgotten, 0);
}

static void test_members_keep_their_timeline(void **state)
{
    (void)state;
    struct mpr_member *member = add(101, 100, 1);
    assert_int_equal(tree->timelines, 2);
    for (uint64_t i = 0; i < 3; i++)
        mpr_timeline_add(member->timeline, i, 4096, 0, 0);
    member->seen.ended = true;
    mpr_members_sweep(tree);
    assert_int_equal(tree->timelines, 1);
    mpr_tree_finish(tree);
    assert_int_equal(mpr_tree_process(tree, 1)->count, 3);
    assert_int_equal(mpr_tree_process(tree, 1)->bucket[2].t_ns, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_members_are_found_by_number),
        TEST(test_members_are_children),
        TEST(test_members_are_not_mprun_s_own),
        TEST(test_members_are_orphans_of_the_job),
        TEST(test_members_are_of_their_sessions_and_groups),
        TEST(test_members_sweep_keeps_order),
        TEST(test_members_keep_those_with_large_peaks),
        TEST(test_members_without_samples_are_none),
        TEST(test_members_keep_their_timeline),
    };
    return cmocka_run_group_tests_name("tree members", tests, NULL, NULL);
}
