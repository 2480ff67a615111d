/* SPDX-License-Identifier: MIT */
/* From what was sampled of a tree of processes to the model. What /proc says of others is anybody's
 * bytes: it becomes text here. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "builder.h"
#include "mprun/number.h"
#include "mprun/tree.h"

/* From then on the kernel's own mark is worth a note beside the highest sample. */
#define MARK_MIN ((int64_t)16 << 20)
#define MARK_SHARE 20

struct tree_builder {
    const struct mpr_tree *tree;
    const struct mpr_tree_facts *facts;
    const struct mpr_run *run;
    struct mpr_profile *profile;
};

/* --- timelines --- */

static bool copy_buckets(const struct mpr_timeline_bucket *from, size_t count, uint64_t start_ns,
    struct mpr_profile_timeline *ret_timeline)
{
    if (count == 0)
        return true;
    ret_timeline->bucket = calloc(count, sizeof *ret_timeline->bucket);
    if (!ret_timeline->bucket)
        return false;
    ret_timeline->count = count;
    for (size_t i = 0; i < count; i++)
        ret_timeline->bucket[i] = (struct mpr_profile_bucket){
            .t_ns = from[i].t_ns > start_ns ? from[i].t_ns - start_ns : 0,
            .rss_min = from[i].rss_min,
            .rss_max = from[i].rss_max,
            .heap_max = MPR_UNKNOWN,
            .max_function = MPR_NONE,
            .samples = from[i].samples,
        };
    return true;
}

/* --- processes --- */

static size_t count_words(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t at = 0; at < size; at += strnlen(text + at, size - at) + 1)
        count++;
    return count;
}

/* The words of a command line, the last one maybe cut; of a process that has none its name. */
static bool set_command(const struct mpr_tree_process *seen, struct mpr_profile_process *process)
{
    const char *text = seen->command;
    size_t count = text ? count_words(text, seen->command_size) : 1, done = 0;
    process->command = calloc(count + 1, sizeof *process->command);
    if (!process->command)
        return false;
    if (!text)
        return (process->command[0] = mpr_build_text(seen->name, strlen(seen->name))) != NULL;
    for (size_t at = 0, len; at < seen->command_size; at += len + 1) {
        len = strnlen(text + at, seen->command_size - at);
        process->command[done] = mpr_build_text(text + at, len);
        if (!process->command[done++])
            return false;
    }
    return true;
}

static bool set_asked(const char *const *words, struct mpr_profile_process *process)
{
    size_t count = 0;
    while (words[count])
        count++;
    process->command = calloc(count + 1, sizeof *process->command);
    for (size_t i = 0; process->command && i < count; i++)
        if (!(process->command[i] = mpr_build_text(words[i], strlen(words[i]))))
            return false;
    return process->command != NULL;
}

static struct timespec later(struct timespec time, uint64_t ns)
{
    uint64_t sum = (uint64_t)time.tv_nsec + ns % 1000000000u;
    time.tv_sec += (time_t)(ns / 1000000000u + sum / 1000000000u);
    time.tv_nsec = (long)(sum % 1000000000u);
    return time;
}

/* What is the same for all: no Python is known, nothing is known of their inside. */
static bool set_usual(struct mpr_profile_process *process)
{
    process->python = mpr_strdup("");
    process->interpreter = mpr_strdup("");
    process->tier = MPR_TIER_OFF;
    process->peak_function = process->heap.at.function = MPR_NONE;
    process->rss_resolution = sysconf(_SC_PAGESIZE);
    process->rss_start = process->rss_end = MPR_UNKNOWN;
    return process->python && process->interpreter;
}

/* The index of the process with that serial, or of the first one. */
static size_t index_of(const struct tree_builder *b, size_t serial, size_t before)
{
    size_t low = 0, high = before;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mpr_tree_process(b->tree, middle)->serial < serial)
            low = middle + 1;
        else
            high = middle;
    }
    return low < before && mpr_tree_process(b->tree, low)->serial == serial ? low : 0;
}

static bool add_found(struct tree_builder *b, size_t index)
{
    const struct mpr_tree_process *seen = mpr_tree_process(b->tree, index);
    struct mpr_profile_process *process = &b->profile->process[index];
    process->pid = (uint32_t)seen->number;
    process->parent = index_of(b, seen->parent, index);
    process->begin = MPR_BEGIN_FOUND;
    process->end = seen->ended ? MPR_END_UNSEEN : MPR_END_NOT;
    process->started = later(b->run->started, seen->from_ns);
    process->duration_ns = seen->to_ns > seen->from_ns ? seen->to_ns - seen->from_ns : 0;
    process->rss_peak = seen->rss_peak;
    return set_usual(process) && set_command(seen, process) &&
           copy_buckets(seen->bucket, seen->count, seen->from_ns, &process->timeline);
}

static bool set_first(struct tree_builder *b)
{
    const struct mpr_tree_process *seen = mpr_tree_process(b->tree, 0);
    struct mpr_profile_process *process = &b->profile->process[0];
    int status = b->run->wait_status;
    bool killed = WIFSIGNALED(status);
    process->end = killed ? MPR_END_SIGNAL : MPR_END_EXIT;
    process->exit_status = killed ? -1 : WEXITSTATUS(status);
    process->exit_signal = killed ? WTERMSIG(status) : 0;
    process->started = b->run->started;
    process->duration_ns = b->run->duration_ns;
    process->parent = MPR_NONE;
    process->rss_peak = MPR_UNKNOWN;
    if (!set_usual(process) || !set_asked(b->run->command, process))
        return false;
    if (!seen || seen->serial != 0)
        return true;
    process->pid = (uint32_t)seen->number;
    process->rss_peak = seen->samples ? seen->rss_peak : MPR_UNKNOWN;
    return copy_buckets(seen->bucket, seen->count, 0, &process->timeline);
}

