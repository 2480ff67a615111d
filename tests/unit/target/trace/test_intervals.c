/* SPDX-License-Identifier: MIT */
/* The longest stretches stay: against a plain search, where all are as long, and where the target
 * is killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "activation.h"
#include "attached.h"
#include "intervals.h"
#include "slots.h"
#include "tables.h"

#define MOST MPR_REC_INTERVALS_MAX

/* What a recording keeps, as a reader finds it. */
struct found {
    struct mpr_rec_interval interval[MOST];
    size_t count;
    uint64_t least, left_out;
};

static struct found found;

static void find(int fd)
{
    struct mpr_rec_reader *reader = NULL;
    const struct mpr_rec_intervals *piece[MOST / MPR_REC_INTERVALS_EACH];
    const struct mpr_rec_head *head;
    uint64_t cursor = 0, pieces = 0;
    assert_int_equal(mpr_rec_open(fd, &reader, NULL), 0);
    while (mpr_rec_next(reader, &cursor, &head, NULL) == 1)
        if (head->kind == MPR_KIND_INTERVALS)
            piece[pieces++] = (const void *)head;
    const struct mpr_rec_kept *kept = &mpr_rec_header(reader)->kept;
    uint64_t to = kept->window & UINT32_MAX, from = kept->window >> 32;
    found.count = 0;
    found.least = kept->least;
    found.left_out = kept->left_out;
    for (uint64_t i = 0; i < pieces * MPR_REC_INTERVALS_EACH; i++)
        if (i < to || i >= from)
            found.interval[found.count++] =
                piece[i / MPR_REC_INTERVALS_EACH]->interval[i % MPR_REC_INTERVALS_EACH];
    mpr_rec_close(reader);
}

static void add(uint64_t number, uint64_t length)
{
    const struct mpr_rec_activation slot = {.entered = number, .thread = 1};
    if (length < mpr_probe->trace.least_interval)
        mpr_probe->header->kept.left_out++;
    else
        mpr_interval_add(&slot, (struct mpr_sample){.ticks = (int64_t)(number + length)});
}

/* A recording of its own, kept open to be read. */
static int attach(void)
{
    int fd;
    assert_int_equal(mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL), 0);
    assert_int_equal(mpr_probe_attach(fd, NULL), 0);
    return fd;
}

static void detach(int fd)
{
    mpr_intervals_stop();
    mpr_probe_detach();
    close(fd);
}

static void test_intervals_all_where_there_is_room(void **state)
{
    (void)state;
    int fd = attach();
    for (uint64_t i = 1; i <= MOST; i++)
        add(i, MOST - i);
    find(fd);
    assert_int_equal(found.count, MOST);
    assert_int_equal(found.left_out, 0);
    for (uint64_t i = 1; i <= MOST; i++)
        assert_int_equal(found.interval[i - 1].begin, i);
    detach(fd);
}

static uint64_t lengths[10 * MOST];

static uint64_t length_of(uint32_t random, unsigned kind, uint64_t number)
{
    switch (kind) {
    case 0:
        return random; /* any */
    case 1:
        return random % 7; /* many are as long */
    case 2:
        return number; /* ever longer */
    case 3:
        return 10 * MOST - number;
    default:
        return (uint64_t)random << (random % 32);
    }
}

/* All longer than `least` are there, none that is shorter, and each once. */
static void test_intervals_the_longest_stay(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (unsigned kind = 0; kind < 5; kind++) {
        int fd = attach();
        for (uint64_t i = 0; i < 10 * MOST; i++) {
            random = random * 1664525 + 1013904223;
            lengths[i] = length_of(random, kind, i);
            add(i, lengths[i]);
        }
        find(fd);
        size_t longer = 0, there = 0;
        for (uint64_t i = 0; i < 10 * MOST; i++)
            longer += lengths[i] > found.least;
        for (size_t i = 0; i < found.count; i++) {
            const struct mpr_rec_interval *interval = &found.interval[i];
            assert_true(interval->begin < 10 * MOST);
            assert_int_equal(interval->end - interval->begin, lengths[interval->begin]);
            assert_true(i == 0 || interval->begin > interval[-1].begin);
            assert_true(lengths[interval->begin] >= found.least);
            there += lengths[interval->begin] > found.least;
        }
        assert_int_equal(there, longer);
        assert_true(found.count >= MOST / 2);
        assert_int_equal(found.count + found.left_out, 10 * MOST);
        detach(fd);
    }
}

/* A loop whose calls are all as long keeps some of them. */
static void test_intervals_as_long_as_each_other(void **state)
{
    (void)state;
    int fd = attach();
    for (uint64_t i = 0; i < 3 * MOST; i++)
        add(i, 1000);
    add(3 * MOST, UINT64_MAX - 3 * MOST);
    find(fd);
    assert_int_equal(found.count, MOST / 2 + 1);
    assert_int_equal(found.interval[0].begin, 0);
    assert_int_equal(found.interval[MOST / 2].begin, 3 * MOST);
    assert_int_equal(found.least, 1000);
    detach(fd);
}

