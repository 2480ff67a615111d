/* SPDX-License-Identifier: MIT */
/* Does a model keep what its header promises? What comes from a store is anybody's: what reads a
 * model looks up each index and name without a further thought. Linear in its size; asks for no
 * memory. */
#include <string.h>

#include "mprun/profile.h"

/* A sum is held against its terms where neither can have overflowed. */
#define LARGE ((int64_t)1 << 50)

/* Functions of one file overlap by nesting, each line is in a few of them: so many times is more
 * than any program does. */
#define BORROWED_TIMES 64
#define BORROWED_MIN ((uint64_t)16 << 20)

struct check {
    const struct mpr_profile *profile;
    struct mpr_error *err;
};

/* False, with the message. Called once: the first fault ends a check. */
static bool fault(const struct check *check, const char *array, size_t index, const char *what)
{
    mpr_error_set(check->err, MPR_ERR_CORRUPT, "the profile contradicts itself: %s %zu: %s", array,
        index, what);
    return false;
}

static bool is_utf8(const char *text, size_t len)
{
    for (size_t at = 0, step; at < len; at += step) {
        step = mpr_utf8_sequence(text + at, len - at);
        if (step == 0)
            return false;
    }
    return true;
}

static bool is_text(const char *text)
{
    return text && is_utf8(text, strlen(text));
}

static bool is_text_or_none(const char *text)
{
    return !text || is_text(text);
}

/* So many texts, and NULL behind them. */
static bool are_texts(char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_text(texts[i]))
            return false;
    return !texts[count];
}

static bool is_index(size_t index, size_t count)
{
    return index < count || index == MPR_NONE;
}

static bool is_large(int64_t value)
{
    return value <= -LARGE || value >= LARGE; /* MPR_UNKNOWN, too */
}

static bool is_difference(int64_t difference, int64_t from, int64_t less)
{
    return is_large(difference) || is_large(from) || is_large(less) || difference == from - less;
}

/* --- processes --- */

static bool in_range(const struct mpr_profile_process *process)
{
    return (unsigned)process->container < MPR_CONTAINERS && (unsigned)process->begin < MPR_BEGINS &&
           (unsigned)process->end < MPR_ENDS && (unsigned)process->engine < MPR_ENGINES &&
           (unsigned)process->tier < MPR_TIERS;
}

static bool is_command(char *const *command)
{
    size_t count = 0;
    while (command && command[count])
        count++;
    return command && are_texts(command, count);
}

static bool is_sum(const struct mpr_profile_sum *sum)
{
    return is_difference(sum->freed, sum->allocated, sum->end);
}

/* Of a heap that was tracked all is known. */
static bool is_known_sum(const struct mpr_profile_sum *sum)
{
    return sum->allocated != MPR_UNKNOWN && sum->freed != MPR_UNKNOWN &&
           sum->allocations != MPR_UNKNOWN && sum->peak != MPR_UNKNOWN && sum->end != MPR_UNKNOWN;
}

static bool is_known(const struct mpr_profile_heap *heap)
{
    return is_known_sum(&heap->all) && is_known_sum(&heap->python) && is_known_sum(&heap->native) &&
           heap->before != MPR_UNKNOWN;
}

/* Its terms are added and turned about where it is shown. */
static bool is_reconciled(const struct mpr_profile_heap *heap)
{
    const struct mpr_profile_reconciliation *r = &heap->rss;
    const int64_t terms[] = {r->rss, r->python, r->native, r->untouched, r->interpreter, r->files,
        r->shared, r->slack_python, r->slack_malloc};
    for (size_t i = 0; r->valid && i < sizeof terms / sizeof *terms; i++)
        if (is_large(terms[i]))
            return false;
    return !r->valid || heap->unexplained != MPR_UNKNOWN;
}

static bool check_heap(const struct check *check, size_t number)
{
    const struct mpr_profile_heap *heap = &check->profile->process[number].heap;
    size_t functions = check->profile->function_count;
    if (!is_index(heap->at.function, functions) || !is_text_or_none(heap->allocator))
        return fault(check, "process", number, "where its heap was highest");
    if (!is_sum(&heap->all) || !is_sum(&heap->python) || !is_sum(&heap->native))
        return fault(check, "process", number, "sums of its heap");
    if (heap->tracked && !is_known(heap))
        return fault(check, "process", number, "its heap was tracked, and is not known");
    if (!is_reconciled(heap))
        return fault(check, "process", number, "how its RSS came about");
    for (size_t i = 0; i < heap->holder_count; i++) {
        const struct mpr_profile_holder *holder = &heap->holders[i];
        if (holder->function >= functions &&
            (holder->function != MPR_NONE || !is_text(holder->name)))
            return fault(check, "holder", i, "it is nothing");
    }
    return true;
}

