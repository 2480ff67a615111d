/* SPDX-License-Identifier: MIT */
/* One ELF file, opened with libelf: its symbols, dynamic entries and loader. Every offset that
 * the file states is checked by libelf or here. */
#ifndef MPRUN_ELF_ELF_FILE_H
#define MPRUN_ELF_ELF_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <gelf.h>
#include <libelf.h>

#include "mprun/base.h"

#define MPR_ELF_NEEDED 8

struct mpr_elf_file {
    int fd;
    Elf *elf;
    GElf_Ehdr header;
};

/* Strings point into the file and live as long as it is open. */
struct mpr_elf_dynamic {
    const char *python_library[MPR_ELF_NEEDED]; /* needed libpython*, NULL-filled */
    bool is_pypy;                               /* needs a libpypy* */
    const char *asan;                           /* needs an address sanitizer; NULL without */
    const char *rpath;                          /* used by the loader only without runpath */
    const char *runpath;
};

/* MPR_ERR_IO, MPR_ERR_INVALID (no ELF), MPR_ERR_UNSUPPORTED (not 64-bit x86). */
int mpr_elf_open(const char *path, struct mpr_elf_file *ret_file, struct mpr_error *err);
void mpr_elf_close(struct mpr_elf_file *file);

/* The path of the dynamic loader into `ret_loader`; false without one. */
bool mpr_elf_loader(struct mpr_elf_file *file, char *ret_loader, size_t size);
/* Is there a defined dynamic symbol of that name? *ret_value is its address. */
bool mpr_elf_symbol(struct mpr_elf_file *file, const char *name, uint64_t *ret_value);
/* The four bytes that the file holds for that address; false where it holds none (.bss). */
bool mpr_elf_word(struct mpr_elf_file *file, uint64_t address, uint32_t *ret_word);
void mpr_elf_dynamic(struct mpr_elf_file *file, struct mpr_elf_dynamic *ret_dynamic);

#endif
