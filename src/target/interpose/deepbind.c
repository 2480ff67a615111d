/* SPDX-License-Identifier: MIT */
/* Objects that are loaded with RTLD_DEEPBIND look for malloc among their own libraries first and
 * find the C library's. What they were bound to there is bound to mprun instead, in their tables of
 * addresses: only where it was the definition that mprun itself forwards to, or nothing yet; an
 * allocator of their own stays. Cold: once for each such dlopen. */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bound.h"
#include "mprun/probe.h"
#include "pass_on.h"

/* What the walk needs, found before it. */
struct search {
    size_t known; /* objects that were there already come first in the list */
    size_t seen;
    bool plain[MPR_BOUND_COUNT]; /* by that name the new objects would find our next */
};

/* A loaded object, as far as its relocations go. Addresses are absolute. */
struct object {
    uintptr_t base, end;
    uintptr_t relro_start, relro_end;
    const ElfW(Sym) * symbols;
    const char *strings;
    const ElfW(Rela) * relocations[2];
    size_t count[2];
};

static const void *absolute(const struct object *object, ElfW(Addr) address)
{
    return (const void *)(address < object->base ? object->base + address : address);
}

static void read_dynamic(struct object *object, const ElfW(Dyn) * entry)
{
    for (; entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
        case DT_SYMTAB:
            object->symbols = absolute(object, entry->d_un.d_ptr);
            break;
        case DT_STRTAB:
            object->strings = absolute(object, entry->d_un.d_ptr);
            break;
        case DT_JMPREL:
            object->relocations[0] = absolute(object, entry->d_un.d_ptr);
            break;
        case DT_PLTRELSZ:
            object->count[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_RELA:
            object->relocations[1] = absolute(object, entry->d_un.d_ptr);
            break;
        case DT_RELASZ:
            object->count[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
            break;
        default:
            break;
        }
    }
}

static void write_slot(const struct object *object, void **slot, void *value)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t at = (uintptr_t)slot & ~(page - 1);
    bool sealed = (uintptr_t)slot >= object->relro_start && (uintptr_t)slot < object->relro_end;
    if (sealed && syscall(SYS_mprotect, at, page, PROT_READ | PROT_WRITE) != 0)
        return;
    *slot = value;
    if (sealed)
        syscall(SYS_mprotect, at, page, PROT_READ);
}

static void rebind_slot(
    const struct search *search, const struct object *object, const char *name, void **slot)
{
    bool unbound = (uintptr_t)*slot >= object->base && (uintptr_t)*slot < object->end;
    const struct mpr_bound *bound = mpr_bound_find(name);
    if (bound && (unbound ? search->plain[bound - mpr_bound]
                          : *slot && *slot == mpr_next_table[bound->next]))
        write_slot(object, slot, bound->ours);
}

static void rebind(const struct search *search, const struct object *object)
{
    for (size_t table = 0; table < 2; table++) {
        for (size_t i = 0; object->relocations[table] && i < object->count[table]; i++) {
            const ElfW(Rela) *entry = &object->relocations[table][i];
            unsigned type = (unsigned)ELF64_R_TYPE(entry->r_info);
            const ElfW(Sym) *symbol = &object->symbols[ELF64_R_SYM(entry->r_info)];
            if ((type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT) &&
                symbol->st_shndx == SHN_UNDEF)
                rebind_slot(search, object, object->strings + symbol->st_name,
                    (void **)(object->base + entry->r_offset));
        }
    }
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;
    struct object object = {.base = info->dlpi_addr};
    const ElfW(Dyn) *dynamic = NULL;
    (void)size;
    if (search->seen++ < search->known)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;
        if (segment->p_type == PT_LOAD && end > object.end)
            object.end = end;
        if (segment->p_type == PT_DYNAMIC)
            dynamic = (const void *)start;
        if (segment->p_type == PT_GNU_RELRO) {
            object.relro_start = start;
            object.relro_end =
                end & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1); /* as the loader does */
        }
    }
    if (dynamic && object.base) {
        read_dynamic(&object, dynamic);
        if (object.symbols && object.strings)
            rebind(search, &object);
    }
    return 0;
}

static int count_object(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)info, (void)size;
    ++*(size_t *)data;
    return 0;
}

static void rebind_new(void *handle, size_t known)
{
    struct search search = {.known = known};
    for (size_t i = 0; i < MPR_BOUND_COUNT; i++)
        search.plain[i] = dlsym(handle, mpr_bound[i].name) == mpr_bound[i].ours;
    dl_iterate_phdr(visit, &search);
}

static void note_deepbind(void)
{
    if (!mpr_hold_begin(&mpr_thread_block))
        return;
    mpr_note(MPR_NOTE_DEEPBIND);
    mpr_hold_end(&mpr_thread_block);
}

struct mpr_passed mpr_decide_dlopen(const char *file, int mode);

/* dlopen searches by its caller's RUNPATH and origin. Where a call needs either it goes on, and
 * with RTLD_DEEPBIND what it loads stays as it is, and the report tells of it. */
__attribute__((used)) struct mpr_passed mpr_decide_dlopen(const char *file, int mode)
{
    void *next = mpr_next_of(MPR_NEXT_DLOPEN);
    if (!(mode & RTLD_DEEPBIND) || !mpr_probe->heap)
        return (struct mpr_passed){next, NULL};
    if (!file || !strchr(file, '/') || strchr(file, '$')) {
        note_deepbind();
        return (struct mpr_passed){next, NULL};
    }
    size_t known = 0;
    dl_iterate_phdr(count_object, &known);
    void *handle = ((void *(*)(const char *, int))next)(file, mode);
    if (handle)
        rebind_new(handle, known);
    return (struct mpr_passed){NULL, handle};
}

MPR_PASS_ON(dlopen, mpr_decide_dlopen);
