/* SPDX-License-Identifier: MIT */
/* Small ELF files that a test writes. */
#ifndef MPRUN_TESTS_MADE_ELF_H
#define MPRUN_TESTS_MADE_ELF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libelf.h>

#include "own_folder.h"

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

static inline uint32_t add_string(unsigned char *file, size_t *used, const char *text)
{
    uint32_t at = (uint32_t)*used;
    memcpy(file + AT_STRINGS + at, text, strlen(text) + 1);
    *used += strlen(text) + 1;
    assert_true(*used < STRINGS_SIZE);
    return at;
}

static inline uint16_t put_segments(const struct fixture *fixture, unsigned char *file)
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

static inline void put_dynamic(const struct fixture *fixture, unsigned char *file, size_t *used)
{
    Elf64_Dyn *entry = (Elf64_Dyn *)(void *)(file + AT_DYNAMIC);
    if (fixture->needed)
        *entry++ = (Elf64_Dyn){DT_NEEDED, {add_string(file, used, fixture->needed)}};
    if (fixture->runpath)
        *entry++ = (Elf64_Dyn){DT_RUNPATH, {add_string(file, used, fixture->runpath)}};
    if (fixture->rpath)
        *entry++ = (Elf64_Dyn){DT_RPATH, {add_string(file, used, fixture->rpath)}};
}

static inline void put_sections(const struct fixture *fixture, unsigned char *file)
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

static inline void write_fixture(const char *path, const struct fixture *fixture)
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

static inline void write_library(const char *path)
{
    struct fixture library = {.symbol = "Py_Version", .word = VERSION};
    write_fixture(path, &library);
}

/* A set-up: a folder of its own with bin and lib in it. */
static inline int enter_prefix(void **state)
{
    return enter_folder(state) < 0 ? -1 : mkdir("bin", 0700) | mkdir("lib", 0700);
}

#endif
