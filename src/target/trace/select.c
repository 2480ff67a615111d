/* SPDX-License-Identifier: MIT */
/* Judges code objects against patterns, decorators and the default. Cold: once for each code
 * object, and again after a decorator changed what is selected. */
#include "select.h"

#include <string.h>

#include "greenlet_hook.h"
#include "mprun/hash.h"
#include "mprun/imports.h"
#include "mprun/origin.h"
#include "mprun/pattern.h"
#include "sources.h"
#include "stretches.h"
#include "tables.h"
#include "undecorated.h"

#define MAX_DEPTH 64

/* Neither a pointer nor the mark of any generation: judged again at the next start. */
#define MARK_VOID 1u

struct decorated {
    const char *file;
    const char *qualname;
    uint32_t first_line;
    uint32_t last_line;
    struct decorated *next; /* hash chain */
};

#define DECORATED_BUCKETS 1024

static struct {
    const char *stdlib;
    struct mpr_pattern *patterns;
    uint32_t pattern_count;
    bool any_scope;
    bool by_default;    /* the script's own file is selected */
    bool block;         /* what starts now is selected as by decorator */
    bool passed_over;   /* functions were judged outside of a block that one would select */
    const char *script; /* its co_filename, once its module code has started */
    struct decorated *decorated[DECORATED_BUCKETS]; /* by file and name */
    struct mpr_selected *free_selected;
    const struct mpr_select_ops *ops;
    const struct mpr_trace_watch *watch;
    uint32_t generation; /* the last one, of any session: marks of older ones are void */
} state;

struct mpr_watched_module mpr_watched_module;

static void next_generation(void)
{
    state.generation += 2;
    mpr_probe->trace.selection_generation = state.generation;
}

static void give_selected_back(struct mpr_selected *selected)
{
    selected->next_free = state.free_selected;
    state.free_selected = selected;
}

/* A code object died; its extra slot tells which one. Programs that make code by the million are
 * not to grow by what is known about it. In a child as well, which may close the session. */
static void code_died(void *extra)
{
    uintptr_t value = (uintptr_t)extra;
    uint32_t serial = (uint32_t)(value >> 32);
    if (value == 0 || !state.ops)
        return;
    if (!(value & 1)) {
        serial = ((struct mpr_selected *)extra)->serial;
        give_selected_back(extra);
    }
    if (serial)
        state.ops->give_serial_back(serial);
}

/* Without memory it stays as it was: the code is judged again at its next start. */
static bool set_extra(PyCodeObject *code, uintptr_t extra)
{
    return mpr_code_set(code, MPR_SLOT_VERDICT, (void *)extra); // NOLINT(performance-no-int-to-ptr)
}

static struct mpr_selected *take_selected(void)
{
    struct mpr_selected *selected = state.free_selected;
    if (!selected)
        return mpr_probe_alloc(sizeof *selected);
    state.free_selected = selected->next_free;
    return selected;
}

static const char *keep_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mpr_probe_alloc(size);
    return copy ? memcpy(copy, text, size) : "";
}

static int parse_patterns(const struct mpr_trace_config *config, struct mpr_error *err)
{
    state.patterns = mpr_probe_alloc((config->pattern_count + 1) * sizeof *state.patterns);
    if (!state.patterns)
        return mpr_error_set(err, MPR_ERR_NOMEM, "no memory for the patterns");
    for (size_t i = 0; i < config->pattern_count; i++) {
        struct mpr_pattern *pattern = &state.patterns[i];
        int status = mpr_pattern_parse(keep_text(config->patterns[i]), pattern, err);
        if (status < 0)
            return status;
        state.any_scope |= pattern->scope != NULL;
        state.pattern_count++;
    }
    return 0;
}

