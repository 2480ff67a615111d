/* SPDX-License-Identifier: MIT */
/* A model that holds together is told from one that does not, whatever is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_profile.h"

static void test_check_takes_what_is_whole(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    struct mpr_profile *profile = made_whole();
    if (mpr_profile_check(profile, &err) != 0)
        fail_msg("%s", err.message);
    mpr_profile_free(profile);
    profile = made_profile();
    assert_int_equal(mpr_profile_check(profile, NULL), 0);
    mpr_profile_free(profile);
}

/* A lie for each promise of the header: what is set to what, and what the message names. */
#define LIES(LIE)                                                                                  \
    LIE(profile->process_count, 0, "run 0")                                                        \
    LIE(profile->detail, 77, "run 0")                                                              \
    LIE(profile->cwd[0], '\xff', "run 0")                                                          \
    LIE(profile->notes[0][2], '\xc3', "run 0")                                                     \
    LIE(profile->note_count, 0, "run 0")                                                           \
    LIE(process->tier, MPR_TIERS, "process 0: a number")                                           \
    LIE(process->engine, 9, "process 0: a number")                                                 \
    LIE(process->container, -1, "process 0: a number")                                             \
    LIE(process->begin, MPR_BEGINS, "process 0: a number")                                         \
    LIE(process->end, MPR_ENDS, "process 0: a number")                                             \
    LIE(process->parent, 0, "process 0: its parent")                                               \
    LIE(process->command[0][0], '\x80', "process 0: its text")                                     \
    LIE(process->python[0], '\x80', "process 0: its text")                                         \
    LIE(process->peak_function, 1, "process 0: where its RSS")                                     \
    LIE(process->peak_line, 0, "process 0: where its RSS")                                         \
    LIE(process->open[0].function, 1, "open row 0")                                                \
    LIE(process->open[0].function, MPR_NONE, "open row 0")                                         \
    LIE(process->timeline.bucket[3].max_function, 0, "sample 3: the row")                          \
    LIE(process->timeline.bucket[3].max_function, 5, "sample 3: the row")                          \
    LIE(process->timeline.bucket[3].rss_min, INT64_MAX, "sample 3: its order")                     \
    LIE(process->timeline.bucket[3].t_ns, 1, "sample 3: its order")                                \
    LIE(process->intervals.interval[1].function, 1, "interval 1: its function")                    \
    LIE(process->intervals.interval[1].function, MPR_NONE, "interval 1: its function")             \
    LIE(process->intervals.interval[1].end_ns, 9999999, "interval 1: its end")                     \
    LIE(process->intervals.interval[1].end_ns, UINT64_MAX, "interval 1: its order")                \
    LIE(process->intervals.interval[1].begin_ns, 9999999, "interval 1: its order")                 \
    LIE(process->heap.at.function, 1, "process 0: where its heap")                                 \
    LIE(process->heap.all.freed, 1, "process 0: sums")                                             \
    LIE(process->heap.all.peak, MPR_UNKNOWN, "process 0: its heap was")                            \
    LIE(process->heap.all.allocated, MPR_UNKNOWN, "process 0: its heap was")                       \
    LIE(process->heap.python.end, MPR_UNKNOWN, "process 0: its heap was")                          \
    LIE(process->heap.python.freed, MPR_UNKNOWN, "process 0: its heap was")                        \
    LIE(process->heap.native.allocations, MPR_UNKNOWN, "process 0: its heap was")                  \
    LIE(process->heap.before, MPR_UNKNOWN, "process 0: its heap was")                              \
    LIE(process->heap.rss.slack_malloc, INT64_MAX, "process 0: how its RSS")                       \
    LIE(process->heap.unexplained, MPR_UNKNOWN, "process 0: how its RSS")                          \
    LIE(process->heap.holders[0].function, 1, "holder 0")                                          \
    LIE(process->heap.holders[0].function, MPR_NONE, "holder 0")                                   \
    LIE(function->source, 1, "function 0: its source")                                             \
    LIE(function->source, MPR_NONE, "function 0: its source")                                      \
    LIE(function->first_line, 5, "function 0: the order")                                          \
    LIE(function->last_line, 5, "function 0: the order")                                           \
    LIE(function->last_line, 3, "function 0: its lines")                                           \
    LIE(function->rows[2].line, 5, "function 0: the order")                                        \
    LIE(function->rows[2].source, "text", "function 0: its source")                                \
    LIE(function->rows[2].heap_delta, 1, "function 0: what a row holds")                           \
    LIE(function->rows[2].rss_delta, 1, "function 0: the sums")                                    \
    LIE(function->time_ns, 1, "function 0: the sums")                                              \
    LIE(function->heap_delta, 1, "function 0: the sums")                                           \
    LIE(function->qualname[0], '\xe2', "function 0: its text")                                     \
    LIE(profile->sources[0].start[0], 1, "source 0: its lines")                                    \
    LIE(profile->sources[0].start[5], 0, "source 0: its lines")                                    \
    LIE(profile->sources[0].start[5], profile->sources[0].start[5] + 1, "source 0: its lines")     \
    LIE(profile->sources[0].start[1], UINT32_MAX, "source 0: its lines")                           \
    LIE(profile->sources[0].text[profile->sources[0].start[5]], '\xff', "source 0: its lines")     \
    LIE(profile->places[0].kind, MPR_AT_KINDS, "place 0: a number")                                \
    LIE(profile->places[0].origin, MPR_ORIGINS, "place 0: a number")                               \
    LIE(profile->places[0].kind, MPR_AT_FOLDED, "place 0: its text")                               \
    LIE(profile->places[1].kind, MPR_AT_CODE, "place 1: its text")                                 \
    LIE(profile->places[0].function, 1, "place 0: its function")                                   \
    LIE(profile->sites[0].place, 1, "site 0: its place")                                           \
    LIE(profile->sites[0].place, 3, "site 0: its place")                                           \
    LIE(profile->sites[0].place, MPR_NONE, "site 0: its place")                                    \
    LIE(profile->sites[0].function, "load", "site 0: its place")                                   \
    LIE(profile->sites[0].domain, MPR_DOMAINS, "site 0: a number")                                 \
    LIE(profile->sites[0].allocated, MPR_UNKNOWN, "site 0: what it holds")                         \
    LIE(profile->sites[0].allocations, MPR_UNKNOWN, "site 0: what it holds")                       \
    LIE(profile->sites[0].live_at_peak, MPR_UNKNOWN, "site 0: what it holds")                      \
    LIE(profile->sites[0].live_at_end, MPR_UNKNOWN, "site 0: what it holds")                       \
    LIE(profile->nodes[1].kind, MPR_PATH_KINDS, "node 1: a number")                                \
    LIE(profile->nodes[1].domain, MPR_DOMAINS, "node 1: a number")                                 \
    LIE(profile->nodes[1].place, 3, "node 1: its place")                                           \
    LIE(profile->nodes[1].parent, 1, "node 1: its parent")                                         \
    LIE(profile->nodes[0].parent, 1, "node 0: its parent")                                         \
    LIE(profile->nodes[0].kind, MPR_PATH_SITE, "node 1: its parent")                               \
    LIE(profile->nodes[1].live_at_end, 41, "node 1: what it holds")                                \
    LIE(profile->marks[0].process, 1, "mark 0: its name")                                          \
    LIE(profile->marks[0].name[0], '\xff', "mark 0: its name")                                     \
    LIE(profile->marks[0].t_ns, 2000001, "mark 1: its order")                                      \
    LIE(profile->marks[0].heap, MPR_UNKNOWN, "mark 0: its heap")                                   \
    LIE(profile->marks[0].native, 201, "mark 0: its heap")                                         \
    LIE(profile->marks[0].held, 2, "mark 0: what was live")                                        \
    LIE(profile->marks[0].held, 1, "mark 1: what was live")                                        \
    LIE(profile->marks[1].snapshot, false, "mark 1: what was live")                                \
    LIE(profile->marks[1].held_count, 2, "mark 1: what was live")                                  \
    LIE(profile->marks[1].held_count, SIZE_MAX, "mark 1: what was live")                           \
    LIE(profile->held[0].node, 0, "mark 1: what was live")                                         \
    LIE(profile->held[0].node, 2, "mark 1: what was live")                                         \
    LIE(profile->sections[0].process, 1, "section 0: its name")                                    \
    LIE(profile->sections[0].name[0], '\xff', "section 0: its name")                               \
    LIE(profile->unmatched[0].pattern[0], '\xff', "pattern 0")                                     \
    LIE(profile->unmatched[0].nearest[0][0], '\xff', "pattern 0")

