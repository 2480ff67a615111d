/* SPDX-License-Identifier: MIT */
/* The version of a Python out of its ELF file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "made_elf.h"
#include "mprun/elf.h"

static struct mpr_elf_facts read_python(const struct fixture *fixture, const char *library_path)
{
    struct mpr_elf_facts facts;
    struct mpr_error err = {""};
    write_fixture("bin/python3", fixture);
    assert_int_equal(mpr_elf_read("bin/python3", library_path, &facts, &err), 0);
    return facts;
}

static void test_python_elf_version_in_the_executable(void **state)
{
    (void)state;
    struct fixture python = {.loader = GLIBC_LOADER, .symbol = "Py_Version", .word = VERSION};
    struct mpr_elf_facts facts = read_python(&python, NULL);
    assert_int_equal(facts.version, VERSION);
    assert_false(facts.is_static);
    assert_false(facts.is_musl);
}

static void test_python_elf_version_in_the_library_behind_runpath(void **state)
{
    (void)state;
    static const char *const runpaths[] = {
        "$ORIGIN/../lib", "${ORIGIN}/../lib", "/nowhere:$ORIGIN/../lib", "lib"};
    write_library("lib/libpython3.11.so.1.0");
    for (size_t i = 0; i < sizeof(runpaths) / sizeof(runpaths[0]); i++) {
        struct fixture python = {
            .loader = GLIBC_LOADER, .needed = "libpython3.11.so.1.0", .runpath = runpaths[i]};
        struct mpr_elf_facts facts = read_python(&python, NULL);
        assert_int_equal(facts.version, VERSION);
        assert_string_equal(facts.soname, "libpython3.11.so.1.0");
        assert_false(facts.library_lost);
    }
}

static void test_python_elf_origin_is_that_of_the_resolved_file(void **state)
{
    (void)state;
    struct mpr_elf_facts facts;
    struct fixture python = {
        .loader = GLIBC_LOADER, .needed = "libpython3.11.so.1.0", .runpath = "$ORIGIN/../lib"};
    write_library("lib/libpython3.11.so.1.0");
    write_fixture("bin/python3", &python);
    assert_int_equal(mkdir("venv", 0700), 0);
    assert_int_equal(symlink("../bin/python3", "venv/python"), 0);
    assert_int_equal(mpr_elf_read("venv/python", NULL, &facts, NULL), 0);
    assert_int_equal(facts.version, VERSION);
}

static void test_python_elf_rpath_counts_only_without_runpath(void **state)
{
    (void)state;
    struct fixture python = {.loader = GLIBC_LOADER, .needed = "libpython3.99.so", .rpath = "lib"};
    write_library("lib/libpython3.99.so");
    assert_int_equal(read_python(&python, NULL).version, VERSION);
    python.runpath = "/nowhere";
    struct mpr_elf_facts facts = read_python(&python, NULL);
    assert_int_equal(facts.version, 0);
    assert_true(facts.library_lost);
}

static void test_python_elf_library_path_stands_before_runpath(void **state)
{
    (void)state;
    struct fixture other = {.symbol = "Py_Version", .word = 0x030c01f0};
    struct fixture python = {
        .loader = GLIBC_LOADER, .needed = "libpython3.11.so.1.0", .runpath = "lib"};
    assert_int_equal(mkdir("other", 0700), 0);
    write_library("lib/libpython3.11.so.1.0");
    write_fixture("other/libpython3.11.so.1.0", &other);
    assert_int_equal(read_python(&python, NULL).version, VERSION);
    assert_int_equal(read_python(&python, "/nowhere:other").version, 0x030c01f0);
    assert_int_equal(read_python(&python, "").version, VERSION);
}

static void test_python_elf_copied_symbol_is_read_in_the_library(void **state)
{
    (void)state;
    struct fixture python = {.loader = GLIBC_LOADER,
        .symbol = "Py_Version",
        .in_bss = true,
        .needed = "libpython3.11.so.1.0",
        .runpath = "lib"};
    write_library("lib/libpython3.11.so.1.0");
    assert_int_equal(read_python(&python, NULL).version, VERSION);
}

static void test_python_elf_old_python_has_no_version(void **state)
{
    (void)state;
    struct fixture python = {.loader = GLIBC_LOADER, .symbol = "Py_BytesMain"};
    struct mpr_elf_facts facts = read_python(&python, NULL);
    assert_int_equal(facts.version, 0);
    assert_true(facts.old_python);
    struct fixture other = {.loader = GLIBC_LOADER, .symbol = "main"};
    assert_false(read_python(&other, NULL).old_python);
}

static void test_python_elf_static_and_musl_are_told(void **state)
{
    (void)state;
    struct fixture python = {.symbol = "Py_Version", .word = VERSION};
    assert_true(read_python(&python, NULL).is_static);
    python.loader = "/lib/ld-musl-x86_64.so.1";
    struct mpr_elf_facts facts = read_python(&python, NULL);
    assert_false(facts.is_static);
    assert_true(facts.is_musl);
}

static void test_python_elf_survives_truncated_files(void **state)
{
    (void)state;
    struct fixture python = {.loader = GLIBC_LOADER,
        .symbol = "Py_Version",
        .word = VERSION,
        .needed = "libpython3.11.so.1.0",
        .runpath = "$ORIGIN"};
    write_fixture("bin/python3", &python);
    for (off_t size = FILE_SIZE; size >= 0; size -= 31) {
        struct mpr_elf_facts facts;
        assert_int_equal(truncate("bin/python3", size), 0);
        mpr_elf_read("bin/python3", NULL, &facts, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_python_elf_version_in_the_executable, enter_prefix, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_python_elf_version_in_the_library_behind_runpath, enter_prefix, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_python_elf_origin_is_that_of_the_resolved_file, enter_prefix, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_python_elf_rpath_counts_only_without_runpath, enter_prefix, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_python_elf_library_path_stands_before_runpath, enter_prefix, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_python_elf_copied_symbol_is_read_in_the_library, enter_prefix, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_python_elf_old_python_has_no_version, enter_prefix, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_python_elf_static_and_musl_are_told, enter_prefix, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_python_elf_survives_truncated_files, enter_prefix, leave_folder),
    };
    return cmocka_run_group_tests_name("python_elf", tests, NULL, NULL);
}
