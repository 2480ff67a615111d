/* SPDX-License-Identifier: MIT */
/* Places, sites and nodes: found by key in hash tables of own memory, made once, not removed while
 * the session lasts. Their records lie in the recording, so that they outlive the target. Cold: the
 * hooks ask a cache first. Everything here happens under one lock; readers of a number need none,
 * since what it names is there before the number is given out. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "mprun/clock.h"
#include "mprun/hash.h"
#include "mprun/lock.h"
#include "mprun/nodes.h"
#include "mprun/origin.h"

#define SITES_BLOCK 128u
/* Nodes past these fold into their contexts: a leaf for each domain of each context still is made.
 */
#define NODES_SOFT 120000u
/* Code that is made under ever new names, or lines without end, fold likewise. */
#define PLACES_MAX 60000u
#define SITES_MAX 120000u
#define FIRST_SLOTS 1024u
/* Sections, one in the other, that a block belongs to. */
#define SCOPE_DEPTH 32

/* An open-addressing index of numbers (0: free) by a hash that their owner recomputes. */
struct index {
    uint32_t *slot;
    uint32_t capacity; /* a power of two */
    uint32_t used;
};

struct place {
    const struct mpr_rec_place *record;
    uint64_t hash;
};

struct mpr_rec_node *mpr_node_blocks[MPR_NODES_BLOCKS];

static struct {
    struct mpr_lock lock;
    struct mpr_rec_writer *writer; /* the session's, and still there while a hold lasts */
    struct mpr_rec_heap *heap;
    struct index place_index, site_index, node_index;
    struct place *places; /* by number */
    uint32_t place_count, place_capacity;
    struct mpr_rec_site **sites; /* by number */
    uint32_t site_count, site_capacity;
    struct mpr_rec_sites *sites_open; /* the record that has room */
    struct mpr_rec_nodes *nodes_open;
    uint32_t node_count;
    struct mpr_rec_node *special[MPR_SPECIAL_PLACES][MPR_HEAP_DOMAINS];
    char stdlib[PATH_MAX]; /* its folder; "" unknown */
} state;

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

/* --- the index --- */

static bool index_grow(struct index *index, uint64_t (*hash_of)(uint32_t))
{
    struct index grown = {.capacity = index->capacity ? index->capacity * 2 : FIRST_SLOTS};
    grown.slot = mpr_probe_alloc(grown.capacity * sizeof *grown.slot);
    if (!grown.slot)
        return index->used + 1 < index->capacity;
    for (uint32_t i = 0; i < index->capacity; i++) {
        uint32_t number = index->slot[i];
        if (!number)
            continue;
        uint32_t at = (uint32_t)hash_of(number) & (grown.capacity - 1);
        while (grown.slot[at])
            at = (at + 1) & (grown.capacity - 1);
        grown.slot[at] = number;
    }
    grown.used = index->used;
    *index = grown;
    return true;
}

/* The slot of the number that `same` knows, or the free one where it belongs; NULL: no memory. */
static uint32_t *index_find(struct index *index, uint64_t hash, uint64_t (*hash_of)(uint32_t),
    bool (*same)(uint32_t, const void *), const void *key)
{
    if (index->used * 2 >= index->capacity && !index_grow(index, hash_of))
        return NULL;
    uint32_t at = (uint32_t)hash & (index->capacity - 1);
    while (index->slot[at] && !same(index->slot[at], key))
        at = (at + 1) & (index->capacity - 1);
    return &index->slot[at];
}

/* An array by number, in own memory; what it outgrows stays behind. */
static bool array_reserve(void **array, uint32_t count, uint32_t *capacity, size_t each)
{
    if (count < *capacity)
        return true;
    uint32_t grown = *capacity ? *capacity * 2 : 256;
    void *moved = mpr_probe_alloc(grown * each);
    if (!moved)
        return false;
    if (*array)
        memcpy(moved, *array, count * each);
    *array = moved;
    *capacity = grown;
    return true;
}

