/* SPDX-License-Identifier: MIT */
/* Own memory from one session to the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "mprun/probe.h"
#include "mprun/recording_reader.h"

#define PIECE ((size_t)4096)
#define PIECES 100

static void open_session(void)
{
    int fd;
    assert_int_equal(mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL), 0);
    assert_int_equal(mpr_probe_attach(fd, NULL), 0);
    close(fd);
}

static void take(unsigned use, char **ret_piece)
{
    for (size_t i = 0; i < PIECES; i++) {
        ret_piece[i] = mpr_probe_alloc_for(use, PIECE);
        assert_non_null(ret_piece[i]);
        for (size_t at = 0; at < PIECE; at++)
            assert_int_equal(ret_piece[i][at], 0);
        ret_piece[i][0] = 1;
    }
}

static bool is_among(const char *piece, char *const *pieces)
{
    for (size_t i = 0; i < PIECES; i++)
        if (piece < pieces[i] + PIECE && pieces[i] < piece + PIECE)
            return true;
    return false;
}

static void test_memory_keeps_its_use(void **state)
{
    (void)state;
    char *first[MPR_MEMORY_USES][PIECES], *later[PIECES];
    open_session();
    for (unsigned use = 0; use < MPR_MEMORY_USES; use++)
        take(use, first[use]);
    mpr_probe_detach();
    open_session();
    for (unsigned use = MPR_MEMORY_USES; use-- > 0;) {
        take(use, later);
        for (size_t i = 0; i < PIECES; i++)
            for (unsigned other = 0; other < MPR_MEMORY_USES; other++)
                assert_int_equal(is_among(later[i], first[other]), other == use);
    }
    mpr_probe_detach();
}

static int64_t own(void)
{
    return mpr_probe->header->rss.own;
}

static void test_memory_kept_is_in_every_session(void **state)
{
    (void)state;
    open_session();
    int64_t before = own();
    char *kept = mpr_probe_keep(2 * PIECE);
    assert_non_null(kept);
    for (size_t at = 0; at < 2 * PIECE; at++)
        assert_int_equal(kept[at], 0);
    memset(kept, 1, 2 * PIECE);
    assert_true(own() >= before + (int64_t)(2 * PIECE));
    mpr_probe_detach();
    assert_int_equal(kept[2 * PIECE - 1], 1);
    open_session();
    assert_true(own() >= before + (int64_t)(2 * PIECE));
    assert_ptr_not_equal(mpr_probe_keep(2 * PIECE), kept);
    mpr_probe_detach();
}

/* A thread that had memory kept goes on when the next session is open, and has counted it. */
static void test_memory_that_is_kept_is_counted_once(void **state)
{
    (void)state;
    open_session();
    mpr_kept_count();
    int64_t before = own();
    assert_non_null(mpr_kept_alloc(PIECE + 1));
    assert_int_equal(own(), before);
    mpr_kept_count();
    mpr_kept_count();
    int64_t with = own();
    assert_int_equal(with, before + 2 * (int64_t)PIECE);
    assert_non_null(mpr_kept_alloc(PIECE + 1));
    mpr_probe_detach();
    mpr_kept_count();
    open_session();
    int64_t later = own();
    mpr_kept_count();
    assert_int_equal(own(), later);
    mpr_probe_detach();
    open_session();
    assert_int_equal(own(), later);
    mpr_probe_detach();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_keeps_its_use),
        cmocka_unit_test(test_memory_kept_is_in_every_session),
        cmocka_unit_test(test_memory_that_is_kept_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
