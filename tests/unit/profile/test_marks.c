/* SPDX-License-Identifier: MIT */
/* What lived at a mark: listed by site, and as the end of a model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_profile.h"

/* A row with two leaves of one site around another row with a third leaf, and a leaf in no row. */
static struct mpr_profile *make(void)
{
    struct mpr_profile *profile = made_whole();
    uint32_t startup = (uint32_t)profile->sites[1].place;
    static const struct {
        uint32_t parent, line;
        enum mpr_node_kind kind;
    } rows[] = {{MPR_NO_PARENT, 8, MPR_PATH_ROW}, {0, 8, MPR_PATH_SITE}, {0, 9, MPR_PATH_ROW},
        {2, 8, MPR_PATH_SITE}, {MPR_NO_PARENT, 0, MPR_PATH_SITE}};
    profile->nodes = made_array(profile->nodes, 5, sizeof *profile->nodes);
    profile->held = made_array(profile->held, 3, sizeof *profile->held);
    for (size_t i = 0; i < 5; i++) {
        profile->nodes[i] = (struct mpr_profile_node){.parent = rows[i].parent,
            .line = rows[i].line,
            .kind = (uint8_t)rows[i].kind,
            .allocated = 1000,
            .freed = 1000};
    }
    profile->nodes[4].place = startup;
    profile->node_count = 5;
    static const struct mpr_profile_held held[] = {{1, 100, 3}, {3, 40, 2}, {4, 700, 9}};
    memcpy(profile->held, held, sizeof held);
    profile->held_count = profile->marks[1].held_count = 3;
    profile->marks[1].rss = MADE_MIB(17);
    profile->sites[0].line = 8;
    return profile;
}

static void test_marks_live_by_site(void **state)
{
    (void)state;
    struct mpr_profile *profile = make();
    struct mpr_profile_live *live = NULL;
    size_t count = 0;
    assert_int_equal(mpr_profile_live_at(profile, &profile->marks[1], &live, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_int_equal(live[0].live, 700);
    assert_int_equal(live[0].line, 0);
    assert_int_equal(live[1].live, 140);
    assert_int_equal(live[1].blocks, 5);
    assert_int_equal(live[1].line, 8);
    free(live);
    assert_int_equal(mpr_profile_live_at(profile, &profile->marks[0], &live, &count, NULL), 0);
    assert_int_equal(count, 0);
    free(live);
    mpr_profile_free(profile);
}

static const struct mpr_profile_row *row(const struct mpr_profile *profile, uint32_t line)
{
    const struct mpr_profile_function *function = &profile->functions[0];
    for (size_t i = 0; i < function->row_count; i++)
        if (function->rows[i].line == line)
            return &function->rows[i];
    fail_msg("no line %u", (unsigned)line);
    return NULL;
}

static void test_marks_the_model_as_of_one(void **state)
{
    (void)state;
    struct mpr_profile *profile = make();
    struct mpr_error err = {""};
    for (size_t i = 0; i < profile->functions[0].row_count; i++)
        profile->functions[0].rows[i].live_at_end = 77;
    if (mpr_profile_at_mark(profile, "halfway", &err) != 0 || mpr_profile_check(profile, &err) != 0)
        fail_msg("%s", err.message);
    const struct mpr_profile_heap *heap = &profile->process[0].heap;
    assert_int_equal(heap->all.end, 840);
    assert_int_equal(heap->python.end, 840);
    assert_int_equal(heap->native.end, 0);
    assert_int_equal(heap->before, 700);
    assert_int_equal(profile->process[0].rss_end, MADE_MIB(17));
    assert_int_equal(row(profile, 8)->live_at_end, 140);
    assert_int_equal(row(profile, 9)->live_at_end, 40);
    assert_int_equal(row(profile, 7)->live_at_end, 0);
    assert_int_equal(profile->sites[0].live_at_end, 140);
    assert_int_equal(profile->sites[0].blocks_at_end, 5);
    assert_int_equal(profile->sites[1].live_at_end, 700);
    assert_int_equal(profile->sites[2].live_at_end, 0);
    assert_int_equal(profile->nodes[3].live_at_end, 40);
    assert_int_equal(profile->nodes[3].freed, 960);
    mpr_profile_free(profile);
}

static void test_marks_that_are_not_there(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_whole();
    struct mpr_error err = {""};
    assert_int_equal(mpr_profile_at_mark(profile, "halfwy", &err), MPR_ERR_INVALID);
    assert_string_equal(
        err.message, "there is no snapshot called halfwy in it; some that there are: halfway");
    assert_int_equal(mpr_profile_at_mark(profile, "loaded", &err), MPR_ERR_INVALID);
    assert_string_equal(
        err.message, "the mark loaded has no snapshot: set it with mprun.snapshot(name)");
    mpr_profile_free(profile);
    profile = made_profile();
    assert_int_equal(mpr_profile_at_mark(profile, "x", &err), MPR_ERR_INVALID);
    assert_string_equal(err.message, "there is no snapshot called x in it; there is none at all");
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_live_by_site),
        cmocka_unit_test(test_marks_the_model_as_of_one),
        cmocka_unit_test(test_marks_that_are_not_there),
    };
    return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
