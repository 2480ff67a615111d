/* SPDX-License-Identifier: MIT */
/* The supervisor's side: beside a writer, and on regions that are cut short or overwritten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "both_ends.h"
#include "opened_memory.h"

static void test_reader_sees_what_is_published(void **state)
{
    (void)state;
    struct mpr_rec_writer *writer;
    struct mpr_rec_reader *reader;
    int fd = open_both(&writer, &reader);
    assert_non_null(mpr_rec_append(writer, MPR_KIND_THREAD, sizeof(struct mpr_rec_thread)));
    assert_int_equal(count_records(reader, MPR_KIND_THREAD, NULL), 0);
    mpr_rec_publish(writer);
    assert_int_equal(count_records(reader, MPR_KIND_THREAD, NULL), 1);
    struct mpr_rec_function *fn = add_function(writer, 3);
    ((struct mpr_rec_row *)(void *)((char *)fn + fn->rows))[2].hits = 7;
    const struct mpr_rec_function *seen = function_at(reader, mpr_rec_last_offset(writer));
    assert_non_null(seen);
    assert_int_equal(mpr_rec_rows(seen)[2].hits, 7);
    assert_string_equal(mpr_rec_text(&seen->head, seen->id.file), "f");
    mpr_rec_close(reader);
    close(fd);
}

/* A child of the target's may go on writing. */
static void test_reader_read_from_a_copy_in_the_end(void **state)
{
    (void)state;
    struct mpr_rec_writer *writer;
    struct mpr_rec_reader *reader;
    int fd = open_both(&writer, &reader);
    struct mpr_rec_function *fn = add_function(writer, 60000); /* most of it is a hole */
    struct mpr_rec_row *rows = (void *)((char *)fn + fn->rows);
    uint64_t offset = mpr_rec_last_offset(writer);
    rows[0].hits = 7;
    rows[59999].hits = 8;
    mpr_rec_settle(reader, fd);
    rows[0].hits = 9;
    fn->rows = UINT32_MAX - 7;
    mpr_rec_writer_header(writer)->log_used = UINT64_MAX;
    const struct mpr_rec_function *seen = function_at(reader, offset);
    assert_non_null(seen);
    assert_int_equal(mpr_rec_rows(seen)[0].hits, 7);
    assert_int_equal(mpr_rec_rows(seen)[30000].hits, 0);
    assert_int_equal(mpr_rec_rows(seen)[59999].hits, 8);
    assert_int_equal(count_records(reader, MPR_KIND_FUNCTION, NULL), 1);
    mpr_rec_close(reader);
    close(fd);
}

/* As fast as it can: functions of 1 to 40 rows, complete before they are published; then a counter
 * that goes on changing. */
static void append_at_full_speed(struct mpr_rec_writer *writer, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lines = 1 + i % 40;
        size_t rows = lines * sizeof(struct mpr_rec_row);
        struct mpr_rec_function *fn =
            mpr_rec_append(writer, MPR_KIND_FUNCTION, sizeof *fn + rows + 8);
        if (!fn)
            _exit(1);
        struct mpr_rec_row *row = (void *)((char *)fn + sizeof *fn);
        fn->id.first_line = i;
        fn->id.last_line = i + lines - 1;
        fn->row_count = lines;
        fn->rows = sizeof *fn;
        fn->id.file = (uint32_t)(sizeof *fn + rows);
        memcpy((char *)fn + fn->id.file, "f", 2);
        for (uint32_t k = 0; k < lines; k++)
            row[k].hits = i;
        mpr_rec_publish(writer);
        row[lines - 1].hits++;
    }
}

/* The next function must be number `serial`, whole. */
static void check_function(const struct mpr_rec_head *record, uint32_t serial)
{
    const struct mpr_rec_function *fn = (const void *)record;
    assert_int_equal(fn->id.first_line, serial);
    assert_int_equal(fn->row_count, 1 + serial % 40);
    assert_int_equal(fn->id.last_line, serial + fn->row_count - 1);
    assert_string_equal(mpr_rec_text(record, fn->id.file), "f");
    const struct mpr_rec_row *rows = mpr_rec_rows(fn);
    for (uint32_t k = 0; k + 1 < fn->row_count; k++)
        assert_int_equal(rows[k].hits, serial);
    assert_in_range(rows[fn->row_count - 1].hits, serial, serial + 1);
}

static uint32_t check_all(const struct mpr_rec_reader *reader)
{
    const struct mpr_rec_head *record;
    struct mpr_error err = {""};
    uint64_t cursor = 0;
    uint32_t functions = 0;
    int status;
    while ((status = mpr_rec_next(reader, &cursor, &record, &err)) == 1)
        if (record->kind == MPR_KIND_FUNCTION)
            check_function(record, functions++);
    if (status < 0)
        fail_msg("after %u functions: %s", functions, err.message);
    return functions;
}

