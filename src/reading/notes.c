/* SPDX-License-Identifier: MIT */
/* What the reader of a report must know beside its numbers: plain sentences, most serious first. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* Decorations that are named one by one, of a recording that may claim any number. */
#define UNDECORATED_LIMIT ((size_t)16)

/* Changed files that are named one by one. */
#define CHANGED_LIMIT ((size_t)5)

__attribute__((format(printf, 2, 3))) static void note(
    struct mpr_builder *b, const char *format, ...);

static void push(struct mpr_builder *b, char *text)
{
    struct mpr_profile *profile = b->profile;
    char **notes = realloc(profile->notes, (profile->note_count + 2) * sizeof *notes);
    if (notes)
        profile->notes = notes;
    if (!notes || !text) {
        free(text);
        b->notes_failed = true;
        return;
    }
    notes[profile->note_count++] = text;
    notes[profile->note_count] = NULL;
}

static void note(struct mpr_builder *b, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    push(b, text);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void note_recording(struct mpr_builder *b)
{
    if (mpr_detail_note(b->detail))
        note(b, "%s", mpr_detail_note(b->detail));
    if (b->damaged)
        note(b, "The recording is damaged: what stands before the damage is reported, the rest is "
                "lost.");
    if (b->cut)
        note(b, "The recording could not be read whole: address space limit (ulimit -v). What is "
                "missing here was measured all the same.");
    if (b->header->counts.dropped)
        note(b,
            "The recording was full: %" PRIu64
            " function%s or row%s found no room and are missing.",
            b->header->counts.dropped, plural(b->header->counts.dropped),
            plural(b->header->counts.dropped));
    if (b->header->notes & MPR_NOTE_MARKS_FULL)
        note(b, "The program set more marks, snapshots or sections than there is room for: later "
                "ones are missing.");
    if (b->text_limit)
        note(b, "Some lines are shown without their source: there was too much of it.");
}

static bool any_never_called(const struct mpr_profile *profile)
{
    for (size_t i = 0; i < profile->function_count; i++)
        if (profile->functions[i].calls == 0)
            return true;
    return false;
}

static void note_processes(struct mpr_builder *b)
{
    const struct mpr_rec_header *header = b->header;
    if (header->processes.exec_ns) {
        int64_t after = mpr_subtract((int64_t)header->processes.exec_ns, b->start_mono_ns);
        double seconds = after > 0 ? (double)after / 1e9 : 0.0;
        note(b,
            "The program replaced itself by another one (exec) after %.2f s: what came then was "
            "not measured.",
            seconds);
    }
    if (header->processes.children)
        note(b,
            "The program started %" PRIu64
            " process%s: %s not measured and in no number here; decorators do nothing there.%s",
            header->processes.children, header->processes.children == 1 ? "" : "es",
            header->processes.children == 1 ? "it was" : "they were",
            any_never_called(b->profile) ? " What was never called here may have run there." : "");
}

static void note_compiled(struct mpr_builder *b)
{
    if (b->header->notes & MPR_NOTE_NUMBA && any_never_called(b->profile))
        note(b, "What numba compiles runs as machine code, which has no lines: a function that was "
                "never called here may have run so, and what it took is its caller's.");
}

static void note_undecorated(struct mpr_builder *b)
{
    for (size_t i = 0; i < b->undecorated_count && i < UNDECORATED_LIMIT; i++) {
        const struct mpr_rec_undecorated *record = b->undecorated[i];
        const char *file = mpr_rec_text(&record->head, record->file);
        const char *type = mpr_rec_text(&record->head, record->type);
        char *file_text = mpr_build_text(file, strlen(file));
        char *type_text = mpr_build_text(type, strlen(type));
        note(b,
            "The decorator at %s:%" PRIu32 " selects nothing: what it was given (%s) has no Python "
            "function in it that mprun could find.",
            file_text ? mpr_path_relative(b->profile->cwd, file_text) : "?", record->line,
            type_text ? type_text : "?");
        free(file_text);
        free(type_text);
    }
}

static void note_end(struct mpr_builder *b)
{
    if (b->run->running)
        note(b, "The program was still running when this was written, %.2f s after its start%s.",
            (double)b->run->duration_ns / 1e9,
            b->process->open_count ? ", in what is marked \"running\"" : "");
    if (b->process->open_count == 0 || b->run->running)
        return;
    bool one = b->process->open_count == 1;
    note(b, "The program ended inside the line%s marked \"ended here\": %s charged up to %s.",
        one ? "" : "s", one ? "it is" : "they are",
        b->rss_off ? "the end" : "the last RSS that was seen");
}

static const struct {
    uint32_t note;
    const char *text;
} notes[] = {
    {MPR_NOTE_MEMORY_PROFILER,
        "The program imports memory_profiler. Take that import out: `profile` is built in here."},
    {MPR_NOTE_THREADS,
        "Selected code ran in more than one thread. RSS is the whole process's: a row also shows "
        "what other threads did meanwhile."},
    {MPR_NOTE_DEEP_STACK,
        "A recursion left less than half of the C stack: every line was traced while it lasted, "
        "which is slower, and threads that started meanwhile may have been noticed late."},
    {MPR_NOTE_TRACER_REPLACED,
        "Another trace function took the place of mprun's inside selected code, or switched line "
        "events off there: some of its lines were not seen."},
    {MPR_NOTE_FOREIGN_EVALUATOR,
        "Another frame evaluator (PEP 523) took the place of mprun's: all code was traced then, "
        "which is slower."},
    {MPR_NOTE_STACK_SWITCH,
        "The program imports a greenlet that mprun does not know: its switches were not seen, so "
        "what one greenlet does while another waits inside a selected line may count to that line, "
        "and lines may be missing."},
    {MPR_NOTE_HEAP_FOLDED,
        "The tree of allocating paths was full: what came on new ones is charged to the rows that "
        "were open, without a line of its own (<folded>)."},
    {MPR_NOTE_HEAP_LOST, "There was no memory for the block table: some blocks were not counted."},
    {MPR_NOTE_LAST_TRACEBACK,
        "At the end sys.last_traceback held the frames of an exception that nobody caught, and "
        "with them what their variables hold: it is still live."},
    {MPR_NOTE_DEEPBIND,
        "An object that was loaded with RTLD_DEEPBIND may have been bound to the C library's "
        "malloc: what it allocates is not in the heap's figures."},
    {MPR_NOTE_MALLOC_UNSEEN,
        "The interpreter brings a malloc of its own, which mprun does not see: native memory is in "
        "no figure of the heap, and budgets on the heap hold for Python's own only."},
    {MPR_NOTE_NO_TOOL,
        "No line was watched: other tools have both of the numbers of sys.monitoring "
        "that mprun may "
        "use (3 and 4). What is told of the whole program holds."},
    {MPR_NOTE_TOOL_LOST,
        "The program gave away mprun's number of sys.monitoring (free_tool_id): no "
        "line was watched from then on, and what was running then is not charged."},
    {MPR_NOTE_LINE_OUTSIDE,
        "Somebody sent events for lines that the function which runs does not have: "
        "what happened from there to its next line is in no row."},
    {MPR_NOTE_NO_RING,
        "A thread got no fault ring: its RSS was watched with getrusage, which is slower and as "
        "exact."},
};

static void note_events(struct mpr_builder *b)
{
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        if (b->header->notes & notes[i].note)
            note(b, "%s", notes[i].text);
    }
}

