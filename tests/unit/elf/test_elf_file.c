/* SPDX-License-Identifier: MIT */
/* One ELF file: what is refused, and what of it is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "elf_file.h"
#include "made_elf.h"

/* Of a fixture, open. */
static struct mpr_elf_file opened(const struct fixture *fixture)
{
    struct mpr_elf_file file;
    struct mpr_error err = {""};
    write_fixture("bin/file", fixture);
    if (mpr_elf_open("bin/file", &file, &err) != 0)
        fail_msg("%s", err.message);
    return file;
}

static void test_elf_file_refuses_what_is_no_program(void **state)
{
    (void)state;
    struct mpr_elf_file file;
    struct mpr_error err;
    write_file("bin/text", "not a program\n", 0700);
    assert_int_equal(mpr_elf_open("bin/text", &file, &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "bin/text"));
    write_file("bin/empty", "", 0700);
    assert_int_equal(mpr_elf_open("bin/empty", &file, &err), MPR_ERR_INVALID);
    assert_int_equal(mpr_elf_open("bin/none", &file, &err), MPR_ERR_IO);
    assert_int_equal(mpr_elf_open("bin", &file, &err), MPR_ERR_INVALID);
    struct fixture arm = {.loader = GLIBC_LOADER, .machine = EM_AARCH64};
    write_fixture("bin/arm", &arm);
    assert_int_equal(mpr_elf_open("bin/arm", &file, &err), MPR_ERR_UNSUPPORTED);
}

static void test_elf_file_closes_twice(void **state)
{
    (void)state;
    struct mpr_elf_file file = opened(&(struct fixture){.loader = GLIBC_LOADER});
    mpr_elf_close(&file);
    mpr_elf_close(&file);
    assert_int_equal(file.fd, -1);
}

static void test_elf_file_loader_is_cut_to_its_room(void **state)
{
    char loader[64], little[8];
    (void)state;
    struct mpr_elf_file file = opened(&(struct fixture){.loader = GLIBC_LOADER});
    assert_true(mpr_elf_loader(&file, loader, sizeof loader));
    assert_string_equal(loader, GLIBC_LOADER);
    assert_true(mpr_elf_loader(&file, little, sizeof little));
    assert_string_equal(little, "/lib64/");
    mpr_elf_close(&file);
    file = opened(&(struct fixture){.symbol = "x"});
    assert_false(mpr_elf_loader(&file, loader, sizeof loader));
    mpr_elf_close(&file);
}

static void test_elf_file_words_lie_in_the_file(void **state)
{
    uint64_t address = 0;
    uint32_t word = 1;
    (void)state;
    struct mpr_elf_file file = opened(&(struct fixture){.symbol = "Py_Version", .word = VERSION});
    assert_false(mpr_elf_symbol(&file, "Py_Versio", &address));
    assert_false(mpr_elf_symbol(&file, "", &address));
    assert_true(mpr_elf_symbol(&file, "Py_Version", &address));
    assert_true(mpr_elf_word(&file, address, &word));
    assert_int_equal(word, VERSION);
    word = 1;
    assert_false(mpr_elf_word(&file, FILE_SIZE - 2, &word)); /* its last bytes are missing */
    assert_false(mpr_elf_word(&file, FILE_SIZE, &word));
    assert_false(mpr_elf_word(&file, UINT64_MAX, &word));
    assert_int_equal(word, 1);
    mpr_elf_close(&file);
    file = opened(&(struct fixture){.symbol = "Py_Version", .in_bss = true});
    assert_true(mpr_elf_symbol(&file, "Py_Version", &address));
    assert_false(mpr_elf_word(&file, address, &word));
    mpr_elf_close(&file);
}

static void test_elf_file_tells_what_it_needs(void **state)
{
    struct mpr_elf_dynamic dynamic;
    (void)state;
    struct mpr_elf_file file = opened(&(struct fixture){
        .needed = "libpython3.11.so.1.0", .runpath = "$ORIGIN/../lib", .rpath = "/old"});
    mpr_elf_dynamic(&file, &dynamic);
    assert_string_equal(dynamic.python_library[0], "libpython3.11.so.1.0");
    assert_null(dynamic.python_library[1]);
    assert_string_equal(dynamic.runpath, "$ORIGIN/../lib");
    assert_string_equal(dynamic.rpath, "/old");
    assert_false(dynamic.is_pypy || dynamic.asan);
    mpr_elf_close(&file);
    file = opened(&(struct fixture){.needed = "libpypy3.9-c.so"});
    mpr_elf_dynamic(&file, &dynamic);
    assert_true(dynamic.is_pypy && !dynamic.python_library[0] && !dynamic.runpath);
    mpr_elf_close(&file);
    file = opened(&(struct fixture){.needed = "libasan.so.8"});
    mpr_elf_dynamic(&file, &dynamic);
    assert_string_equal(dynamic.asan, "libasan.so.8");
    mpr_elf_close(&file);
    file = opened(&(struct fixture){.needed = "libubsan.so.1"});
    mpr_elf_dynamic(&file, &dynamic);
    assert_null(dynamic.asan);
    mpr_elf_close(&file);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter_prefix, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_elf_file_refuses_what_is_no_program),
        CASE(test_elf_file_closes_twice),
        CASE(test_elf_file_loader_is_cut_to_its_room),
        CASE(test_elf_file_words_lie_in_the_file),
        CASE(test_elf_file_tells_what_it_needs),
    };
    return cmocka_run_group_tests_name("elf_file", tests, NULL, NULL);
}
