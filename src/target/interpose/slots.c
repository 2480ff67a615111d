/* SPDX-License-Identifier: MIT */
/* In front of the C library's functions in a process that runs: the loader has filled a slot for
 * each object that calls one, and the slots of all objects are filled anew. What another allocator
 * or tool stands in front of already stays its own: a slot is taken only where it leads to the very
 * function that a call by name finds, or nowhere yet.
 *
 * The loader's lock is held in a walk; malloc does not take that, and nothing here allocates but by
 * raw system calls. Cost: a walk over the relocations of some 250 objects (pandas, scipy), 10 to
 * 20 ms. */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "bound.h"
#include "mprun/interpose.h"
#include "mprun/own.h"
#include "mprun/sys.h"

#define LATE_ROWS MPR_NEXT_DLOPEN /* what comes from there on is left alone */

/* A slot that was taken, and what was in it. */
struct taken {
    void **slot;
    void *before;
};

/* From the lowest to the highest address of some functions. */
struct range {
    uintptr_t low, high;
};

static struct {
    bool started;
    const void *interpreter;
    struct range theirs, ours; /* the functions that are stood in front of, and what stands there */
    struct taken *taken;
    size_t count, room, bytes; /* what was taken, and how much may be */
    size_t wanted;             /* slots that a walk would take */
} state;

/* --- a loaded object --- */

struct object {
    uintptr_t base, start, end;
    uintptr_t relro_start, relro_end;
    const ElfW(Dyn) * dynamic;
    const ElfW(Sym) * symbols;
    const char *strings;
    const ElfW(Rela) * relocations[2];
    size_t size[2];
};

static const void *absolute(const struct object *object, ElfW(Addr) address)
{
    return (const void *)(address < object->base ? object->base + address : address);
}

static void read_dynamic(struct object *object)
{
    for (const ElfW(Dyn) *entry = object->dynamic; entry->d_tag != DT_NULL; entry++) {
        const void *address = absolute(object, entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB)
            object->symbols = address;
        else if (entry->d_tag == DT_STRTAB)
            object->strings = address;
        else if (entry->d_tag == DT_JMPREL)
            object->relocations[0] = address;
        else if (entry->d_tag == DT_PLTRELSZ)
            object->size[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
        else if (entry->d_tag == DT_RELA)
            object->relocations[1] = address;
        else if (entry->d_tag == DT_RELASZ)
            object->size[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
    }
}

static struct object read_object(const struct dl_phdr_info *info)
{
    struct object object = {.base = info->dlpi_addr, .start = UINTPTR_MAX};
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;
        if (segment->p_type == PT_LOAD && start < object.start)
            object.start = start;
        if (segment->p_type == PT_LOAD && end > object.end)
            object.end = end;
        if (segment->p_type == PT_DYNAMIC)
            object.dynamic = (const void *)start;
        if (segment->p_type == PT_GNU_RELRO) { /* cut at pages, as the loader does */
            object.relro_start = start & ~(page - 1);
            object.relro_end = end & ~(page - 1);
        }
    }
    if (object.dynamic)
        read_dynamic(&object);
    return object;
}

static bool holds(const struct object *object, const void *address)
{
    return (uintptr_t)address >= object->start && (uintptr_t)address < object->end;
}

/* The loader has its own allocator until others are there, and the kernel's object calls nothing.
 */
static bool is_left_alone(const struct object *object)
{
    return holds(object, &state) || holds(object, (const void *)getauxval(AT_BASE)) ||
           holds(object, (const void *)getauxval(AT_SYSINFO_EHDR));
}

/* --- the walk --- */

/* `unbound`: the object calls another one's function of that name, and has not done so yet: the
 * slot leads back into the object, from where the loader is asked. */
typedef void slot_fn(const struct object *object, void **slot, const char *name, bool unbound);

struct walk {
    struct range range; /* of what a slot leads to that is visited, beside those that are unbound */
    slot_fn *visit;
};

static bool in_range(struct range range, const void *address)
{
    return (uintptr_t)address >= range.low && (uintptr_t)address <= range.high;
}

static void walk_table(const struct walk *walk, const struct object *object, int table)
{
    const ElfW(Rela) *entry = object->relocations[table];
    for (size_t i = 0; entry && i < object->size[table]; i++, entry++) {
        unsigned type = (unsigned)ELF64_R_TYPE(entry->r_info);
        if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT && type != R_X86_64_64)
            continue;
        void **slot = (void **)(object->base + entry->r_offset);
        const ElfW(Sym) *symbol = &object->symbols[ELF64_R_SYM(entry->r_info)];
        bool unbound =
            type == R_X86_64_JUMP_SLOT && symbol->st_shndx == SHN_UNDEF && holds(object, *slot);
        if (unbound || in_range(walk->range, *slot))
            walk->visit(object, slot, object->strings + symbol->st_name, unbound);
    }
}