int mpr_select_start(
    const struct mpr_trace_config *config, const struct mpr_select_ops *ops, struct mpr_error *err)
{
    if (mpr_code_reserve(MPR_SLOT_VERDICT, code_died) < 0)
        return mpr_error_set(err, MPR_ERR_LIMIT, "CPython has no room left in its code objects");
    state.stdlib = keep_text(config->stdlib);
    state.ops = ops;
    state.watch = config->watch;
    mpr_watched_module = (struct mpr_watched_module){config->watch->module_entered != NULL, NULL};
    state.by_default = config->by_default;
    state.generation |= MARK_VOID; /* odd: no pointer looks like it */
    next_generation();
    return parse_patterns(config, err);
}

static void forget_verdict(PyCodeObject *code)
{
    if (mpr_select_is_selected(mpr_code_extra(code)) && state.ops->unselected)
        state.ops->unselected(code);
    set_extra(code, 0);
}

void mpr_select_stop(void)
{
    uint32_t generation = state.generation;
    if (!state.ops)
        return;
    mpr_watched_module = (struct mpr_watched_module){false, NULL};
    state.ops->each_judged(forget_verdict);
    memset(&state, 0, sizeof state);
    state.generation = generation;
    mpr_function_rows_stop();
    mpr_sources_stop();
    mpr_undecorated_stop();
}

static enum mpr_origin origin_of(const char *file)
{
    size_t inside;
    return mpr_origin_of(file, state.stdlib, &inside);
}

static bool users_file(const char *file)
{
    return origin_of(file) == MPR_ORIGIN_USER;
}

/* Code without a file (<string>, or no name at all) belongs to whom its globals belong to:
 * namedtuple and its like compile source on behalf of the standard library. */
static bool users_code(const struct mpr_code *code, PyObject *globals)
{
    char path[4096];
    if (code->file[0] && code->file[0] != '<')
        return users_file(code->file);
    if (strcmp(code->module, "__main__") == 0 || !code->module[0])
        return users_file(code->file);
    mpr_globals_file(globals, path, sizeof path);
    return path[0] && users_file(path);
}

static uint32_t match_patterns(const struct mpr_code *code, bool own_code)
{
    if (strcmp(code->file, MPR_OWN_FILE) == 0)
        return MPR_REC_BY_NONE;
    struct mpr_subject subject = {code->module, code->qualname, code->file, own_code};
    for (uint32_t i = 0; i < state.pattern_count; i++)
        if (mpr_pattern_match(&state.patterns[i], &subject))
            return i;
    return MPR_REC_BY_NONE;
}

static struct decorated **decorated_chain(const char *file, const char *name, size_t name_len)
{
    uint64_t hash = mpr_hash_bytes(mpr_hash_text(MPR_HASH_START, file), name, name_len);
    return &state.decorated[(hash >> 32) % DECORATED_BUCKETS];
}

/* Was a function of that file and name (name_len bytes of the code's own) decorated that is the
 * code itself, or holds its lines? */
static bool decorated_as(const struct mpr_code *code, size_t name_len)
{
    bool whole = code->qualname[name_len] == '\0';
    const struct decorated *d = *decorated_chain(code->file, code->qualname, name_len);
    for (; d; d = d->next) {
        if (strncmp(code->qualname, d->qualname, name_len) != 0 || d->qualname[name_len] ||
            strcmp(code->file, d->file) != 0)
            continue;
        if (whole ? code->first_line == d->first_line
                  : code->first_line >= d->first_line && code->first_line <= d->last_line)
            return true;
    }
    return false;
}

/* Code objects that code.replace() made share file, name and line with the decorated one; nested
 * ones have its name in front of theirs. */
static bool is_decorated(const struct mpr_code *code)
{
    if (!(mpr_probe->header->notes & MPR_NOTE_DECORATED))
        return false;
    for (size_t len = 1; code->qualname[len - 1]; len++)
        if ((code->qualname[len] == '.' || code->qualname[len] == '\0') && decorated_as(code, len))
            return true;
    return false;
}

/* <string> is the program of -c, and also what the standard library calls the code that it makes.
 */
