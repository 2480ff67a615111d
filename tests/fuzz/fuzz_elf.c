/* SPDX-License-Identifier: MIT */
/* Any bytes as an interpreter's executable: what launch reads of it before it starts it. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mprun/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file_of(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz-elf", MFD_CLOEXEC);
    if (fd < 0 || mpr_write_all(fd, data, size, NULL) != 0)
        abort();
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mpr_elf_facts facts;
    struct mpr_error err = {""};
    char path[64];
    int fd = file_of(data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (mpr_elf_read(path, NULL, &facts, &err) < 0) {
        if (err.message[0] == '\0')
            abort();
    } else if (strnlen(facts.soname, sizeof facts.soname) == sizeof facts.soname) {
        abort();
    }
    close(fd);
    return 0;
}