static bool build_processes(struct tree_builder *b)
{
    size_t count = 0;
    while (mpr_tree_process(b->tree, count))
        count++;
    if (count > 1) {
        struct mpr_profile_process *grown =
            realloc(b->profile->process, count * sizeof *b->profile->process);
        if (!grown)
            return false;
        memset(grown + 1, 0, (count - 1) * sizeof *grown);
        b->profile->process = grown;
        b->profile->process_count = count;
    }
    bool ok = set_first(b);
    for (size_t i = 1; ok && i < count; i++)
        ok = add_found(b, i);
    return ok;
}

/* --- all of them --- */

/* The command was there, if for less than a sample. */
static bool is_first_sampled(const struct tree_builder *b)
{
    const struct mpr_tree_process *first = mpr_tree_process(b->tree, 0);
    return first && first->serial == 0 && first->samples;
}

static bool build_whole(struct tree_builder *b)
{
    const struct mpr_tree_facts *facts = b->facts;
    struct mpr_profile_tree *tree = &b->profile->tree;
    tree->samples = facts->rss.samples;
    tree->pss_samples = facts->pss.samples;
    tree->found = facts->found + !is_first_sampled(b);
    tree->at_once = facts->at_once;
    tree->at_peak = facts->at_peak;
    tree->interval_ns = b->run->interval_ns;
    if (tree->samples) {
        tree->rss_peak = facts->rss_peak;
        tree->rss_peak_ns = facts->rss_peak_ns;
    }
    if (tree->pss_samples) {
        tree->pss_peak = facts->pss_peak;
        tree->pss_peak_ns = facts->pss_peak_ns;
    }
    return copy_buckets(facts->rss.bucket, facts->rss.count, 0, &tree->rss) &&
           copy_buckets(facts->pss.bucket, facts->pss.count, 0, &tree->pss);
}

/* --- notes --- */

/* Takes the text over; NULL: no memory. */
static bool add_note(struct mpr_profile *profile, char *note)
{
    char **grown = note ? realloc(profile->notes, (profile->note_count + 2) * sizeof *grown) : NULL;
    if (!grown) {
        free(note);
        return false;
    }
    profile->notes = grown;
    profile->notes[profile->note_count++] = note;
    profile->notes[profile->note_count] = NULL;
    return true;
}

static bool note_missed(struct tree_builder *b)
{
    char pause[MPR_NUMBER_MAX];
    const struct mpr_tree_facts *facts = b->facts;
    if (facts->unseen)
        return add_note(
            b->profile, mpr_strdup("/proc does not show the command: nothing of it was sampled."));
    mpr_number_duration(
        pause, facts->stretched_ns ? facts->stretched_ns : b->run->interval_ns, false);
    if (!facts->stretched_ns)
        return add_note(b->profile, mpr_asprintf("A process that lives for less than %s, the time "
                                                 "between two samples, may be missing.",
                                        pause));
    return add_note(b->profile,
        mpr_asprintf("Samples were up to %s apart, so that they take no more than a hundredth of a "
                     "processor; a process that lives for less may be missing.",
            pause));
}

/* By the kernel's mark, which is of the command and of those that it, and they, waited for. */
static bool note_mark(struct tree_builder *b)
{
    int64_t highest = 0;
    char mark[MPR_NUMBER_MAX];
    for (size_t i = 0; i < b->profile->process_count; i++)
        if (b->profile->process[i].rss_peak > highest)
            highest = b->profile->process[i].rss_peak;
    if (b->run->maxrss < MARK_MIN || b->run->maxrss - highest <= b->run->maxrss / MARK_SHARE)
        return true;
    mpr_number_size(mark, mpr_magnitude(b->run->maxrss));
    return add_note(b->profile,
        mpr_asprintf("One process had an RSS of %s between two samples: the kernel has marked it, "
                     "and no sample did.",
            mark));
}

static bool note_counted(struct tree_builder *b)
{
    const struct mpr_tree_facts *facts = b->facts;
    if (facts->forgotten &&
        !add_note(b->profile, mpr_asprintf("%llu processes with smaller peaks are in the sums, "
                                           "and in no list.",
                                  (unsigned long long)facts->forgotten)))
        return false;
    if (facts->unread &&
        !add_note(b->profile, mpr_strdup("There were more processes than mprun has descriptors or "
                                         "room for: the others are in no sum (ulimit -n).")))
        return false;
    return !facts->pss_refused ||
           add_note(b->profile, mpr_strdup("The kernel does not tell the PSS of some processes: "
                                           "their RSS stands in for it."));
}

static bool build(struct tree_builder *b)
{
    struct mpr_profile *profile = b->profile;
    const char *cwd = b->run->cwd ? b->run->cwd : "/";
    profile->kind = MPR_PROFILE_TREE;
    profile->cwd = mpr_build_text(cwd, strlen(cwd));
    profile->notes = calloc(1, sizeof *profile->notes);
    return profile->cwd && profile->notes && build_processes(b) && build_whole(b) &&
           note_missed(b) && note_mark(b) && note_counted(b);
}

int mpr_profile_build_tree(const struct mpr_tree *tree, const struct mpr_run *run,
    struct mpr_profile **ret_profile, struct mpr_error *err)
{
    struct tree_builder b = {
        .tree = tree,
        .facts = mpr_tree_facts(tree),
        .run = run,
        .profile = mpr_profile_new(),
    };
    if (!b.profile || !build(&b)) {
        mpr_profile_free(b.profile);
        return mpr_build_nomem(err);
    }
    *ret_profile = b.profile;
    return 0;
}
