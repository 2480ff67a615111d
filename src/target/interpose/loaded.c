/* SPDX-License-Identifier: MIT */
/* Loaded objects by dl_iterate_phdr(3), their slots by their relocations. Cold: a walk over those
 * of some 250 objects (pandas, scipy) takes 10 to 20 ms. */
#include "loaded.h"

#include <elf.h>

#include "mprun/sys.h"

/* The loader adds the base in most objects' tables, but not in what it cannot write. */
static const void *absolute(const struct mpr_loaded *object, ElfW(Addr) address)
{
    return (const void *)(address < object->base ? object->base + address : address);
}

static void read_dynamic(struct mpr_loaded *object, const ElfW(Dyn) * entry)
{
    for (; entry->d_tag != DT_NULL; entry++) {
        const void *address = absolute(object, entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB)
            object->symbols = address;
        else if (entry->d_tag == DT_STRTAB)
            object->strings = address;
        else if (entry->d_tag == DT_JMPREL)
            object->relocations[0] = address;
        else if (entry->d_tag == DT_PLTRELSZ)
            object->count[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
        else if (entry->d_tag == DT_RELA)
            object->relocations[1] = address;
        else if (entry->d_tag == DT_RELASZ)
            object->count[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
    }
}

static struct mpr_loaded read_object(const struct dl_phdr_info *info)
{
    struct mpr_loaded object = {.base = info->dlpi_addr, .start = UINTPTR_MAX};
    const ElfW(Dyn) *dynamic = NULL;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;
        if (segment->p_type == PT_LOAD && start < object.start)
            object.start = start;
        if (segment->p_type == PT_LOAD && end > object.end)
            object.end = end;
        if (segment->p_type == PT_DYNAMIC)
            dynamic = (const void *)start;
        if (segment->p_type == PT_GNU_RELRO) { /* cut at pages, as the loader does */
            object.relro_start = start & ~(page - 1);
            object.relro_end = end & ~(page - 1);
        }
    }
    if (dynamic)
        read_dynamic(&object, dynamic);
    return object;
}

struct each {
    mpr_loaded_fn *visit;
    void *data;
};

static int visit_object(struct dl_phdr_info *info, size_t size, void *data)
{
    const struct each *each = data;
    struct mpr_loaded object = read_object(info);
    (void)size;
    return object.symbols && object.strings && !each->visit(&object, each->data);
}

void mpr_loaded_each(mpr_loaded_fn *visit, void *data)
{
    struct each each = {visit, data};
    dl_iterate_phdr(visit_object, &each);
}

bool mpr_loaded_holds(const struct mpr_loaded *object, const void *address)
{
    return (uintptr_t)address >= object->start && (uintptr_t)address < object->end;
}

static bool is_among(struct mpr_functions functions, const void *address)
{
    return (uintptr_t)address >= functions.low && (uintptr_t)address <= functions.high;
}

void mpr_loaded_slots(
    const struct mpr_loaded *object, struct mpr_functions functions, mpr_slot_fn *visit, void *data)
{
    for (int table = 0; table < 2; table++) {
        const ElfW(Rela) *entry = object->relocations[table];
        for (size_t i = 0; entry && i < object->count[table]; i++, entry++) {
            unsigned type = (unsigned)ELF64_R_TYPE(entry->r_info);
            if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT && type != R_X86_64_64)
                continue;
            void **slot = (void **)(object->base + entry->r_offset);
            const ElfW(Sym) *symbol = &object->symbols[ELF64_R_SYM(entry->r_info)];
            bool unbound = type == R_X86_64_JUMP_SLOT && symbol->st_shndx == SHN_UNDEF &&
                           mpr_loaded_holds(object, *slot);
            if (unbound || is_among(functions, *slot))
                visit(object, slot, object->strings + symbol->st_name, unbound, data);
        }
    }
}

bool mpr_loaded_fill(const struct mpr_loaded *object, void **slot, void *value)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)slot & ~(page - 1);
    bool sealed = (uintptr_t)slot >= object->relro_start && (uintptr_t)slot < object->relro_end;
    if (sealed && syscall(SYS_mprotect, at, page, PROT_READ | PROT_WRITE) != 0)
        return false;
    __atomic_store_n(slot, value, __ATOMIC_RELEASE);
    if (sealed)
        syscall(SYS_mprotect, at, page, PROT_READ);
    return true;
}