static void note_resolution(struct mpr_builder *b)
{
    double kib = b->header->rss.resolution / 1024.0;
    bool large = kib >= 1024;
    note(b, "The kernel shows RSS in steps of %.*f %s here: smaller changes print as ~.", large,
        large ? kib / 1024 : kib, large ? "MiB" : "KiB");
}

/* Where no selected function ran, or hardly a sample was taken, nobody expects a place. */
static bool could_see_peak(const struct mpr_builder *b)
{
    if (b->run->duration_ns / 2 < b->run->interval_ns)
        return false;
    for (size_t i = 0; i < b->profile->function_count; i++) {
        if (b->profile->functions[i].calls)
            return true;
    }
    return false;
}

/* What it means for times. The run's duration never has the sleep. */
static void note_sleep(struct mpr_builder *b)
{
    static const char *const meanings[] = {
        [MPR_SLEPT_OUT] = "no time has that in it.",
        [MPR_SLEPT_IN] =
            "the times of the lines that were open then have that in them (but for those "
            "that were open at the end), the run's duration has not.",
        [MPR_SLEPT_ANEW] = "the processor's clock began anew, and the times of the lines that were "
                           "open then mean nothing.",
        [MPR_SLEPT_UNKNOWN] = "it is not known whether the times of the lines that were open then "
                              "have that in them; the run's duration has not.",
    };
    if (b->pace.sleep != MPR_SLEPT_NOT)
        note(b, "The machine slept for %.1f s during the run: %s", (double)b->pace.slept_ns / 1e9,
            meanings[b->pace.sleep]);
}

