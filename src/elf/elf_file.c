/* SPDX-License-Identifier: MIT */
/* One ELF file, opened with libelf. Knows no Python beyond the prefix of its library's name. */
#include "elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mprun/sanitizer.h"

static int check_machine(struct mpr_elf_file *file, const char *path, struct mpr_error *err)
{
    if (elf_kind(file->elf) != ELF_K_ELF || !gelf_getehdr(file->elf, &file->header))
        return mpr_error_set(err, MPR_ERR_INVALID, "%s is not a program (no ELF file)", path);
    if (file->header.e_ident[EI_CLASS] != ELFCLASS64 || file->header.e_machine != EM_X86_64)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s is not a 64-bit x86 program; mprun measures no others", path);
    return 0;
}

int mpr_elf_open(const char *path, struct mpr_elf_file *ret_file, struct mpr_error *err)
{
    struct mpr_elf_file file = {.fd = -1};
    if (elf_version(EV_CURRENT) == EV_NONE)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED, "libelf is too old");
    file.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file.fd < 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot read %s: %s", path, strerror(errno));
    file.elf = elf_begin(file.fd, ELF_C_READ, NULL);
    int status = file.elf ? check_machine(&file, path, err)
                          : mpr_error_set(err, MPR_ERR_INVALID, "%s: %s", path, elf_errmsg(-1));
    if (status < 0)
        mpr_elf_close(&file);
    else
        *ret_file = file;
    return status;
}

void mpr_elf_close(struct mpr_elf_file *file)
{
    if (file->elf)
        elf_end(file->elf);
    if (file->fd >= 0)
        close(file->fd);
    file->elf = NULL;
    file->fd = -1;
}

/* The first program header of that type, or the first PT_LOAD that holds `address` in the file. */
static bool find_segment(
    struct mpr_elf_file *file, uint32_t type, uint64_t address, GElf_Phdr *ret_segment)
{
    size_t count = 0;
    if (elf_getphdrnum(file->elf, &count) < 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(file->elf, (int)i, &segment) || segment.p_type != type)
            continue;
        bool holds = address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz;
        if (type == PT_LOAD && !holds)
            continue;
        *ret_segment = segment;
        return true;
    }
    return false;
}

bool mpr_elf_loader(struct mpr_elf_file *file, char *ret_loader, size_t size)
{
    GElf_Phdr segment;
    if (!find_segment(file, PT_INTERP, 0, &segment))
        return false;
    size_t len = segment.p_filesz < size ? (size_t)segment.p_filesz : size - 1;
    ssize_t got = pread(file->fd, ret_loader, len, (off_t)segment.p_offset);
    ret_loader[got > 0 ? got : 0] = '\0';
    return got > 0;
}

bool mpr_elf_word(struct mpr_elf_file *file, uint64_t address, uint32_t *ret_word)
{
    GElf_Phdr segment;
    if (!find_segment(file, PT_LOAD, address, &segment))
        return false;
    uint64_t offset = segment.p_offset + (address - segment.p_vaddr);
    uint32_t word;
    if (pread(file->fd, &word, sizeof word, (off_t)offset) != (ssize_t)sizeof word)
        return false;
    *ret_word = word; /* both sides are little-endian: x86-64 only */
    return true;
}

static Elf_Scn *section_of_type(struct mpr_elf_file *file, uint32_t type, GElf_Shdr *ret_header)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(file->elf, section)))
        if (gelf_getshdr(section, ret_header) && ret_header->sh_type == type)
            return section;
    return NULL;
}

bool mpr_elf_symbol(struct mpr_elf_file *file, const char *name, uint64_t *ret_value)
{
    GElf_Shdr header;
    Elf_Scn *section = section_of_type(file, SHT_DYNSYM, &header);
    Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
    if (!data || header.sh_entsize == 0)
        return false;
    size_t count = data->d_size / header.sh_entsize;
    for (size_t i = 0; i < count; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
            continue;
        const char *its_name = elf_strptr(file->elf, header.sh_link, symbol.st_name);
        if (!its_name || strcmp(its_name, name) != 0)
            continue;
        *ret_value = symbol.st_value;
        return true;
    }
    return false;
}

static void add_needed(struct mpr_elf_dynamic *dynamic, const char *name)
{
    dynamic->is_pypy |= mpr_has_prefix(name, "libpypy");
    if (mpr_is_sanitizer(name, strlen(name)) && strstr(name, "asan"))
        dynamic->asan = name;
    if (!mpr_has_prefix(name, "libpython"))
        return;
    for (size_t i = 0; i + 1 < MPR_ELF_NEEDED; i++) {
        if (dynamic->python_library[i])
            continue;
        dynamic->python_library[i] = name;
        return;
    }
}

void mpr_elf_dynamic(struct mpr_elf_file *file, struct mpr_elf_dynamic *ret_dynamic)
{
    struct mpr_elf_dynamic dynamic = {0};
    GElf_Shdr header;
    Elf_Scn *section = section_of_type(file, SHT_DYNAMIC, &header);
    Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
    size_t count = data && header.sh_entsize ? data->d_size / header.sh_entsize : 0;
    for (size_t i = 0; i < count; i++) {
        GElf_Dyn entry;
        if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag == DT_NULL)
            break;
        if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_RPATH && entry.d_tag != DT_RUNPATH)
            continue;
        const char *text = elf_strptr(file->elf, header.sh_link, entry.d_un.d_val);
        if (!text)
            continue;
        if (entry.d_tag == DT_NEEDED)
            add_needed(&dynamic, text);
        else if (entry.d_tag == DT_RPATH)
            dynamic.rpath = text;
        else
            dynamic.runpath = text;
    }
    *ret_dynamic = dynamic;
}
