/* SPDX-License-Identifier: MIT */
/* The target's side of the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "both_ends.h"

static void test_writer_needs_no_descriptor_to_grow(void **state)
{
    (void)state;
    struct mpr_rec_writer *writer;
    struct mpr_rec_reader *reader;
    int last, fd = make_recording();
    int kept = dup(fd);
    assert_int_equal(mpr_rec_attach(fd, &writer, NULL), 0);
    close(fd);
    for (int i = 0; i < 2000; i++)
        assert_non_null(add_function(writer, 40));
    assert_non_null(add_function(writer, 60000)); /* larger than a window */
    assert_int_equal(mpr_rec_writer_header(writer)->counts.dropped, 0);
    assert_true(mpr_rec_writer_header(writer)->rss.own > 3 << 20);
    assert_int_equal(mpr_rec_open(kept, &reader, NULL), 0);
    assert_int_equal(count_records(reader, MPR_KIND_FUNCTION, &last), 2001);
    assert_int_equal(last, 0);
    mpr_rec_close(reader);
    close(kept);
}

static void test_writer_holds_a_large_program(void **state)
{
    (void)state;
    struct mpr_rec_writer *writer;
    int fd = make_recording();
    assert_int_equal(mpr_rec_attach(fd, &writer, NULL), 0);
    for (int i = 0; i < 50000; i++)
        assert_non_null(add_function(writer, 20));
    assert_int_equal(mpr_rec_writer_header(writer)->counts.dropped, 0);
    close(fd);
}

static int find(int fd)
{
    char number[16];
    snprintf(number, sizeof number, "%d", fd);
    return mpr_rec_find(number);
}

static void test_writer_is_found_by_its_number_only_if_it_is_one(void **state)
{
    (void)state;
    static const char *const numbers[] = {"", "x", "-1", "3x", "99999", "4294967299", "1e1"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_int_equal(mpr_rec_find(numbers[i]), -1);
    int fd = make_recording();
    assert_int_equal(find(fd), fd);
    uint64_t magic = MPR_REC_MAGIC;
    int other = memfd_create("mprun-recording", MFD_ALLOW_SEALING);
    assert_int_equal(write(other, &magic, sizeof magic), sizeof magic);
    assert_int_equal(find(other), -1); /* not sealed */
    assert_int_equal(fcntl(other, F_ADD_SEALS, MPR_REC_SEALS), 0);
    assert_int_equal(find(other), other);
    assert_int_equal(pwrite(other, "mine", 4, 0), 4);
    assert_int_equal(find(other), -1); /* something else begins there */
    close(other);
    assert_int_equal(find(other), -1);
    close(fd);
}

static void test_writer_full_counts_dropped(void **state)
{
    (void)state;
    struct mpr_rec_writer *writer;
    struct mpr_rec_reader *reader;
    int last, fd = make_recording();
    size_t added = 0;
    assert_int_equal(mpr_rec_attach(fd, &writer, NULL), 0);
    while (add_function(writer, 400000) != NULL)
        added++;
    assert_true(added > 5);
    assert_int_equal(mpr_rec_writer_header(writer)->counts.dropped, 1);
    assert_int_equal(mpr_rec_open(fd, &reader, NULL), 0);
    assert_int_equal(count_records(reader, MPR_KIND_FUNCTION, &last), added);
    assert_int_equal(last, 0);
    mpr_rec_close(reader);
    close(fd);
}

static void test_writer_refuses_other_files(void **state)
{
    struct mpr_rec_writer *writer;
    struct mpr_error err;
    (void)state;
    int fd = memfd_create("other", MFD_CLOEXEC);
    assert_int_equal(mpr_rec_attach(fd, &writer, &err), MPR_ERR_CORRUPT);
    assert_int_equal(ftruncate(fd, (off_t)MPR_REC_SIZE), 0);
    assert_int_equal(mpr_rec_attach(fd, &writer, &err), MPR_ERR_CORRUPT);
    close(fd);
    assert_int_equal(mpr_rec_attach(-1, &writer, &err), MPR_ERR_CORRUPT);
    fd = make_recording();
    uint32_t version = MPR_REC_VERSION + 1;
    assert_int_equal(pwrite(fd, &version, 4, offsetof(struct mpr_rec_header, version)), 4);
    assert_int_equal(mpr_rec_attach(fd, &writer, &err), MPR_ERR_UNSUPPORTED);
    close(fd);
}

/* A host that cannot start says why, as much of it as there is room for. */
static void test_writer_refusal_is_a_reason(void **state)
{
    struct mpr_rec_reader *reader;
    char reason[4096];
    (void)state;
    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    int fd = make_recording();
    assert_int_equal(mpr_rec_open(fd, &reader, NULL), 0);
    const struct mpr_rec_header *header = mpr_rec_header(reader);
    mpr_rec_refuse(fd, "no room");
    assert_int_equal(header->state, MPR_REC_REFUSED);
    assert_string_equal(header->host.refusal, "no room");
    mpr_rec_refuse(fd, reason);
    assert_int_equal(strnlen(header->host.refusal, sizeof header->host.refusal),
        sizeof header->host.refusal - 1);
    mpr_rec_close(reader);
    close(fd);
}

/* 0: what was written where the recording was is the child's own. */
static int write_in_a_child(struct mpr_rec_writer *writer, rlim_t address_space)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit core = {0, 0}, space = {address_space, address_space};
        setrlimit(RLIMIT_CORE, &core);
        setrlimit(RLIMIT_AS, &space);
        struct mpr_rec_header *header = mpr_rec_writer_header(writer);
        mpr_rec_leave(writer);
        volatile uint64_t *dropped = &header->counts.dropped;
        signal(SIGSEGV, SIG_DFL);
        bool empty = *dropped == 0;
        *dropped = 99;
        _exit(empty && *dropped == 99 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* Not even where the kernel has no room for what is to be there instead. */
static void test_writer_of_a_child_writes_nothing(void **state)
{
    (void)state;
    struct mpr_rec_writer *writer;
    int fd = make_recording();
    assert_int_equal(mpr_rec_attach(fd, &writer, NULL), 0);
    mpr_rec_writer_header(writer)->counts.dropped = 5;
    assert_int_equal(write_in_a_child(writer, RLIM_INFINITY), 0);
    assert_int_equal(mpr_rec_writer_header(writer)->counts.dropped, 5);
#ifdef __SANITIZE_ADDRESS__
    print_message("left out: the address sanitizer has its own idea of address space\n");
#else
    assert_true(WIFSIGNALED(write_in_a_child(writer, 1 << 20)));
    assert_int_equal(mpr_rec_writer_header(writer)->counts.dropped, 5);
#endif
    mpr_rec_detach(writer);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writer_needs_no_descriptor_to_grow),
        cmocka_unit_test(test_writer_holds_a_large_program),
        cmocka_unit_test(test_writer_is_found_by_its_number_only_if_it_is_one),
        cmocka_unit_test(test_writer_full_counts_dropped),
        cmocka_unit_test(test_writer_refuses_other_files),
        cmocka_unit_test(test_writer_refusal_is_a_reason),
        cmocka_unit_test(test_writer_of_a_child_writes_nothing),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
