/* SPDX-License-Identifier: MIT */
/* Through the slots that the loader has filled for an object's relocations. Cold. What protects
 * them (RELRO) is put back. The system call is made directly, as all that concerns maps. */
#include "mprun/rebind.h"

#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct search {
    uintptr_t address;
    const char *name;
    mpr_function *function;
    bool found;
};

/* What an object's dynamic section says: the loader has made addresses of it. */
struct tables {
    const ElfW(Sym) * symbols;
    const char *names;
    const ElfW(Rela) * relocations[2]; /* of data, of calls */
    size_t size[2];
};

static bool holds(const struct dl_phdr_info *info, uintptr_t address)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && address >= start && address - start < segment->p_memsz)
            return true;
    }
    return false;
}

static const ElfW(Phdr) * find_header(const struct dl_phdr_info *info, uint32_t type)
{
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == type)
            return &info->dlpi_phdr[i];
    return NULL;
}

static struct tables read_tables(const ElfW(Dyn) * entry)
{
    struct tables tables = {0};
    for (; entry->d_tag != DT_NULL; entry++) {
        const void *address = (const void *)entry->d_un.d_ptr;
        if (entry->d_tag == DT_SYMTAB)
            tables.symbols = address;
        else if (entry->d_tag == DT_STRTAB)
            tables.names = address;
        else if (entry->d_tag == DT_RELA)
            tables.relocations[0] = address;
        else if (entry->d_tag == DT_RELASZ)
            tables.size[0] = entry->d_un.d_val;
        else if (entry->d_tag == DT_JMPREL)
            tables.relocations[1] = address;
        else if (entry->d_tag == DT_PLTRELSZ)
            tables.size[1] = entry->d_un.d_val;
    }
    return tables;
}

static bool protect(void *slot, int protection)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    return syscall(SYS_mprotect, (uintptr_t)slot & ~(page - 1), page, protection) == 0;
}

/* The page of a slot lies in what is protected or outside: that is cut at pages. */
static bool fill(const struct dl_phdr_info *info, mpr_function **slot, mpr_function *function)
{
    const ElfW(Phdr) *relro = find_header(info, PT_GNU_RELRO);
    uintptr_t start = relro ? info->dlpi_addr + relro->p_vaddr : 0;
    bool guarded = relro && (uintptr_t)slot >= start && (uintptr_t)slot - start < relro->p_memsz;
    if (guarded && !protect(slot, PROT_READ | PROT_WRITE))
        return false;
    __atomic_store_n(slot, function, __ATOMIC_RELEASE);
    return !guarded || protect(slot, PROT_READ);
}

static void fill_all(
    const struct dl_phdr_info *info, const struct tables *tables, int which, struct search *search)
{
    size_t count = tables->size[which] / sizeof(ElfW(Rela));
    const ElfW(Rela) *relocation = tables->relocations[which];
    for (size_t i = 0; relocation && i < count; i++, relocation++) {
        unsigned type = ELF64_R_TYPE(relocation->r_info);
        const ElfW(Sym) *symbol = &tables->symbols[ELF64_R_SYM(relocation->r_info)];
        if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT)
            continue;
        if (strcmp(tables->names + symbol->st_name, search->name) == 0)
            search->found |= fill(
                info, (mpr_function **)(info->dlpi_addr + relocation->r_offset), search->function);
    }
}

static int redirect_if_holds(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;
    const ElfW(Phdr) *dynamic = find_header(info, PT_DYNAMIC);
    (void)size;
    if (!dynamic || !holds(info, search->address))
        return 0;
    struct tables tables = read_tables((const void *)(info->dlpi_addr + dynamic->p_vaddr));
    for (int which = 0; which < 2 && tables.symbols && tables.names; which++)
        fill_all(info, &tables, which, search);
    return 1;
}

bool mpr_rebind(const void *address, const char *name, mpr_function *function)
{
    struct search search = {(uintptr_t)address, name, function, false};
    dl_iterate_phdr(redirect_if_holds, &search);
    return search.found;
}