static bool check_timeline(const struct check *check, const struct mpr_profile_timeline *timeline)
{
    for (size_t i = 0; i < timeline->count; i++) {
        const struct mpr_profile_bucket *bucket = &timeline->bucket[i];
        if (!is_index(bucket->max_function, check->profile->function_count) ||
            (bucket->max_function == MPR_NONE) != (bucket->max_line == 0))
            return fault(check, "sample", i, "the row that was open");
        if (bucket->rss_min > bucket->rss_max || (i && bucket->t_ns < bucket[-1].t_ns))
            return fault(check, "sample", i, "its order");
    }
    return true;
}

/* May `next` stand behind it? */
static bool is_before(
    const struct mpr_profile_interval *interval, const struct mpr_profile_interval *next)
{
    return interval->begin_ns < next->begin_ns ||
           (interval->begin_ns == next->begin_ns && interval->end_ns >= next->end_ns);
}

static bool check_intervals(
    const struct check *check, const struct mpr_profile_intervals *intervals)
{
    for (size_t i = 0; i < intervals->count; i++) {
        const struct mpr_profile_interval *interval = &intervals->interval[i];
        if (interval->function >= check->profile->function_count)
            return fault(check, "interval", i, "its function");
        if (interval->end_ns < interval->begin_ns)
            return fault(check, "interval", i, "its end");
        if (i && !is_before(interval - 1, interval))
            return fault(check, "interval", i, "its order");
    }
    return true;
}

static bool check_process(const struct check *check, size_t number)
{
    const struct mpr_profile_process *process = &check->profile->process[number];
    size_t functions = check->profile->function_count;
    if (!in_range(process))
        return fault(check, "process", number, "a number without a name");
    if (process->parent != MPR_NONE && process->parent >= number)
        return fault(check, "process", number, "its parent");
    if (!is_command(process->command) || !is_text(process->python) ||
        !is_text(process->interpreter))
        return fault(check, "process", number, "its text");
    if (!is_index(process->peak_function, functions) ||
        (process->peak_function == MPR_NONE) != (process->peak_line == 0))
        return fault(check, "process", number, "where its RSS was highest");
    for (size_t i = 0; i < process->open_count; i++)
        if (process->open[i].function >= functions)
            return fault(check, "open row", i, "its function");
    return check_heap(check, number) && check_timeline(check, &process->timeline) &&
           check_intervals(check, &process->intervals);
}

/* --- functions --- */

static bool check_rows(const struct check *check, size_t number)
{
    const struct mpr_profile_function *function = &check->profile->functions[number];
    const struct mpr_profile_source *source =
        function->source == MPR_NONE ? NULL : &check->profile->sources[function->source];
    uint64_t least = function->first_line;
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        if (row->line < least || row->line > function->last_line)
            return fault(check, "function", number, "the order of its rows");
        if (row->source && (!source || row->source != mpr_profile_line(source, row->line)))
            return fault(check, "function", number, "its source");
        if (!is_difference(row->heap_delta, row->heap_allocated, row->heap_freed))
            return fault(check, "function", number, "what a row holds");
        least = (uint64_t)row->line + 1;
    }
    return true;
}

/* A term that is large, or not known, makes the sum large for good. */
static int64_t add(int64_t sum, int64_t term)
{
    return is_large(sum) || is_large(term) ? LARGE : sum + term;
}

static bool is_same(int64_t sum, int64_t total)
{
    return is_large(sum) || is_large(total) || sum == total;
}

static bool check_totals(const struct check *check, size_t number)
{
    const struct mpr_profile_function *function = &check->profile->functions[number];
    int64_t rss = 0, heap = 0, time = 0;
    for (size_t i = 0; i < function->row_count; i++) {
        rss = add(rss, function->rows[i].rss_delta);
        heap = add(heap, function->rows[i].heap_delta);
        time = add(time, function->rows[i].time_ns);
    }
    if (!is_same(rss, function->rss_delta) || !is_same(heap, function->heap_delta) ||
        !is_same(time, function->time_ns))
        return fault(check, "function", number, "the sums of its rows");
    return true;
}