/* --- places --- */

void mpr_node_stdlib(const char *folder)
{
    size_t len = strnlen(folder, sizeof state.stdlib);
    if (len < sizeof state.stdlib)
        memcpy(state.stdlib, folder, len + 1);
}

struct place_key {
    const char *file;
    const char *qualname;
    uint32_t first_line;
    uint64_t hash;
};

static uint64_t place_hash(uint32_t number)
{
    return state.places[number].hash;
}

static bool place_same(uint32_t number, const void *data)
{
    const struct place_key *key = data;
    const struct mpr_rec_place *record = state.places[number].record;
    return state.places[number].hash == key->hash && record->id.first_line == key->first_line &&
           mpr_rec_is_named(record, &record->id, key->file, key->qualname);
}

static uint32_t add_place(const struct place_key *key, uint32_t last_line)
{
    size_t file = strlen(key->file) + 1, qualname = strlen(key->qualname) + 1, inside = 0;
    struct mpr_rec_place *record;
    if (state.place_count >= PLACES_MAX ||
        !array_reserve((void **)&state.places, state.place_count + 1, &state.place_capacity,
            sizeof *state.places))
        return 0;
    record = mpr_rec_append(state.writer, MPR_KIND_PLACE, sizeof *record + file + qualname + 1);
    if (!record)
        return 0;
    record->id.first_line = key->first_line;
    record->id.last_line = last_line > key->first_line ? last_line : key->first_line;
    record->id.selected_by = MPR_REC_BY_NONE;
    record->id.file = sizeof *record;
    record->id.qualname = record->id.file + (uint32_t)file;
    record->id.module = record->id.qualname + (uint32_t)qualname;
    record->origin = mpr_origin_of(key->file, state.stdlib, &inside);
    record->package = inside ? record->id.file + (uint32_t)inside : 0;
    memcpy((char *)record + record->id.file, key->file, file);
    memcpy((char *)record + record->id.qualname, key->qualname, qualname);
    mpr_rec_publish(state.writer);
    state.places[++state.place_count] = (struct place){record, key->hash};
    return state.place_count;
}

uint32_t mpr_node_place(
    const char *file, const char *qualname, uint32_t first_line, uint32_t last_line)
{
    struct place_key key = {file, qualname, first_line, 0};
    int saved = errno;
    key.hash = mix(mpr_hash_text(mpr_hash_text(MPR_HASH_START, file), qualname), first_line);
    if (!mpr_lock_take(&state.lock))
        return 0;
    uint32_t *slot = index_find(&state.place_index, key.hash, place_hash, place_same, &key);
    uint32_t number = slot ? *slot : 0;
    if (slot && !number && (number = add_place(&key, last_line)) != 0) {
        *slot = number;
        state.place_index.used++;
    }
    mpr_lock_give(&state.lock);
    errno = saved;
    return number;
}

const struct mpr_rec_place *mpr_node_place_record(uint32_t number)
{
    if (!mpr_lock_take(&state.lock))
        return NULL;
    bool known = number != 0 && number <= state.place_count;
    const struct mpr_rec_place *record = known ? state.places[number].record : NULL;
    mpr_lock_give(&state.lock);
    return record;
}

/* --- sites --- */

struct site_key {
    uint32_t place, line, domain;
};

static uint64_t site_key_hash(const struct site_key *key)
{
    return mix(mix(key->domain + 1, key->place), key->line);
}

/* Indexes hold number + 1: site 0 exists. */
static uint64_t site_hash(uint32_t entry)
{
    const struct mpr_rec_site *site = state.sites[entry - 1];
    struct site_key key = {site->place, site->line, site->domain};
    return site_key_hash(&key);
}

static bool site_same(uint32_t entry, const void *data)
{
    const struct site_key *key = data;
    const struct mpr_rec_site *site = state.sites[entry - 1];
    return site->place == key->place && site->line == key->line && site->domain == key->domain;
}

