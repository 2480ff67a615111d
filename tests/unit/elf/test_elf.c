/* SPDX-License-Identifier: MIT */
/* The version of a Python out of its ELF file, on small files that the test writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <libelf.h>

#include "mprun/elf.h"

#define VERSION 0x030b02f0u
#define GLIBC_LOADER "/lib64/ld-linux-x86-64.so.2"

/* What a fixture shall hold. Empty texts and zeros are left out. */
struct fixture {
    const char *loader;
    const char *symbol;
    uint32_t word; /* at the symbol's address */
    bool in_bss;   /* the symbol has an address, but no bytes */
    const char *needed;
    const char *runpath;
    const char *rpath;
    uint16_t machine;
};

/* The file: everything at a fixed place, loaded where it lies. */
enum {
    AT_SEGMENTS = 64,
    AT_LOADER = 256,
    AT_STRINGS = 512,
    AT_SYMBOLS = 1024,
    AT_DYNAMIC = 1152,
    AT_WORD = 1280,
    AT_SECTIONS = 1536,
    FILE_SIZE = 2048,
    STRINGS_SIZE = 512,
};

static uint32_t add_string(unsigned char *file, size_t *used, const char *text)
{
    uint32_t at = (uint32_t)*used;
    memcpy(file + AT_STRINGS + at, text, strlen(text) + 1);
    *used += strlen(text) + 1;
    assert_true(*used < STRINGS_SIZE);
    return at;
}

static uint16_t put_segments(const struct fixture *fixture, unsigned char *file)
{
    Elf64_Phdr *segment = (Elf64_Phdr *)(void *)(file + AT_SEGMENTS);
    uint64_t filled = fixture->in_bss ? AT_WORD : FILE_SIZE;
    segment[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_filesz = filled, .p_memsz = FILE_SIZE};
    if (!fixture->loader)
        return 1;
    size_t len = strlen(fixture->loader) + 1;
    memcpy(file + AT_LOADER, fixture->loader, len);
    segment[1] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = AT_LOADER, .p_filesz = len};
    return 2;
}

static void put_dynamic(const struct fixture *fixture, unsigned char *file, size_t *used)
{
    Elf64_Dyn *entry = (Elf64_Dyn *)(void *)(file + AT_DYNAMIC);
    if (fixture->needed)
        *entry++ = (Elf64_Dyn){DT_NEEDED, {add_string(file, used, fixture->needed)}};
    if (fixture->runpath)
        *entry++ = (Elf64_Dyn){DT_RUNPATH, {add_string(file, used, fixture->runpath)}};
    if (fixture->rpath)
        *entry++ = (Elf64_Dyn){DT_RPATH, {add_string(file, used, fixture->rpath)}};
}

static void put_sections(const struct fixture *fixture, unsigned char *file)
{
    Elf64_Shdr *section = (Elf64_Shdr *)(void *)(file + AT_SECTIONS);
    section[1] = (Elf64_Shdr){
        .sh_type = SHT_STRTAB, .sh_offset = AT_STRINGS, .sh_size = STRINGS_SIZE, .sh_addralign = 1};
    section[2] = (Elf64_Shdr){.sh_type = SHT_DYNSYM,
        .sh_offset = AT_SYMBOLS,
        .sh_size = (fixture->symbol ? 2 : 1) * sizeof(Elf64_Sym),
        .sh_link = 1,
        .sh_addralign = 8,
        .sh_entsize = sizeof(Elf64_Sym)};
    section[3] = (Elf64_Shdr){.sh_type = SHT_DYNAMIC,
        .sh_offset = AT_DYNAMIC,
        .sh_size = 4 * sizeof(Elf64_Dyn),
        .sh_link = 1,
        .sh_addralign = 8,
        .sh_entsize = sizeof(Elf64_Dyn)};
}

static void write_fixture(const char *path, const struct fixture *fixture)
{
    _Alignas(16) unsigned char file[FILE_SIZE] = {0};
    size_t strings = 1;
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_DYN,
        .e_machine = fixture->machine ? fixture->machine : EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = AT_SEGMENTS,
        .e_shoff = AT_SECTIONS,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = 4,
    };
    header.e_phnum = put_segments(fixture, file);
    memcpy(file, &header, sizeof(header));
    if (fixture->symbol) {
        Elf64_Sym *symbol = (Elf64_Sym *)(void *)(file + AT_SYMBOLS) + 1;
        symbol->st_name = add_string(file, &strings, fixture->symbol);
        symbol->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
        symbol->st_shndx = 1;
        symbol->st_value = AT_WORD;
        symbol->st_size = 8;
    }
    memcpy(file + AT_WORD, &fixture->word, sizeof(fixture->word));
    put_dynamic(fixture, file, &strings);
    put_sections(fixture, file);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(file, 1, sizeof(file), out), sizeof(file));
    assert_int_equal(fclose(out), 0);
}