static bool check_function(const struct check *check, size_t number)
{
    const struct mpr_profile_function *function = &check->profile->functions[number];
    if (!is_text(function->file) || !is_text(function->name) || !is_text(function->qualname) ||
        !is_text(function->module) || !is_text(function->selected_by) ||
        !is_text_or_none(function->source_problem))
        return fault(check, "function", number, "its text");
    if (!is_index(function->source, check->profile->source_count))
        return fault(check, "function", number, "its source");
    if (function->last_line < function->first_line)
        return fault(check, "function", number, "its lines");
    return check_rows(check, number) && check_totals(check, number);
}

static bool check_lines(const struct mpr_profile_source *source)
{
    if (!source->text || !source->start || source->start[0] != 0)
        return false;
    uint32_t size = source->start[source->line_count];
    for (size_t i = 0; i < source->line_count; i++) {
        uint32_t from = source->start[i], to = source->start[i + 1];
        if (to <= from || to > size || source->text[to - 1] != '\0' ||
            strnlen(source->text + from, to - from) != to - from - 1 ||
            !is_utf8(source->text + from, to - from - 1))
            return false;
    }
    return true;
}

static bool check_source(const struct check *check, size_t number)
{
    const struct mpr_profile_source *source = &check->profile->sources[number];
    if (!is_text(source->file) || !is_text_or_none(source->problem))
        return fault(check, "source", number, "its text");
    if (source->problem ? source->line_count != 0 : !check_lines(source))
        return fault(check, "source", number, "its lines");
    return true;
}

/* A long line that many functions show would be written by each of them. */
static bool check_borrowed(const struct check *check)
{
    const struct mpr_profile *profile = check->profile;
    uint64_t text = 0, borrowed = 0;
    for (size_t i = 0; i < profile->source_count; i++)
        if (profile->sources[i].line_count)
            text += profile->sources[i].start[profile->sources[i].line_count];
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct mpr_profile_function *function = &profile->functions[i];
        for (size_t n = 0; n < function->row_count; n++) {
            const struct mpr_profile_row *row = &function->rows[n];
            if (!row->source)
                continue;
            const uint32_t *start = &profile->sources[function->source].start[row->line - 1];
            borrowed += start[1] - start[0];
            if (borrowed > BORROWED_MIN + text * BORROWED_TIMES)
                return fault(check, "function", i, "it shows lines that too many others show");
        }
    }
    return true;
}

/* --- the tree --- */

static bool check_place(const struct check *check, size_t number)
{
    const struct mpr_profile_place *place = &check->profile->places[number];
    if ((unsigned)place->kind >= MPR_AT_KINDS || (unsigned)place->origin >= MPR_ORIGINS)
        return fault(check, "place", number, "a number without a name");
    if (!is_text(place->qualname) || !is_text_or_none(place->package) ||
        !(place->kind == MPR_AT_CODE ? is_text(place->file) : !place->file))
        return fault(check, "place", number, "its text");
    if (!is_index(place->function, check->profile->function_count))
        return fault(check, "place", number, "its function");
    return true;
}

/* It borrows its names. */
static bool is_named(const struct check *check, const struct mpr_profile_site *site)
{
    if (site->place == MPR_NONE)
        return !site->file && site->package && site->function == site->package;
    if (site->place >= check->profile->place_count)
        return false;
    const struct mpr_profile_place *place = &check->profile->places[site->place];
    return site->file == place->file && site->function == place->qualname &&
           site->package == place->package;
}

static bool check_site(const struct check *check, size_t number)
{
    const struct mpr_profile_site *site = &check->profile->sites[number];
    if (!is_named(check, site))
        return fault(check, "site", number, "its place");
    if ((unsigned)site->domain >= MPR_DOMAINS)
        return fault(check, "site", number, "a number without a name");
    if (site->allocated == MPR_UNKNOWN || site->allocations == MPR_UNKNOWN ||
        site->live_at_peak == MPR_UNKNOWN || site->live_at_end == MPR_UNKNOWN)
        return fault(check, "site", number, "what it holds");
    return true;
}

static bool check_node(const struct check *check, size_t number)
{
    const struct mpr_profile_node *nodes = check->profile->nodes, *node = &nodes[number];
    if (node->kind >= MPR_PATH_KINDS || node->domain >= MPR_DOMAINS)
        return fault(check, "node", number, "a number without a name");
    if (node->place >= check->profile->place_count)
        return fault(check, "node", number, "its place");
    if (node->parent != MPR_NO_PARENT &&
        (node->parent >= number || nodes[node->parent].kind != MPR_PATH_ROW))
        return fault(check, "node", number, "its parent");
    if (!is_difference(node->live_at_end, node->allocated, node->freed))
        return fault(check, "node", number, "what it holds");
    return true;
}