static bool sites_room(void)
{
    if (state.sites_open && state.sites_open->count < state.sites_open->capacity)
        return true;
    size_t size = sizeof *state.sites_open + SITES_BLOCK * sizeof state.sites_open->site[0];
    struct mpr_rec_sites *record = mpr_rec_append(state.writer, MPR_KIND_SITES, size);
    if (!record)
        return false;
    record->capacity = SITES_BLOCK;
    mpr_rec_publish(state.writer);
    state.sites_open = record;
    return true;
}

/* Number + 1; 0: no room. */
static uint32_t find_site(const struct site_key *key)
{
    uint32_t *slot = index_find(&state.site_index, site_key_hash(key), site_hash, site_same, key);
    if (!slot || *slot)
        return slot ? *slot : 0;
    if (!array_reserve(
            (void **)&state.sites, state.site_count, &state.site_capacity, sizeof *state.sites) ||
        !sites_room())
        return 0;
    struct mpr_rec_site *site = &state.sites_open->site[state.sites_open->count];
    site->place = key->place;
    site->line = key->line;
    site->domain = key->domain;
    site->level = offsetof(struct mpr_rec_heap, level) +
                  (key->domain != MPR_HEAP_PYTHON) * sizeof(struct mpr_rec_level);
    __atomic_store_n(&state.sites_open->count, state.sites_open->count + 1, __ATOMIC_RELEASE);
    state.sites[state.site_count++] = site;
    state.site_index.used++;
    return *slot = state.site_count;
}

/* --- nodes --- */

struct node_key {
    uint32_t parent;
    uint32_t site; /* number, or MPR_NODE_ROW: then */
    uint32_t place, line;
};

static uint64_t node_key_hash(const struct node_key *key)
{
    return mix(mix(mix(mix(7, key->parent), key->site), key->place), key->line);
}

static uint64_t node_hash(uint32_t number)
{
    const struct mpr_rec_node *node = mpr_node_at(number);
    struct node_key key = {node->parent, node->site, node->place, node->line};
    return node_key_hash(&key);
}

static bool node_same(uint32_t number, const void *data)
{
    const struct node_key *key = data;
    const struct mpr_rec_node *node = mpr_node_at(number);
    return node->parent == key->parent && node->site == key->site && node->place == key->place &&
           node->line == key->line;
}

/* Numbers run through the blocks, of which the first begins with the number 0 that nobody has. */
static bool nodes_room(void)
{
    uint32_t block = (state.node_count + 1) / MPR_NODES_BLOCK;
    if (state.nodes_open && state.nodes_open->count < state.nodes_open->capacity)
        return true;
    if (block >= MPR_NODES_BLOCKS)
        return false;
    size_t size = sizeof *state.nodes_open + 64 + MPR_NODES_BLOCK * sizeof(struct mpr_rec_node);
    struct mpr_rec_nodes *record = mpr_rec_append(state.writer, MPR_KIND_NODES, size);
    if (!record)
        return false;
    uintptr_t first = ((uintptr_t)(record + 1) + 63) & ~(uintptr_t)63;
    record->first = (uint32_t)(first - (uintptr_t)record);
    record->capacity = MPR_NODES_BLOCK;
    record->count = state.node_count == 0;
    mpr_rec_publish(state.writer);
    mpr_node_blocks[block] = (struct mpr_rec_node *)first;
    state.nodes_open = record;
    return true;
}

static uint32_t find_node(const struct node_key *key, uint32_t limit)
{
    uint32_t *slot = index_find(&state.node_index, node_key_hash(key), node_hash, node_same, key);
    if (!slot || *slot)
        return slot ? *slot : 0;
    if (state.node_count >= limit || !nodes_room())
        return 0;
    uint32_t number = state.node_count + 1;
    struct mpr_rec_node *node = mpr_node_at(number);
    node->number = number;
    node->parent = key->parent;
    node->site = key->site;
    node->place = key->place;
    node->line = key->line;
    if (key->site != MPR_NODE_ROW)
        node->to_site = (char *)state.sites[key->site] - (char *)node;
    node->epoch = MPR_READ(state.heap->epoch);
    node->birth = mpr_ticks(mpr_probe->ticks_are_ns);
    __atomic_store_n(&state.nodes_open->count, state.nodes_open->count + 1, __ATOMIC_RELEASE);
    state.node_count = number;
    state.node_index.used++;
    return *slot = number;
}

