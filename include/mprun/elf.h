/* SPDX-License-Identifier: MIT */
/* What the ELF file of an interpreter tells about it. Reads files, runs nothing. */
#ifndef MPRUN_ELF_H
#define MPRUN_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "mprun/base.h"

struct mpr_elf_facts {
    uint32_t version;  /* Py_Version; 0 if neither the file nor its libpython has it */
    char soname[64];   /* the needed libpython, "" without */
    char asan[64];     /* the address sanitizer that it or that needs, "" without */
    bool library_lost; /* the needed libpython was not found */
    bool old_python;   /* a Python from before 3.11, which has no Py_Version */
    bool is_pypy;
    /* Builds of CPython whose objects are laid out in another way. */
    bool is_debug;
    bool is_free_threaded;
    bool is_static; /* no dynamic loader, so no LD_PRELOAD */
    bool is_musl;
};

/* Read an executable for 64-bit x86. `library_path` is LD_LIBRARY_PATH or NULL. MPR_ERR_INVALID:
 * not an ELF executable, or damaged; MPR_ERR_UNSUPPORTED: for another machine. */
int mpr_elf_read(const char *path, const char *library_path, struct mpr_elf_facts *ret_facts,
    struct mpr_error *err);

#endif