/* --- marks --- */

static bool is_heap(const struct mpr_profile_mark *mark)
{
    if (mark->heap == MPR_UNKNOWN)
        return mark->python == MPR_UNKNOWN && mark->native == MPR_UNKNOWN;
    return is_difference(mark->python, mark->heap, mark->native);
}

/* Nodes of sites, each once, in their order. */
static bool is_held(const struct check *check, const struct mpr_profile_mark *mark)
{
    const struct mpr_profile *profile = check->profile;
    if (mark->held > profile->held_count || mark->held_count > profile->held_count - mark->held)
        return false;
    const struct mpr_profile_held *held = mark->held_count ? profile->held + mark->held : NULL;
    for (size_t i = 0; i < mark->held_count; i++) {
        if (held[i].node >= profile->node_count ||
            profile->nodes[held[i].node].kind != MPR_PATH_SITE ||
            (i && held[i].node <= held[i - 1].node))
            return false;
    }
    return true;
}

static bool check_mark(const struct check *check, size_t number)
{
    const struct mpr_profile_mark *mark = &check->profile->marks[number];
    if (mark->process >= check->profile->process_count || !is_text(mark->name))
        return fault(check, "mark", number, "its name");
    if (number && (mark->process < mark[-1].process ||
                      (mark->process == mark[-1].process && mark->t_ns < mark[-1].t_ns)))
        return fault(check, "mark", number, "its order");
    if (!is_heap(mark))
        return fault(check, "mark", number, "its heap");
    size_t before = number ? mark[-1].held + mark[-1].held_count : 0;
    if (mark->held < before || (!mark->snapshot && mark->held_count) || !is_held(check, mark))
        return fault(check, "mark", number, "what was live");
    return true;
}

static bool check_section(const struct check *check, size_t number)
{
    const struct mpr_profile_section *section = &check->profile->sections[number];
    if (section->process >= check->profile->process_count || !is_text(section->name))
        return fault(check, "section", number, "its name");
    return true;
}

static bool check_unmatched(const struct check *check, size_t number)
{
    const struct mpr_profile_unmatched *unmatched = &check->profile->unmatched[number];
    bool ok = is_text(unmatched->pattern);
    for (size_t i = 0; i < 3; i++)
        ok = ok && is_text_or_none(unmatched->nearest[i]);
    return ok || fault(check, "pattern", number, "its text");
}

static bool check_all(
    const struct check *check, size_t count, bool (*check_one)(const struct check *, size_t))
{
    for (size_t i = 0; i < count; i++)
        if (!check_one(check, i))
            return false;
    return true;
}

static bool check_tree(const struct check *check)
{
    const struct mpr_profile *profile = check->profile;
    bool functions = profile->function_count || profile->site_count || profile->node_count;
    if (profile->kind == MPR_PROFILE_TREE && functions)
        return fault(check, "run", 0, "its functions");
    return check_timeline(check, &profile->tree.rss) && check_timeline(check, &profile->tree.pss);
}

int mpr_profile_check(const struct mpr_profile *profile, struct mpr_error *err)
{
    const struct check check = {profile, err};
    bool ok = true;
    if (profile->process_count == 0 || (unsigned)profile->kind >= MPR_PROFILE_KINDS ||
        (unsigned)profile->detail > MPR_DETAIL_NO_FUNCTIONS || !is_text(profile->cwd) ||
        !profile->notes || !are_texts(profile->notes, profile->note_count))
        ok = fault(&check, "run", 0, "its facts");
    /* Functions borrow of sources, sites and nodes of places. */
    ok = ok && check_all(&check, profile->source_count, check_source);
    ok = ok && check_all(&check, profile->function_count, check_function);
    ok = ok && check_borrowed(&check);
    ok = ok && check_all(&check, profile->process_count, check_process);
    ok = ok && check_tree(&check);
    ok = ok && check_all(&check, profile->place_count, check_place);
    ok = ok && check_all(&check, profile->site_count, check_site);
    ok = ok && check_all(&check, profile->node_count, check_node);
    ok = ok && check_all(&check, profile->mark_count, check_mark);
    ok = ok && check_all(&check, profile->section_count, check_section);
    ok = ok && check_all(&check, profile->unmatched_count, check_unmatched);
    return ok ? 0 : MPR_ERR_CORRUPT;
}