static void test_reader_beside_a_fast_writer(void **state)
{
    (void)state;
    const uint32_t count = 60000;
    struct mpr_rec_writer *writer;
    struct mpr_rec_reader *reader;
    uint32_t seen = 0, passes_beside = 0;
    int status, fd = make_recording();
    assert_int_equal(mpr_rec_open(fd, &reader, NULL), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (mpr_rec_attach(fd, &writer, NULL) < 0)
            _exit(2);
        append_at_full_speed(writer, count);
        _exit(0);
    }
    while (waitpid(child, &status, WNOHANG) == 0) {
        uint32_t found = check_all(reader);
        assert_true(found >= seen);
        passes_beside += found > seen && found < count;
        seen = found;
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(passes_beside > 0);
    assert_int_equal(check_all(reader), count);
    mpr_rec_close(reader);
    close(fd);
}

struct stretched {
    struct mpr_rec_function fn;
    struct mpr_rec_row row[6];
    struct mpr_rec_stretch stretch[3];
    uint32_t reserved;
};

/* Is a record taken whose rows belong to these lines from 10 to 99? */
static bool takes(const struct mpr_rec_stretch *stretch, uint32_t count, uint32_t rows)
{
    struct mpr_rec_writer *writer;
    struct mpr_rec_reader *reader;
    int fd = open_both(&writer, &reader);
    struct stretched *record = mpr_rec_append(writer, MPR_KIND_FUNCTION, sizeof *record);
    record->fn.id.first_line = 10;
    record->fn.id.last_line = 99;
    record->fn.row_count = rows;
    record->fn.rows = offsetof(struct stretched, row);
    record->fn.stretch_count = count;
    record->fn.stretches = offsetof(struct stretched, stretch);
    memcpy(record->stretch, stretch, (count < 3 ? count : 3) * sizeof *stretch);
    mpr_rec_publish(writer);
    const struct mpr_rec_function *seen = function_at(reader, mpr_rec_last_offset(writer));
    if (seen) {
        assert_int_equal(mpr_rec_row_of(seen, 9), UINT32_MAX);
        assert_true(mpr_rec_row_of(seen, 10) == 0 && mpr_rec_row_of(seen, 99) == rows - 1);
    }
    mpr_rec_close(reader);
    close(fd);
    return seen != NULL;
}

static void test_reader_checks_stretches(void **state)
{
    static const struct mpr_rec_stretch right[] = {{10, 2, 0}, {50, 3, 2}, {99, 1, 5}};
    static const struct {
        uint32_t at, field, value;
    } wrong[] = {{0, 0, 9}, {0, 0, 11}, {0, 1, 0}, {0, 1, 41}, {0, 2, 1}, {1, 0, 11}, {1, 0, 9},
        {1, 0, 97}, {1, 0, 0}, {1, 1, 0}, {1, 1, 4}, {1, 1, UINT32_MAX}, {1, 2, 1}, {1, 2, 3},
        {2, 0, 52}, {2, 0, 100}, {2, 0, UINT32_MAX}, {2, 1, 2}, {2, 1, 0}, {2, 1, UINT32_MAX},
        {2, 2, UINT32_MAX}};
    (void)state;
    assert_true(takes(right, 3, 6));
    assert_false(takes(right, 3, 5));
    assert_false(takes(right, 3, 7));
    assert_false(takes(right, 2, 6));
    assert_false(takes(right, 4, 6));
    assert_false(takes(right, UINT32_MAX, 6));
    assert_false(takes(right, 0, 6));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mpr_rec_stretch stretch[3];
        memcpy(stretch, right, sizeof stretch);
        ((uint32_t *)(void *)&stretch[wrong[i].at])[wrong[i].field] = wrong[i].value;
        assert_false(takes(stretch, 3, 6));
    }
}

/* A region of a few records in memory, for damage. */
static char *small_region(size_t *ret_size)
{
    struct mpr_rec_writer *writer;
    int fd = make_recording();
    assert_int_equal(mpr_rec_attach(fd, &writer, NULL), 0);
    add_function(writer, 4);
    assert_non_null(mpr_rec_append(writer, MPR_KIND_THREAD, sizeof(struct mpr_rec_thread)));
    mpr_rec_publish(writer);
    struct mpr_rec_slots *slots =
        mpr_rec_append(writer, MPR_KIND_SLOTS, sizeof *slots + 2 * sizeof slots->slot[0]);
    slots->count = 2;
    mpr_rec_publish(writer);
    struct mpr_rec_source *source =
        mpr_rec_append(writer, MPR_KIND_SOURCE, sizeof *source + sizeof "f" + 11);
    source->file = sizeof *source;
    source->text = source->file + sizeof "f";
    source->text_size = 11;
    memcpy((char *)source + source->file, "f\0def f(): 1\n", 13);
    mpr_rec_publish(writer);
    *ret_size = (size_t)mpr_rec_writer_header(writer)->log_used;
    char *copy = malloc(*ret_size);
    assert_non_null(copy);
    memcpy(copy, mpr_rec_writer_header(writer), *ret_size);
    close(fd);
    return copy;
}