static bool is_scripts_own(const struct mpr_code *code)
{
    return state.by_default && state.script && strcmp(code->file, state.script) == 0 &&
           (code->file[0] != '<' || strcmp(code->module, "__main__") == 0);
}

static uint32_t find_reason(const struct mpr_code *code, bool own_code)
{
    uint32_t reason = match_patterns(code, own_code);
    if (reason == MPR_REC_BY_NONE && is_decorated(code))
        reason = MPR_REC_BY_DECORATOR;
    if (reason == MPR_REC_BY_NONE && is_scripts_own(code))
        reason = MPR_REC_BY_DEFAULT;
    return reason;
}

static struct mpr_key key_of(const struct mpr_code *code)
{
    return (struct mpr_key){
        code->file, code->qualname, code->module, code->first_line, code->last_line, NULL, 0};
}

static void remember_decorated(const struct mpr_code *code)
{
    struct decorated **chain = decorated_chain(code->file, code->qualname, strlen(code->qualname));
    struct decorated *entry = mpr_probe_alloc(sizeof *entry);
    if (!entry)
        return;
    mpr_note(MPR_NOTE_DECORATED);
    *entry = (struct decorated){keep_text(code->file), keep_text(code->qualname), code->first_line,
        code->last_line, *chain};
    *chain = entry;
    struct mpr_key key = key_of(code);
    mpr_candidate_add(&key, MPR_REC_BY_DECORATOR);
}

/* A function of the user's that nothing selects, or the default only: the block that is open does.
 * Module and class bodies are no functions. */
static uint32_t reason_of_block(const struct mpr_code *code, bool own_code, uint32_t reason)
{
    if ((reason != MPR_REC_BY_NONE && reason != MPR_REC_BY_DEFAULT) || !own_code ||
        code->comprehension || !(code->code->co_flags & CO_OPTIMIZED))
        return reason;
    if (!state.block) {
        state.passed_over = true;
        return reason;
    }
    remember_decorated(code);
    return MPR_REC_BY_DECORATOR;
}

struct nested_walk {
    PyObject *globals;
    bool own_code;
    int depth;
};

/* Names of functions that are defined here and may never start. */
static void add_candidate(PyCodeObject *nested, void *data)
{
    struct nested_walk *walk = data;
    struct mpr_code code;
    mpr_code_describe(nested, walk->globals, &code);
    uint32_t reason = match_patterns(&code, walk->own_code);
    if (reason == MPR_REC_BY_NONE && is_decorated(&code))
        reason = MPR_REC_BY_DECORATOR;
    if (!code.comprehension && (walk->own_code || reason != MPR_REC_BY_NONE)) {
        struct mpr_key key = key_of(&code);
        mpr_candidate_add(&key, reason);
    }
    mpr_code_forget(&code);
    if (walk->depth < MAX_DEPTH) {
        walk->depth++;
        mpr_code_each_nested(nested, add_candidate, walk);
        walk->depth--;
    }
}