static void test_intervals_that_go_back_in_time_last_nothing(void **state)
{
    (void)state;
    int fd = attach();
    add(5, (uint64_t)-3);
    find(fd);
    assert_int_equal(found.count, 1);
    detach(fd);
}

/* Nearly all of the time it moves them. */
static void add_ever_longer(int fd)
{
    if (mpr_probe_attach(fd, NULL) < 0)
        _exit(1);
    for (uint64_t i = 1;; i++)
        add(i, i);
}

static void assert_none_is_lost(void)
{
    static uint8_t seen[1 << 24];
    uint64_t last = found.least;
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < found.count; i++) {
        uint64_t number = found.interval[i].begin;
        if (number == 0)
            continue; /* zeros behind the last one, before the first word was written */
        assert_true(number < sizeof seen && found.interval[i].end == 2 * number);
        assert_int_equal(seen[number]++, 0);
        last = number > last ? number : last;
    }
    for (uint64_t i = found.least + 1; i <= last; i++)
        assert_int_equal(seen[i], 1);
}

static void test_intervals_survive_a_kill(void **state)
{
    (void)state;
    for (long i = 0; i < 150; i++) {
        int fd;
        const struct timespec wait = {.tv_nsec = 100000 + i * 20011};
        assert_int_equal(mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL), 0);
        pid_t child = fork();
        if (child == 0)
            add_ever_longer(fd);
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        find(fd);
        assert_none_is_lost();
        close(fd);
    }
}

/* --- of activations --- */

static struct mpr_stack stack;
static struct mpr_thread thread = {.tid = 7, .heap.guard = MPR_GUARD_NEW, .stack = &stack};

static struct mpr_sample at(int64_t ticks)
{
    return (struct mpr_sample){(1000 + ticks) * 1024, ticks};
}

static void assert_found(
    size_t index, const struct mpr_function_rows *table, uint64_t begin, uint64_t end)
{
    const struct mpr_rec_interval *interval = &found.interval[index];
    assert_int_equal(interval->begin, begin);
    assert_int_equal(interval->end, end);
    assert_int_equal(interval->rss_begin, 1000 + begin);
    assert_int_equal(interval->rss_end, 1000 + end);
    assert_int_equal(interval->function * 8, table->offset);
    assert_int_equal(interval->thread, 7);
}

/* From the first row to the last; a comprehension is part of the call around it. */
static void test_intervals_of_calls(void **state)
{
    struct mpr_key key = {
        .file = "a.py", .qualname = "f", .module = "__main__", .first_line = 1, .last_line = 20};
    (void)state;
    int fd = attach();
    struct mpr_function_rows *f = mpr_function_rows_add(&key, 0);
    struct mpr_activation *act = mpr_activation_start(f, 0x100, true, &thread);
    mpr_activation_line(act, &thread, 2, at(10));
    struct mpr_activation *part = mpr_activation_start(f, 0x110, false, &thread);
    mpr_activation_line(part, &thread, 3, at(11));
    mpr_activation_end(part, &thread, at(12));
    mpr_activation_line(act, &thread, 99, at(15));
    mpr_activation_line(act, &thread, 4, at(16));
    mpr_activation_suspend(act, &thread, at(20));
    mpr_activation_resume(act, &thread, at(30));
    mpr_activation_end(act, &thread, at(35));
    act = mpr_activation_start(f, 0x100, true, &thread);
    mpr_activation_end(act, &thread, at(40)); /* without a line */
    act = mpr_activation_start(f, 0x100, true, &thread);
    mpr_activation_line(act, &thread, 2, at(50));
    assert_int_equal(act->slot->entered, 50);
    mpr_activation_drop(act, &thread); /* nobody has seen when */
    find(fd);
    assert_int_equal(found.count, 2);
    assert_found(0, f, 10, 20);
    assert_found(1, f, 30, 35);
    key.last_line = 5000;
    assert_true(mpr_function_rows_extend(f, &key));
    find(fd);
    assert_found(1, f, 30, 35);
    mpr_slots_stop();
    mpr_function_rows_stop();
    detach(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals_all_where_there_is_room),
        cmocka_unit_test(test_intervals_the_longest_stay),
        cmocka_unit_test(test_intervals_as_long_as_each_other),
        cmocka_unit_test(test_intervals_that_go_back_in_time_last_nothing),
        cmocka_unit_test(test_intervals_survive_a_kill),
        cmocka_unit_test(test_intervals_of_calls),
    };
    return cmocka_run_group_tests_name("intervals", tests, NULL, NULL);
}