static void walk(const char *bytes, size_t size)
{
    struct mpr_rec_reader *reader;
    const struct mpr_rec_head *record;
    uint64_t cursor = 0;
    if (open_memory(bytes, size, &reader, NULL) < 0)
        return;
    while (mpr_rec_next(reader, &cursor, &record, NULL) == 1) {
        if (record->kind == MPR_KIND_FUNCTION) {
            const struct mpr_rec_function *fn = (const void *)record;
            uint64_t sum = 0;
            for (uint32_t i = 0; i < fn->row_count; i++)
                sum += mpr_rec_rows(fn)[i].hits;
            (void)(sum + strlen(mpr_rec_text(record, fn->id.file)));
        }
        if (record->kind == MPR_KIND_SOURCE) {
            const struct mpr_rec_source *source = (const void *)record;
            size_t sum = strlen(mpr_rec_text(record, source->file));
            for (uint32_t i = 0; i < source->text_size; i++)
                sum += (size_t)((const char *)source)[source->text + i];
            (void)sum;
        }
        (void)mpr_rec_activation_at(reader, mpr_rec_offset(reader, record) + sizeof *record);
    }
    mpr_rec_close(reader);
}

static void test_reader_survives_truncation(void **state)
{
    (void)state;
    size_t size;
    char *region = small_region(&size);
    for (size_t cut = 0; cut <= size; cut++) {
        char *copy = malloc(cut ? cut : 1); /* exact size: a sanitizer sees any overrun */
        assert_non_null(copy);
        memcpy(copy, region, cut);
        walk(copy, cut);
        free(copy);
    }
    free(region);
}

static void test_reader_survives_overwriting(void **state)
{
    (void)state;
    static const unsigned char values[] = {0x00, 0xff, 0x7f, 0x80, 0x01};
    size_t size;
    char *region = small_region(&size);
    for (size_t at = 0; at < size; at++) {
        if (at == sizeof(struct mpr_rec_header))
            at = (size_t)MPR_REC_LOG;
        char saved = region[at];
        for (size_t i = 0; i < sizeof values; i++) {
            region[at] = (char)values[i];
            walk(region, size);
        }
        region[at] = saved;
    }
    free(region);
}

static void test_reader_names_the_damage(void **state)
{
    (void)state;
    size_t size;
    struct mpr_error err;
    struct mpr_rec_reader *reader;
    const struct mpr_rec_head *record;
    uint64_t cursor = 0;
    char *region = small_region(&size);
    ((struct mpr_rec_head *)(void *)(region + MPR_REC_LOG))->size = 12;
    assert_int_equal(open_memory(region, size, &reader, &err), 0);
    assert_int_equal(mpr_rec_next(reader, &cursor, &record, &err), MPR_ERR_CORRUPT);
    assert_non_null(strstr(err.message, "offset 4096"));
    mpr_rec_close(reader);
    free(region);
}

static void test_reader_refuses_other_files(void **state)
{
    struct mpr_rec_reader *reader;
    struct mpr_error err;
    (void)state;
    int fd = memfd_create("other", MFD_CLOEXEC);
    assert_int_equal(mpr_rec_open(fd, &reader, &err), MPR_ERR_CORRUPT);
    assert_int_equal(ftruncate(fd, (off_t)MPR_REC_SIZE), 0);
    assert_int_equal(mpr_rec_open(fd, &reader, &err), MPR_ERR_CORRUPT);
    close(fd);
    assert_int_equal(mpr_rec_open(-1, &reader, &err), MPR_ERR_IO);
    fd = make_recording();
    uint32_t version = MPR_REC_VERSION + 1;
    assert_int_equal(pwrite(fd, &version, 4, offsetof(struct mpr_rec_header, version)), 4);
    assert_int_equal(mpr_rec_open(fd, &reader, &err), MPR_ERR_UNSUPPORTED);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_sees_what_is_published),
        cmocka_unit_test(test_reader_read_from_a_copy_in_the_end),
        cmocka_unit_test(test_reader_beside_a_fast_writer),
        cmocka_unit_test(test_reader_checks_stretches),
        cmocka_unit_test(test_reader_survives_truncation),
        cmocka_unit_test(test_reader_survives_overwriting),
        cmocka_unit_test(test_reader_names_the_damage),
        cmocka_unit_test(test_reader_refuses_other_files),
    };
    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