static void add_candidates(const struct mpr_code *code, PyObject *globals, bool own_code)
{
    struct nested_walk walk = {globals, own_code, 0};
    if (state.pattern_count == 0 || (!own_code && !state.any_scope))
        return;
    if (code->is_module)
        mpr_code_each_nested(code->code, add_candidate, &walk);
    else if (own_code)
        add_candidate(code->code, &walk);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Modules whose import changes what mprun does or says. */
static void note_module(const struct mpr_code *code, PyObject *globals)
{
    if (strcmp(code->module, "greenlet") == 0 && ends_with(code->file, "/greenlet/__init__.py"))
        mpr_greenlet_hook_imported();
    if (strcmp(code->module, "memory_profiler") == 0)
        mpr_note(MPR_NOTE_MEMORY_PROFILER);
    if (strcmp(code->module, "numba") == 0)
        mpr_note(MPR_NOTE_NUMBA);
    /* With -m a package is imported before its __main__ starts: that is the program, too. */
    enum mpr_origin origin = origin_of(code->file);
    if (state.watch->module_seen && (origin == MPR_ORIGIN_PACKAGE || origin == MPR_ORIGIN_USER))
        state.watch->module_seen();
    if (!state.script && mpr_code_in_main(globals))
        state.script = keep_text(code->file);
}

/* `f.<locals>.<listcomp>` → `f`; `<listcomp>` → `<module>`; nested comprehensions too. */
static void strip_comprehension(char *qualname)
{
    static const char locals[] = ".<locals>";
    for (;;) {
        char *last = strrchr(qualname, '.');
        const char *name = last ? last + 1 : qualname;
        if (!mpr_is_comprehension_name(name))
            return;
        if (!last) {
            strcpy(qualname, "<module>");
            return;
        }
        *last = '\0';
        size_t len = strlen(qualname);
        if (len >= sizeof locals && strcmp(qualname + len - (sizeof locals - 1), locals) == 0)
            qualname[len - (sizeof locals - 1)] = '\0';
    }
}

static struct mpr_function_rows *table_around(const struct mpr_code *code)
{
    char qualname[1024];
    struct mpr_key key = key_of(code);
    if (strlen(code->qualname) + sizeof "<module>" > sizeof qualname)
        return NULL;
    strcpy(qualname, code->qualname);
    strip_comprehension(qualname);
    key.qualname = qualname;
    return mpr_function_rows_around(&key);
}

static void add_line(uint32_t line, void *stretches)
{
    mpr_stretches_add(stretches, line);
}

/* Without memory for it the code counts as having all lines. */
static void find_stretches(
    const struct mpr_code *code, struct mpr_key *key, struct mpr_stretches *stretches)
{
    *stretches = (struct mpr_stretches){.count = 0};
    if (key->last_line - key->first_line < MPR_STRETCH_GAP ||
        !mpr_stretches_begin(stretches, key->first_line, key->last_line))
        return;
    mpr_code_each_line(code->code, add_line, stretches);
    if (!mpr_stretches_finish(stretches))
        return;
    key->stretches = stretches->item;
    key->stretch_count = stretches->count;
}

static struct mpr_function_rows *table_for(
    const struct mpr_code *code, uint32_t reason, bool *ret_own)
{
    struct mpr_function_rows *table = code->comprehension ? table_around(code) : NULL;
    *ret_own = table == NULL;
    if (table)
        return table;
    struct mpr_key key = key_of(code);
    struct mpr_stretches stretches;
    find_stretches(code, &key, &stretches);
    table = mpr_function_rows_find(&key);
    bool there = table != NULL;
    if (there)
        mpr_function_rows_extend(table, &key);
    else
        table = mpr_function_rows_add(&key, reason);
    mpr_stretches_release(&stretches);
    if (!there)
        return table;
    if (table->fn->id.selected_by == MPR_REC_BY_DEFAULT && reason != MPR_REC_BY_DEFAULT) {
        table->fn->id.selected_by = reason;
        table->fn->flags &= ~MPR_REC_FN_WITHDRAWN;
    }
    return table;
}

static uint32_t serial_of(PyCodeObject *code)
{
    uint32_t serial = mpr_select_serial(code);
    return serial || !state.ops->take_serial ? serial : state.ops->take_serial(code);
}

/* A code object that has no room for its verdict, and had none before, has no serial either. */
static void give_serial_back_of(const PyCodeObject *code, uint32_t serial)
{
    if (serial && !mpr_code_extra(code))
        state.ops->give_serial_back(serial);
}

static const struct mpr_selected *select_code(const struct mpr_code *code, uint32_t reason)
{
    uintptr_t extra = mpr_code_extra(code->code);
    uint32_t serial = serial_of(code->code);
    struct mpr_selected *selected =
        mpr_select_is_selected(extra) ? (struct mpr_selected *)extra : NULL;
    bool own;
    struct mpr_function_rows *table = table_for(code, reason, &own);
    if (!table || (!selected && !(selected = take_selected())))
        return NULL;
    const char *dot = strrchr(code->qualname, '.');
    *selected = (struct mpr_selected){
        .table = table,
        .generation = mpr_probe->trace.selection_generation,
        .serial = serial,
        .own = own,
        .subscript = strcmp(dot ? dot + 1 : code->qualname, "__getitem__") == 0,
    };
    if (!set_extra(code->code, (uintptr_t)selected)) {
        give_selected_back(selected);
        give_serial_back_of(code->code, serial);
        return NULL;
    }
    if (state.ops->selected)
        state.ops->selected(code->code);
    return selected;
}

static void mark_unselected(PyCodeObject *code)
{
    uintptr_t old = mpr_code_extra(code);
    uint32_t serial = serial_of(code);
    if (!set_extra(code, (uintptr_t)serial << 32 | mpr_probe->trace.selection_generation))
        give_serial_back_of(code, serial);
    if (mpr_select_is_selected(old)) {
        give_selected_back((struct mpr_selected *)old);
        if (state.ops->unselected)
            state.ops->unselected(code);
    }
}

const struct mpr_selected *mpr_select_judge(PyCodeObject *code, PyObject *globals)
{
    struct mpr_code described;
    const struct mpr_selected *selected = NULL;
    mpr_guard_begin(&mpr_thread_block);
    mpr_code_describe(code, globals, &described);
    if (described.is_module)
        note_module(&described, globals);
    bool own_code = users_code(&described, globals);
    add_candidates(&described, globals, own_code);
    uint32_t reason = reason_of_block(&described, own_code, find_reason(&described, own_code));
    /* Module code starts when its file has just been loaded; functions may start much later. */
    if (reason != MPR_REC_BY_NONE || (described.is_module && (own_code || state.any_scope)))
        mpr_sources_note(&described, reason != MPR_REC_BY_NONE);
    if (reason != MPR_REC_BY_NONE)
        selected = select_code(&described, reason);
    if (!selected)
        mark_unselected(code);
    mpr_code_forget(&described);
    mpr_guard_end(&mpr_thread_block);
    return selected;
}

bool mpr_module_entered(PyCodeObject *code, PyObject *globals)
{
    if (PyUnicode_CompareWithASCIIString(code->co_name, "<module>") != 0 ||
        !state.watch->module_entered(mpr_code_in_main(globals)))
        return false;
    mpr_watched_module = (struct mpr_watched_module){false, code};
    return true;
}

void mpr_module_leaves(void)
{
    mpr_watched_module.running = NULL;
    if (state.watch->module_left)
        state.watch->module_left();
}

void mpr_watch_blinded(void)
{
    if (state.watch->blinded)
        state.watch->blinded();
}

static void void_verdict(PyCodeObject *code, void *data)
{
    int *depth = data;
    uintptr_t extra = mpr_code_extra(code);
    if (extra & 1) {
        set_extra(code, (extra & ~(uintptr_t)UINT32_MAX) | MARK_VOID);
        if (state.ops->forgotten)
            state.ops->forgotten(code);
    } else if (extra)
        ((struct mpr_selected *)extra)->generation = MARK_VOID;
    if (*depth < MAX_DEPTH) {
        ++*depth;
        mpr_code_each_nested(code, void_verdict, depth);
        --*depth;
    }
}

void mpr_select_decorate(PyCodeObject *code, PyObject *globals)
{
    struct mpr_code described;
    int depth = 0;
    mpr_guard_begin(&mpr_thread_block);
    mpr_code_describe(code, globals, &described);
    if (!decorated_as(&described, strlen(described.qualname)))
        remember_decorated(&described);
    mpr_code_forget(&described);
    mpr_guard_end(&mpr_thread_block);
    void_verdict(code, &depth);
    if (state.by_default) {
        state.by_default = false;
        mpr_function_rows_withdraw_default();
        next_generation();
    }
}

bool mpr_select_block(bool open)
{
    state.block = open;
    if (!open || !state.passed_over)
        return false;
    state.passed_over = false;
    next_generation();
    return true;
}
