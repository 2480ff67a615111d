/* SPDX-License-Identifier: MIT */
/* Reads of a file's head what the kernel and the loader will make of it. Raw system calls: the
 * program may have functions of its own in front of the C library's. */
#include "judge.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#include "mprun/sanitizer.h"
#include "mprun/sys.h"

#define SHELL "/bin/sh"
#define MAX_SCRIPTS 4 /* that run each other */
#define HEAD 1536     /* of a file: the table of segments follows at once, where linkers put it */
#define MAX_NEEDED 64 /* libraries that are looked at */
#define DYNAMIC_STEP 16

static const char *loader; /* of this process; NULL: none */

void mpr_judge_start(void)
{
    const ElfW(Phdr) *segment = (const void *)getauxval(AT_PHDR);
    size_t count = segment ? getauxval(AT_PHNUM) : 0;
    uintptr_t base = 0;
    for (size_t i = 0; i < count; i++)
        if (segment[i].p_type == PT_PHDR)
            base = (uintptr_t)segment - segment[i].p_vaddr;
    for (size_t i = 0; i < count; i++)
        if (segment[i].p_type == PT_INTERP)
            loader = (const char *)(base + segment[i].p_vaddr);
}

static bool read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
    return mpr_sys_pread(fd, buffer, size, offset) == (ssize_t)size;
}

/* --- programs --- */

struct program {
    int fd;
    const ElfW(Phdr) * segment;
    size_t count;
};

static const ElfW(Phdr) * find(const struct program *program, uint32_t type)
{
    for (size_t i = 0; i < program->count; i++)
        if (program->segment[i].p_type == type)
            return &program->segment[i];
    return NULL;
}

static bool same_loader(const struct program *program)
{
    char path[256];
    const ElfW(Phdr) *segment = find(program, PT_INTERP);
    size_t size = loader ? strlen(loader) + 1 : 0;
    return segment && size && size <= sizeof path && segment->p_filesz == size &&
           read_at(program->fd, path, size, segment->p_offset) && memcmp(path, loader, size) == 0;
}

/* Where in the file an address lies; 0: nowhere. */
static uint64_t offset_of(const struct program *program, uint64_t address)
{
    for (size_t i = 0; i < program->count; i++) {
        const ElfW(Phdr) *segment = &program->segment[i];
        if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
            address - segment->p_vaddr < segment->p_filesz)
            return address - segment->p_vaddr + segment->p_offset;
    }
    return 0;
}

static bool is_sanitizer(const struct program *program, uint64_t name)
{
    char text[MPR_SANITIZER_NAME] = {0};
    mpr_sys_pread(program->fd, text, sizeof text - 1, name);
    return mpr_is_sanitizer(text, strlen(text));
}

/* Where the names of the libraries are that it needs; returns how many. */
static size_t read_needed(const struct program *program, uint64_t ret_name[MAX_NEEDED])
{
    ElfW(Dyn) entry[DYNAMIC_STEP];
    uint64_t strings = 0;
    size_t count = 0;
    const ElfW(Phdr) *segment = find(program, PT_DYNAMIC);
    for (uint64_t at = 0; segment && at < segment->p_filesz; at += sizeof entry) {
        uint64_t left = segment->p_filesz - at;
        size_t size = left < sizeof entry ? left : sizeof entry;
        if (!read_at(program->fd, entry, size, segment->p_offset + at))
            return 0;
        for (size_t i = 0; i < size / sizeof *entry; i++) {
            if (entry[i].d_tag == DT_STRTAB)
                strings = offset_of(program, entry[i].d_un.d_ptr);
            if (entry[i].d_tag == DT_NEEDED && count < MAX_NEEDED)
                ret_name[count++] = entry[i].d_un.d_val;
            if (entry[i].d_tag == DT_NULL)
                segment = NULL;
        }
        if (!segment)
            break;
    }
    for (size_t i = 0; i < count; i++)
        ret_name[i] += strings;
    return strings ? count : 0;
}

static bool needs_sanitizer(const struct program *program)
{
    uint64_t name[MAX_NEEDED];
    size_t count = read_needed(program, name);
    for (size_t i = 0; i < count; i++)
        if (is_sanitizer(program, name[i]))
            return true;
    return false;
}

static bool judge_program(int fd, const char *head, size_t size)
{
    const ElfW(Ehdr) *elf = (const void *)head;
    if (size < sizeof *elf || elf->e_ident[EI_CLASS] != ELFCLASS64 ||
        elf->e_ident[EI_DATA] != ELFDATA2LSB || elf->e_machine != EM_X86_64 ||
        elf->e_phentsize != sizeof(ElfW(Phdr)) || elf->e_phoff % 8 != 0 || elf->e_phoff > size ||
        elf->e_phnum > (size - elf->e_phoff) / sizeof(ElfW(Phdr)))
        return false;
    struct program program = {fd, (const void *)(head + elf->e_phoff), elf->e_phnum};
    return same_loader(&program) && !needs_sanitizer(&program);
}

/* --- scripts --- */

struct script {
    char interpreter[256];
    struct mpr_children_file file;
};

/* #! PATH [ARGUMENT]; what is neither that nor a program may be the shell's. False: nobody's. */
static bool find_interpreter(const char *head, bool shell_if_unknown, struct script *script)
{
    const char *path = SHELL;
    bool named = head[0] == '#' && head[1] == '!';
    if (named)
        path = head + 2 + strspn(head + 2, " \t");
    size_t len = strcspn(path, " \t\n");
    if ((!named && !shell_if_unknown) || len == 0 || len >= sizeof script->interpreter)
        return false;
    memcpy(script->interpreter, path, len);
    script->interpreter[len] = '\0';
    script->file = (struct mpr_children_file){AT_FDCWD, script->interpreter, false};
    return true;
}

static int open_file(const struct mpr_children_file *file)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    return *file->path ? (int)syscall(SYS_openat, file->folder, file->path, flags) : file->folder;
}

bool mpr_judge(const struct mpr_children_file *file)
{
    _Alignas(8) char head[HEAD + 1];
    struct script script;
    for (int i = 0; i <= MAX_SCRIPTS; i++) {
        int fd = open_file(file);
        ssize_t got = fd < 0 ? -1 : mpr_sys_pread(fd, head, HEAD, 0);
        bool is_program = got >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;
        bool fits = is_program && judge_program(fd, head, (size_t)got);
        if (fd >= 0 && *file->path)
            mpr_sys_close(fd);
        if (got < 0 || is_program)
            return fits;
        head[got] = '\0';
        if (!find_interpreter(head, file->shell_if_unknown, &script))
            return false;
        file = &script.file;
    }
    return false;
}
