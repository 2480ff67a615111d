/* SPDX-License-Identifier: MIT */
/* The program's questions about its memory. Peaks that begin in mid-run are told by one level of
 * the heap's, its high mark, which whoever begins anew sets to the present total after all others
 * that watch have taken it: so each has the highest since its own beginning, and the run's peak,
 * with all that hangs on it, knows nothing of them. */
#include "figures.h"

#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mprun/clock.h"
#include "mprun/count.h"
#include "mprun/hash.h"
#include "mprun/nodes.h"
#include "mprun/rss.h"
#include "mprun/sys.h"

/* What a program that marks each step of a loop may take of the recording. */
#define LABELS_FIRST 64u /* a power of two; half of it is used */
#define LABELS_MAX 4096u
#define SNAPSHOTS_ROOM ((size_t)64 << 20)

struct label {
    uint64_t hash;
    uint32_t number; /* 0: none */
    const struct mpr_rec_label *record;
    struct mpr_rec_section *section; /* NULL: no section has that name */
};

static struct {
    uint32_t session;     /* whose all of this is */
    struct label *labels; /* by hash, open addressing; own memory */
    uint32_t label_count, label_capacity;
    uint32_t marks;
    size_t snapshots; /* bytes */
    bool reset;       /* peaks have begun anew, at: */
    int64_t high;     /* the heap's highest since then, without its present high mark */
    int64_t maxrss;   /* what the kernel knew to be the highest then */
    struct mpr_section_entry *entries; /* that have begun, newest first */
} state;

/* Of an earlier session nothing is valid but entries, which their objects take out. */
static void renew(void)
{
    if (state.session == mpr_probe->session)
        return;
    struct mpr_section_entry *entries = state.entries;
    memset(&state, 0, sizeof state);
    state.session = mpr_probe->session;
    state.entries = entries;
}

/* --- figures --- */