/* The field gets its value back: it may say how much there is to free. */
#define TELL(field, value, named)                                                                  \
    do {                                                                                           \
        __typeof__(field) kept = (field);                                                          \
        (field) = (__typeof__(field))(value);                                                      \
        err.message[0] = '\0';                                                                     \
        int status = mpr_profile_check(profile, &err);                                             \
        (field) = kept;                                                                            \
        if (status != MPR_ERR_CORRUPT || !strstr(err.message, named))                              \
            fail_msg("%s = %s: %d, '%s'", #field, #value, status, err.message);                    \
        assert_int_equal(mpr_profile_check(profile, NULL), 0);                                     \
    } while (0);

static void test_check_finds_what_is_wrong(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    struct mpr_profile *profile = made_whole();
    struct mpr_profile_process *process = &profile->process[0];
    struct mpr_profile_function *function = &profile->functions[0];
    LIES(TELL)
    mpr_profile_free(profile);
}

/* So many functions of one line, whose text is that long. */
static int check_shared(size_t functions, size_t length)
{
    char *text = made_array(NULL, length + 1, 1);
    const char *const first[] = {text, NULL}, *const more[] = {"x", NULL};
    struct mpr_profile *profile = made_profile();
    profile->process[0].peak_function = profile->process[0].heap.at.function = MPR_NONE;
    memset(text, 'x', length);
    text[length] = '\0';
    for (size_t i = 0; i < functions; i++) {
        struct mpr_profile_function *function =
            made_function(profile, "/a.py", "<lambda>", 1, i ? more : first);
        function->source = 0;
    }
    for (size_t i = 0; i < functions; i++)
        profile->functions[i].rows[0].source = mpr_profile_line(&profile->sources[0], 1);
    int status = mpr_profile_check(profile, NULL);
    mpr_profile_free(profile);
    free(text);
    return status;
}

static void test_check_counts_what_is_borrowed(void **state)
{
    (void)state;
    assert_int_equal(check_shared(64, 100000), 0);
    assert_int_equal(check_shared(200, 2000), 0);
    assert_int_equal(check_shared(400, 100000), MPR_ERR_CORRUPT);
}

/* Sums that may have been cut off say nothing. */
static void test_check_leaves_what_overflowed(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_whole();
    profile->functions[0].rows[2].rss_delta = INT64_MAX;
    profile->functions[0].rss_delta = 5;
    profile->nodes[1].allocated = INT64_MIN + 1;
    assert_int_equal(mpr_profile_check(profile, NULL), 0);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_takes_what_is_whole),
        cmocka_unit_test(test_check_finds_what_is_wrong),
        cmocka_unit_test(test_check_counts_what_is_borrowed),
        cmocka_unit_test(test_check_leaves_what_overflowed),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