static int walk_object(struct dl_phdr_info *info, size_t size, void *data)
{
    struct object object = read_object(info);
    (void)size;
    for (int table = 0; table < 2 && object.symbols && object.strings; table++)
        if (!is_left_alone(&object))
            walk_table(data, &object, table);
    return 0;
}

static bool write_slot(const struct object *object, void **slot, void *value)
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

/* --- taking --- */

static void take(const struct object *object, void **slot, void *ours)
{
    state.wanted++;
    if (state.count == state.room)
        return;
    state.taken[state.count] = (struct taken){slot, *slot};
    if (write_slot(object, slot, ours))
        state.count++;
}

static void *late_dlopen(const char *file, int mode);

static void take_if_row(const struct object *object, void **slot, const char *name, bool unbound)
{
    const struct mpr_bound *row = mpr_bound_find(name);
    if (!row || (!unbound && *slot != mpr_next_table[row->next]))
        return;
    if (row->next < LATE_ROWS)
        take(object, slot, row->ours);
    else if (row->next == MPR_NEXT_DLOPEN && holds(object, state.interpreter))
        take(object, slot, (void *)late_dlopen);
}

static bool make_room(size_t room)
{
    size_t bytes;
    struct taken *more = mpr_own_map(room * sizeof *more, &bytes);
    if (!more)
        return false;
    if (state.taken) {
        memcpy(more, state.taken, state.count * sizeof *more);
        mpr_sys_munmap(state.taken, state.bytes);
    }
    mpr_probe_count_own((int64_t)bytes - (int64_t)state.bytes);
    state.taken = more;
    state.bytes = bytes;
    state.room = bytes / sizeof *more;
    return true;
}

/* What finds no room at first does when it is known how much there is. False: there is no memory,
 * and some slots stay what they are. */
static bool take_all(void)
{
    struct walk walk = {state.theirs, take_if_row};
    size_t before = state.count;
    state.wanted = 0;
    dl_iterate_phdr(walk_object, &walk);
    if (state.count - before == state.wanted)
        return true;
    if (!make_room(before + state.wanted))
        return false;
    dl_iterate_phdr(walk_object, &walk);
    return true;
}

/* The interpreter loads an extension module, by its path: whose search it is does not matter. */
static void *late_dlopen(const char *file, int mode)
{
    void *(*next)(const char *, int) = (void *(*)(const char *, int))mpr_next_of(MPR_NEXT_DLOPEN);
    void *handle = next(file, mode);
    if (handle && state.started && mpr_probe->header && !take_all())
        mpr_note(MPR_NOTE_HEAP_LOST);
    return handle;
}

/* --- giving back --- */

static void *before(void *const *slot)
{
    for (size_t i = state.count; i-- > 0;)
        if (state.taken[i].slot == slot)
            return state.taken[i].before;
    return NULL;
}

/* Of an object that is still loaded, or loaded where another one was. */
static void give_back(const struct object *object, void **slot, const char *name, bool unbound)
{
    (void)unbound;
    const struct mpr_bound *row = mpr_bound_find(name);
    bool ours = row && (*slot == row->ours || *slot == (void *)late_dlopen);
    void *there = ours ? before(slot) : NULL;
    if (there)
        write_slot(object, slot, there);
}

/* --- interface --- */

static void widen(struct range *range, const void *address)
{
    uintptr_t at = (uintptr_t)address;
    if (!address)
        return;
    if (range->high == 0 || at < range->low)
        range->low = at;
    if (at > range->high)
        range->high = at;
}

/* A call by name leads there, and ours go on there. */
static void find_functions(void)
{
    state.theirs = state.ours = (struct range){0, 0};
    widen(&state.ours, (const void *)late_dlopen);
    for (size_t i = 0; i < MPR_BOUND_COUNT; i++) {
        const struct mpr_bound *row = &mpr_bound[i];
        void *found = row->next > LATE_ROWS ? NULL : mpr_first_definition(row->name);
        if (!found)
            continue;
        mpr_next_table[row->next] = found;
        widen(&state.theirs, found);
        widen(&state.ours, row->ours);
    }
}

static bool is_preloaded(void)
{
    const struct mpr_bound *row = mpr_bound_find("malloc");
    return dlsym(RTLD_DEFAULT, "malloc") == row->ours;
}

int mpr_interpose_start(const void *interpreter, struct mpr_error *err)
{
    if (is_preloaded())
        return 0;
    state.interpreter = interpreter;
    find_functions();
    state.started = true;
    if (take_all())
        return 0;
    mpr_interpose_stop();
    return mpr_error_set(err, MPR_ERR_NOMEM, "no memory to stand in front of malloc");
}

void mpr_interpose_stop(void)
{
    struct walk walk = {state.ours, give_back};
    if (!state.started)
        return;
    state.started = false;
    dl_iterate_phdr(walk_object, &walk);
    if (state.taken)
        mpr_sys_munmap(state.taken, state.bytes);
    state.taken = NULL;
    state.count = state.room = state.bytes = 0;
}