static struct mpr_rec_node *leaf(
    uint32_t context, uint32_t place, uint32_t line, uint32_t domain, uint32_t limit)
{
    struct site_key where = {place, line, domain};
    uint32_t site = find_site(&where);
    if (site == 0)
        return NULL;
    struct node_key key = {context, site - 1, 0, 0};
    uint32_t number = find_node(&key, limit);
    return number ? mpr_node_at(number) : NULL;
}

struct mpr_rec_node *mpr_node_leaf(uint32_t context, uint32_t place, uint32_t line, uint32_t domain)
{
    int saved = errno;
    if (!mpr_lock_take(&state.lock)) /* by a signal's handler, which is no line */
        return mpr_node_special(MPR_PLACE_INTERPRETER, domain);
    struct mpr_rec_node *node = place ? leaf(context, place, line, domain, NODES_SOFT) : NULL;
    if (!node) {
        mpr_note(MPR_NOTE_HEAP_FOLDED);
        node = leaf(context, MPR_PLACE_FOLDED, 0, domain, UINT32_MAX);
    }
    mpr_lock_give(&state.lock);
    errno = saved;
    return node ? node : mpr_node_special(MPR_PLACE_FOLDED, domain);
}

struct mpr_rec_node *mpr_node_special(enum mpr_special_place place, uint32_t domain)
{
    return state.special[place - MPR_PLACE_STARTUP][domain];
}

static bool in_path(uint32_t context, uint32_t place, uint32_t line)
{
    while (context) {
        const struct mpr_rec_node *node = mpr_node_at(context);
        if (node->place == place && node->line == line)
            return true;
        context = node->parent;
    }
    return false;
}

uint32_t mpr_node_row(uint32_t context, uint32_t place, uint32_t line)
{
    struct node_key key = {context, MPR_NODE_ROW, place, line};
    if (place == 0 || in_path(context, place, line))
        return context;
    int saved = errno;
    if (!mpr_lock_take(&state.lock))
        return context;
    uint32_t number = find_node(&key, NODES_SOFT);
    mpr_lock_give(&state.lock);
    errno = saved;
    if (number)
        return number;
    mpr_note(MPR_NOTE_HEAP_FOLDED);
    return context;
}

uint32_t mpr_node_within(uint32_t context, uint32_t scope)
{
    uint32_t line[SCOPE_DEPTH];
    size_t count = 0;
    for (; scope && count < SCOPE_DEPTH; scope = mpr_node_at(scope)->parent)
        line[count++] = mpr_node_at(scope)->line;
    while (count > 0)
        context = mpr_node_row(context, MPR_PLACE_SECTION, line[--count]);
    return context;
}

bool mpr_nodes_start(void)
{
    memset(&state, 0, sizeof state);
    mpr_lock_make(&state.lock);
    memset(mpr_node_blocks, 0, sizeof mpr_node_blocks);
    state.writer = mpr_probe->writer;
    state.heap = &mpr_probe->header->heap;
    for (uint32_t place = 0; place < MPR_SPECIAL_PLACES; place++) {
        for (uint32_t domain = 0; domain < MPR_HEAP_DOMAINS; domain++) {
            state.special[place][domain] =
                leaf(0, MPR_PLACE_STARTUP + place, 0, domain, UINT32_MAX);
            if (!state.special[place][domain])
                return false;
        }
    }
    return true;
}

uint32_t mpr_nodes_count(void)
{
    return __atomic_load_n(&state.node_count, __ATOMIC_ACQUIRE);
}