static void note_rss(struct mpr_builder *b)
{
    const struct mpr_profile_process *process = b->process;
    if (process->checked)
        note(b,
            "RSS check: %" PRIu64 " change%s seen, %" PRIu64
            " of them missed by the %s tier; %" PRIu64 " reading%s failed.",
            process->check_changes, plural(process->check_changes), process->check_missed,
            mpr_tier_name(process->tier), process->statm_failed, plural(process->statm_failed));
    if (process->statm_failed && !b->rss_off)
        note(b,
            "RSS could not be read %s (/proc/self/statm, %" PRIu64
            " time%s): lines that ran then have no RSS (\"?\", null in JSON).",
            b->header->rss.lost ? "any more from some moment on" : "for a while",
            process->statm_failed, plural(process->statm_failed));
    if (b->run->unseen)
        note(b, "The program's memory could not be read from outside (/proc/PID/statm; in a "
                "namespace of pids /proc has other numbers): there is no timeline, and a peak "
                "within a line is known by its height only.");
    if (!b->rss_off && b->header->rss.resolution > 4096)
        note_resolution(b);
    if (process->rss_peak != MPR_UNKNOWN && !b->peak_reached && !b->run->unseen &&
        could_see_peak(b))
        note(b, "No sample and no line saw the peak: it passed too quickly to say where.");
}

static void note_heap(struct mpr_builder *b)
{
    const struct mpr_profile_heap *heap = &b->process->heap;
    if (heap->allocator)
        note(b,
            "malloc is that of %s: it is tracked, but for a C++ operator new that it brings "
            "itself; what it holds back cannot be asked for and is in \"unexplained\".",
            heap->allocator);
}

static void note_within(struct mpr_builder *b)
{
    const struct mpr_rec_heap *heap = &b->header->heap;
    char held[2][32];
    const int64_t sizes[2] = {heap->before_malloc, heap->before_arenas};
    if (b->header->host.container != MPR_REC_EXTENSION)
        return;
    for (size_t i = 0; i < 2; i++) {
        if (sizes[i] < 0)
            strcpy(held[i], "unknown");
        else
            snprintf(held[i], sizeof held[i], "%.1f MiB", (double)sizes[i] / (1 << 20));
    }
    if (b->heap_off)
        note(b, "Measured from within a Python that was running.");
    else
        note(b,
            "Measured from within a Python that was running: what it held before is in no figure "
            "of the heap (malloc's blocks %s, Python's arenas %s).",
            held[0], held[1]);
}

static void note_changed(struct mpr_builder *b)
{
    size_t changed = 0;
    for (size_t i = 0; i < mpr_sources_count(b->sources); i++) {
        const struct mpr_source *source = mpr_sources_at(b->sources, i);
        if (!source->changed || changed++ >= CHANGED_LIMIT)
            continue;
        char *file = mpr_build_text(source->file, strlen(source->file));
        note(b, "%s changed after it had been loaded: its lines may not be those that ran.",
            file ? file : "A source file");
        free(file);
    }
    if (changed > CHANGED_LIMIT)
        note(b, "%zu more source files changed after they had been loaded.",
            changed - CHANGED_LIMIT);
}

int mpr_build_notes(struct mpr_builder *b, struct mpr_error *err)
{
    b->profile->notes = calloc(1, sizeof *b->profile->notes);
    if (!b->profile->notes)
        return mpr_build_nomem(err);
    note_recording(b);
    note_end(b);
    note_processes(b);
    note_compiled(b);
    note_undecorated(b);
    note_events(b);
    note_sleep(b);
    note_rss(b);
    note_heap(b);
    note_within(b);
    note_changed(b);
    /* Where there is nothing more to leave out, figures without a note are better than none. */
    bool failed = b->notes_failed && b->detail < MPR_DETAIL_NO_FUNCTIONS;
    return failed ? mpr_build_nomem(err) : 0;
}