/* Bytes, mprun's pages included; as the report has it of the end. */
static int64_t kernel_peak(void)
{
    struct rusage usage;
    return mpr_sys_getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t read_rss(void)
{
    uint32_t tier = mpr_probe->header->rss.tier;
    int64_t rss = tier == MPR_RSS_AUTO || tier == MPR_RSS_OFF ? MPR_RSS_UNREAD : mpr_rss_read();
    if (rss == MPR_RSS_UNREAD)
        return MPR_NO_FIGURE;
    mpr_probe->gate.high = larger(mpr_probe->gate.high, rss);
    return rss;
}

/* The kernel's high-water mark cannot begin anew without spoiling the run's: since a reset it tells
 * only where it has risen, else what was read is all that is known. mprun's own pages may be more
 * by now than they were then: of what was found at different moments the most is nearest. */
static int64_t rss_peak(void)
{
    int64_t *peak = &mpr_probe->gate.high, kernel = kernel_peak();
    if (kernel > state.maxrss)
        *peak = larger(*peak, kernel - MPR_READ(mpr_probe->header->rss.own));
    return *peak;
}

void mpr_figures_read(struct mpr_figures *ret)
{
    const struct mpr_rec_heap *heap = mpr_probe->heap;
    renew();
    *ret = (struct mpr_figures){
        MPR_NO_FIGURE, MPR_NO_FIGURE, MPR_NO_FIGURE, MPR_NO_FIGURE, MPR_NO_FIGURE, MPR_NO_FIGURE};
    if (heap) {
        ret->python = mpr_level_now(&heap->level[MPR_HEAP_PYTHON]);
        ret->native = mpr_level_now(&heap->level[MPR_HEAP_NATIVE]);
        ret->heap = ret->python + ret->native;
        ret->heap_peak =
            state.reset ? larger(state.high, MPR_READ(heap->high)) : MPR_READ(heap->peak);
    }
    ret->rss = read_rss();
    if (ret->rss != MPR_NO_FIGURE)
        ret->rss_peak = rss_peak();
}

/* --- high marks --- */

/* The heap's high mark begins anew; whoever watched it takes what it was. Returns the level. */
static int64_t begin_high(struct mpr_rec_heap *heap)
{
    int64_t high = MPR_READ(heap->high), total = mpr_heap_total(heap);
    state.high = larger(state.high, high);
    for (struct mpr_section_entry *entry = state.entries; entry; entry = entry->next)
        entry->high = larger(entry->high, high);
    MPR_HELD_SET(heap->high, total);
    heap->high_when = 0;
    return total;
}

void mpr_figures_reset_peak(void)
{
    renew();
    if (mpr_probe->heap)
        state.high = begin_high(mpr_probe->heap);
    int64_t rss = read_rss();
    if (rss != MPR_NO_FIGURE)
        mpr_probe->gate.high = rss;
    state.maxrss = kernel_peak();
    state.reset = true;
}

/* --- names --- */

static void *no_room(void)
{
    mpr_note(MPR_NOTE_MARKS_FULL);
    return NULL;
}

static struct label *add_label(struct label *free_slot, const char *name, size_t len, uint64_t hash)
{
    struct mpr_rec_label *record = NULL;
    if (state.label_count < LABELS_MAX)
        record = mpr_rec_append(mpr_probe->writer, MPR_KIND_LABEL, sizeof *record + len + 1);
    if (!record)
        return no_room();
    memcpy(record->text, name, len);
    mpr_rec_publish(mpr_probe->writer);
    *free_slot = (struct label){hash, ++state.label_count, record, NULL};
    return free_slot;
}

/* Its slot, or the free one where it belongs. */
static struct label *slot_of(
    struct label *labels, uint32_t capacity, const char *name, size_t len, uint64_t hash)
{
    for (uint32_t at = (uint32_t)hash & (capacity - 1);; at = (at + 1) & (capacity - 1)) {
        struct label *label = &labels[at];
        if (!label->number ||
            (label->hash == hash && strncmp(label->record->text, name, len) == 0 &&
                label->record->text[len] == '\0'))
            return label;
    }
}

/* What is outgrown stays behind. */
static bool make_room(void)
{
    uint32_t capacity = state.label_capacity ? state.label_capacity * 2 : LABELS_FIRST;
    if (state.label_count * 2 < state.label_capacity)
        return true;
    struct label *grown = mpr_probe_alloc(capacity * sizeof *grown);
    if (!grown)
        return false;
    for (uint32_t i = 0; i < state.label_capacity; i++) {
        const struct label *label = &state.labels[i];
        if (!label->number)
            continue;
        const char *text = label->record->text;
        *slot_of(grown, capacity, text, strlen(text), label->hash) = *label;
    }
    state.labels = grown;
    state.label_capacity = capacity;
    return true;
}

static struct label *find_label(const char *name)
{
    size_t len = strnlen(name, MPR_REC_NAME_MAX);
    uint64_t hash = mpr_hash_fold(mpr_hash_bytes(MPR_HASH_START, name, len));
    if (!make_room())
        return no_room();
    struct label *label = slot_of(state.labels, state.label_capacity, name, len, hash);
    return label->number ? label : add_label(label, name, len, hash);
}

/* --- marks and snapshots --- */

void mpr_figures_mark(const char *name, const struct mpr_figures *figures, uint64_t snapshot)
{
    renew();
    const struct label *label = find_label(name);
    if (!label)
        return;
    struct mpr_rec_mark *mark = NULL;
    if (state.marks < MPR_REC_MARKS_MAX)
        mark = mpr_rec_append(mpr_probe->writer, MPR_KIND_MARK, sizeof *mark);
    if (!mark) {
        no_room();
        return;
    }
    *mark = (struct mpr_rec_mark){
        .head = mark->head,
        .label = label->number,
        .tick = mpr_ticks(mpr_probe->ticks_are_ns),
        .python = figures->python,
        .native = figures->native,
        .heap_peak = figures->heap_peak,
        .rss = figures->rss,
        .rss_peak = figures->rss_peak,
        .snapshot = snapshot,
    };
    mpr_rec_publish(mpr_probe->writer);
    state.marks++;
}

/* Threads without the GIL may be at it: what a node holds is read once. */
static bool held_by(uint32_t number, struct mpr_rec_held *ret)
{
    struct mpr_held held;
    mpr_node_held(mpr_node_at(number), &held);
    *ret = (struct mpr_rec_held){
        number, held.blocks < UINT32_MAX ? (uint32_t)held.blocks : UINT32_MAX, held.bytes};
    return held.bytes != 0 || held.blocks != 0;
}

static uint32_t count_holders(uint32_t nodes)
{
    uint32_t count = 0;
    struct mpr_rec_held held;
    for (uint32_t number = 1; number <= nodes; number++)
        count += held_by(number, &held);
    return count;
}

uint64_t mpr_figures_snapshot(void)
{
    renew();
    if (!mpr_probe->heap)
        return 0;
    uint32_t nodes = mpr_nodes_count(), room = count_holders(nodes);
    size_t size = sizeof(struct mpr_rec_snapshot) + room * sizeof(struct mpr_rec_held);
    struct mpr_rec_snapshot *record = NULL;
    if (size <= SNAPSHOTS_ROOM - state.snapshots)
        record = mpr_rec_append(mpr_probe->writer, MPR_KIND_SNAPSHOT, size);
    if (!record) {
        no_room();
        return 0;
    }
    state.snapshots += size;
    for (uint32_t number = 1; number <= nodes && record->count < room; number++)
        record->count += held_by(number, &record->held[record->count]);
    uint64_t offset = mpr_rec_last_offset(mpr_probe->writer);
    mpr_rec_publish(mpr_probe->writer);
    return offset;
}

/* --- sections --- */

static struct mpr_section_entry *entry_of(struct mpr_section_entry *const *next)
{
    return (struct mpr_section_entry *)(void *)((char *)(uintptr_t)next -
                                                offsetof(struct mpr_section_entry, next));
}

static struct mpr_rec_section *find_section(const char *name)
{
    struct label *label = find_label(name);
    if (!label || label->section)
        return label ? label->section : NULL;
    struct mpr_rec_section *section =
        mpr_rec_append(mpr_probe->writer, MPR_KIND_SECTION, sizeof *section);
    if (!section)
        return no_room();
    section->label = label->number;
    if (!mpr_probe->heap)
        section->heap = section->spike = MPR_REC_NO_FIGURE;
    mpr_rec_publish(mpr_probe->writer);
    return label->section = section;
}

/* The kernel's number: where a thread's block was is soon another one's, and what the first left
 * unfinished would be its. */
static uint32_t this_thread(void)
{
    return (uint32_t)gettid();
}

static bool is_same(const struct mpr_section_entry *a, const struct mpr_section_entry *b)
{
    return a->section == b->section && a->session == b->session && a->thread == b->thread;
}

/* Does it run within another one of its name, in its own thread? */
static bool is_within(const struct mpr_section_entry *entry)
{
    for (const struct mpr_section_entry *other = entry->next; other; other = other->next)
        if (is_same(other, entry))
            return true;
    return false;
}

void mpr_section_begin(const char *name, struct mpr_section_entry *entry)
{
    renew();
    struct mpr_rec_section *section = find_section(name);
    *entry = (struct mpr_section_entry){.section = section, .session = state.session};
    if (!section)
        return;
    section->calls++;
    entry->thread = this_thread();
    entry->heap = entry->high = mpr_probe->heap ? begin_high(mpr_probe->heap) : 0;
    entry->from = (struct mpr_section_from){.heap = entry->heap, .rss = read_rss()};
    entry->next = state.entries;
    entry->place = &state.entries;
    if (entry->next)
        entry->next->place = &entry->next;
    state.entries = entry;
    entry->within = is_within(entry);
    entry->scope = mpr_thread_block.heap.scope;
    if (mpr_probe->heap)
        mpr_thread_block.heap.scope = mpr_node_row(entry->scope, MPR_PLACE_SECTION, section->label);
    entry->from.ticks = mpr_ticks(mpr_probe->ticks_are_ns);
}

struct scope_of {
    uint32_t thread, scope;
};

static void set_scope(struct mpr_thread *thread, void *data)
{
    const struct scope_of *wanted = data;
    if (thread->tid == wanted->thread)
        MPR_HELD_SET(thread->heap.scope, wanted->scope);
}

/* Those of its thread that began later, and go on, are in one less. Another thread may end it. */
static void leave_scope(const struct mpr_section_entry *ended)
{
    struct scope_of wanted = {ended->thread, ended->scope};
    for (struct mpr_section_entry *const *place = ended->place; place != &state.entries;) {
        struct mpr_section_entry *entry = entry_of(place);
        place = entry->place;
        if (entry->thread != ended->thread || entry->session != ended->session)
            continue;
        entry->scope = wanted.scope;
        wanted.scope = mpr_node_row(wanted.scope, MPR_PLACE_SECTION, entry->section->label);
    }
    if (ended->thread == this_thread())
        mpr_thread_block.heap.scope = wanted.scope;
    else
        mpr_thread_each(set_scope, &wanted);
}

/* Of those that ran within it the first is the outermost now: tasks of one thread end in any order.
 * `from`: up to where the one that ended has told; NULL: it has told nothing. */
static void hand_on(const struct mpr_section_entry *ended, const struct mpr_section_from *from)
{
    if (ended->within)
        return;
    for (struct mpr_section_entry *const *place = ended->place; place != &state.entries;) {
        struct mpr_section_entry *entry = entry_of(place);
        place = entry->place;
        if (!is_same(entry, ended))
            continue;
        entry->within = false;
        entry->from = from ? *from : entry->from;
        return;
    }
}

static void take_out(struct mpr_section_entry *entry, const struct mpr_section_from *from)
{
    if (!entry->place)
        return;
    hand_on(entry, from);
    if (mpr_probe->armed && mpr_probe->heap && entry->session == mpr_probe->session)
        leave_scope(entry);
    *entry->place = entry->next;
    if (entry->next)
        entry->next->place = entry->place;
    entry->place = NULL;
}

void mpr_section_forget(struct mpr_section_entry *entry)
{
    take_out(entry, NULL);
}

static void add_rss(struct mpr_rec_section *section, int64_t from, int64_t to)
{
    if (from == MPR_NO_FIGURE || to == MPR_NO_FIGURE)
        section->unread++;
    else
        section->rss += to - from;
}

static void add_up(const struct mpr_section_entry *entry, const struct mpr_section_from *now)
{
    struct mpr_rec_section *section = entry->section;
    const struct mpr_rec_heap *heap = mpr_probe->heap;
    if (heap) {
        int64_t high = larger(entry->high, MPR_READ(heap->high));
        section->spike = larger(section->spike, high - larger(entry->heap, now->heap));
    }
    if (entry->within)
        return;
    section->ticks += now->ticks - entry->from.ticks;
    section->heap += heap ? now->heap - entry->from.heap : 0;
    add_rss(section, entry->from.rss, now->rss);
}

void mpr_section_end(struct mpr_section_entry *entry)
{
    bool begun = entry->place != NULL && mpr_probe->armed && entry->session == mpr_probe->session;
    if (!begun) {
        take_out(entry, NULL);
        return;
    }
    const struct mpr_section_from now = {
        .ticks = mpr_ticks(mpr_probe->ticks_are_ns),
        .heap = mpr_probe->heap ? mpr_heap_total(mpr_probe->heap) : 0,
        .rss = entry->within ? 0 : read_rss(),
    };
    add_up(entry, &now);
    take_out(entry, &now);
}