/* A directory of its own, current while a test runs: bin/ and lib/ in it. */
static int setup(void **state)
{
    char *directory = strdup("/tmp/mprun-elf-XXXXXX");
    *state = directory;
    if (!directory || !mkdtemp(directory) || chdir(directory) < 0)
        return -1;
    return mkdir("bin", 0700) | mkdir("lib", 0700);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st, (void)type, (void)where;
    return remove(path);
}

static int teardown(void **state)
{
    char *directory = *state;
    int rc = chdir("/") | nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
    return rc;
}

static struct mpr_elf_facts read_python(const struct fixture *fixture, const char *library_path)
{
    struct mpr_elf_facts facts;
    struct mpr_error err = {""};
    write_fixture("bin/python3", fixture);
    assert_int_equal(mpr_elf_read("bin/python3", library_path, &facts, &err), 0);
    return facts;
}

static void write_library(const char *path)
{
    struct fixture library = {.symbol = "Py_Version", .word = VERSION};
    write_fixture(path, &library);
}

static void test_elf_version_in_the_executable(void **state)
{
    (void)state;
    struct fixture python = {.loader = GLIBC_LOADER, .symbol = "Py_Version", .word = VERSION};
    struct mpr_elf_facts facts = read_python(&python, NULL);
    assert_int_equal(facts.version, VERSION);
    assert_false(facts.is_static);
    assert_false(facts.is_musl);
}

static void test_elf_version_in_the_library_behind_runpath(void **state)
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

static void test_elf_origin_is_that_of_the_resolved_file(void **state)
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

static void test_elf_rpath_counts_only_without_runpath(void **state)
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

static void test_elf_library_path_stands_before_runpath(void **state)
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

static void test_elf_copied_symbol_is_read_in_the_library(void **state)
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

static void test_elf_old_python_has_no_version(void **state)
{
    (void)state;
    struct fixture python = {.loader = GLIBC_LOADER, .symbol = "Py_BytesMain"};
    struct mpr_elf_facts facts = read_python(&python, NULL);
    assert_int_equal(facts.version, 0);
    assert_true(facts.old_python);
    struct fixture other = {.loader = GLIBC_LOADER, .symbol = "main"};
    assert_false(read_python(&other, NULL).old_python);
}

static void test_elf_static_and_musl_are_told(void **state)
{
    (void)state;
    struct fixture python = {.symbol = "Py_Version", .word = VERSION};
    assert_true(read_python(&python, NULL).is_static);
    python.loader = "/lib/ld-musl-x86_64.so.1";
    struct mpr_elf_facts facts = read_python(&python, NULL);
    assert_false(facts.is_static);
    assert_true(facts.is_musl);
}

static void test_elf_refuses_what_is_no_program(void **state)
{
    (void)state;
    struct mpr_elf_facts facts;
    struct mpr_error err;
    FILE *out = fopen("bin/text", "w");
    assert_non_null(out);
    fputs("not a program\n", out);
    fclose(out);
    assert_int_equal(mpr_elf_read("bin/text", NULL, &facts, &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "bin/text"));
    assert_int_equal(mpr_elf_read("bin/none", NULL, &facts, &err), MPR_ERR_IO);
    struct fixture arm = {.loader = GLIBC_LOADER, .machine = EM_AARCH64};
    write_fixture("bin/arm", &arm);
    assert_int_equal(mpr_elf_read("bin/arm", NULL, &facts, &err), MPR_ERR_UNSUPPORTED);
}

static void test_elf_survives_truncated_files(void **state)
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
        cmocka_unit_test_setup_teardown(test_elf_version_in_the_executable, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_elf_version_in_the_library_behind_runpath, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_elf_origin_is_that_of_the_resolved_file, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_elf_rpath_counts_only_without_runpath, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_elf_library_path_stands_before_runpath, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_elf_copied_symbol_is_read_in_the_library, setup, teardown),
        cmocka_unit_test_setup_teardown(test_elf_old_python_has_no_version, setup, teardown),
        cmocka_unit_test_setup_teardown(test_elf_static_and_musl_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_elf_refuses_what_is_no_program, setup, teardown),
        cmocka_unit_test_setup_teardown(test_elf_survives_truncated_files, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
