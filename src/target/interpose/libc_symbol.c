/* SPDX-License-Identifier: MIT */
/* dlsym and dlvsym themselves cannot be asked for by the one or the other, since both are ours: the
 * C library's are read from its table of symbols, at load. And what dlsym says of others may be the
 * executable's stop on the way there (its PLT, where it is no PIE and has taken the address). */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/next.h"

#define HIDDEN 0x8000u
#define FIRST_NAMED 2u /* versions below are "local" and "none" */

/* The symbols of an object, as they can be looked up. */
struct symbols {
    uintptr_t base;
    const ElfW(Sym) * symbol;
    const char *strings;
    const ElfW(Half) * version;
    const uint32_t *hash; /* DT_GNU_HASH */
};

/* The loader adds the base in most objects' tables, but not in what it cannot write. */
static const void *absolute(const struct link_map *object, ElfW(Addr) address)
{
    return (const void *)(address < object->l_addr ? object->l_addr + address : address);
}

static bool read_symbols(const struct link_map *object, struct symbols *ret_symbols)
{
    struct symbols found = {.base = object->l_addr};
    for (const ElfW(Dyn) *entry = object->l_ld; entry && entry->d_tag != DT_NULL; entry++) {
        const void *address = absolute(object, entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB)
            found.symbol = address;
        else if (entry->d_tag == DT_STRTAB)
            found.strings = address;
        else if (entry->d_tag == DT_VERSYM)
            found.version = address;
        else if (entry->d_tag == DT_GNU_HASH)
            found.hash = address;
    }
    *ret_symbols = found;
    return found.symbol && found.strings && found.hash;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

/* A sanitizer has its own strcmp, which calls what it is about to ask for here. */
static bool is_same(const char *text, const char *name)
{
    while (*text && *text == *name)
        text++, name++;
    return *text == *name;
}

/* What others define without a version is theirs: a tool that stands in front of dlsym, too. */
static bool is_versioned(const struct symbols *symbols, uint32_t index)
{
    return symbols->version && (symbols->version[index] & ~HIDDEN) >= FIRST_NAMED;
}

/* The one that a name without a version means. */
static bool is_default(const struct symbols *symbols, uint32_t index)
{
    return !symbols->version || !(symbols->version[index] & HIDDEN);
}

typedef bool is_meant_fn(const struct symbols *symbols, uint32_t index);

static bool is_it(
    const struct symbols *symbols, uint32_t index, const char *name, is_meant_fn *is_meant)
{
    const ElfW(Sym) *symbol = &symbols->symbol[index];
    return symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
           is_meant(symbols, index) && is_same(symbols->strings + symbol->st_name, name);
}

/* Head: buckets, first symbol, words of the filter, its shift; filter; buckets; chains. */
static void *find_in(const struct symbols *symbols, const char *name, is_meant_fn *is_meant)
{
    const uint32_t *head = symbols->hash;
    uint32_t buckets = head[0], first = head[1], hash = hash_of(name);
    const uint32_t *bucket = head + 4 + 2 * (size_t)head[2];
    const uint32_t *chain = bucket + buckets;
    uint32_t index = buckets ? bucket[hash % buckets] : 0;
    for (; index >= first && index; index++) {
        uint32_t its_hash = chain[index - first];
        if ((its_hash | 1) == (hash | 1) && is_it(symbols, index, name, is_meant))
            return (void *)(symbols->base + symbols->symbol[index].st_value);
        if (its_hash & 1)
            break; /* the chain's last */
    }
    return NULL;
}

static void *find_from(const struct link_map *object, const struct link_map *end, const char *name,
    is_meant_fn *is_meant)
{
    struct symbols symbols;
    void *found = NULL;
    for (; object != end && !found; object = object->l_next)
        if (read_symbols(object, &symbols))
            found = find_in(&symbols, name, is_meant);
    return found;
}

static const struct link_map *own_object(void)
{
    Dl_info info;
    struct link_map *self = NULL;
    return dladdr1(&mpr_next_table, &info, (void **)&self, RTLD_DL_LINKMAP) ? self : NULL;
}

static const struct link_map *first_object(const struct link_map *object)
{
    while (object->l_prev)
        object = object->l_prev;
    return object;
}

/* What is loaded late stands behind the C library. */
void *mpr_libc_symbol(const char *name)
{
    const struct link_map *self = own_object();
    void *found = self ? find_from(self->l_next, NULL, name, is_versioned) : NULL;
    return found || !self ? found : find_from(first_object(self), self, name, is_versioned);
}

void *mpr_first_definition(const char *name)
{
    const struct link_map *self = own_object();
    return self ? find_from(first_object(self), self, name, is_default) : NULL;
}
