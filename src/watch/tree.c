/* SPDX-License-Identifier: MIT */
/* Samples of a tree of processes. A sample is a reading of statm, by a descriptor that is kept, for
 * each of them; what else is read of one is read seldom. Where all of that would take more than a
 * hundredth of a processor, samples are farther apart, and so, by themselves, are the readings of
 * PSS, for which the kernel walks all page tables. */
#include "mprun/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mprun/number.h"
#include "mprun/sys.h"
#include "mprun/watch.h"
#include "tree_members.h"

#define KCMP_MEMORY 1 /* KCMP_VM of linux/kcmp.h */
#define SHARE 100     /* a hundredth of a processor for samples, */
#define PSS_SHARE 200 /* and half of that for PSS */
#define PSS_EVERY_NS UINT64_C(100000000)
#define SMOOTH 16
#define DETAILS_EVERY 16
#define YOUNG 4 /* samples with memory of its own, before which a process may still be to exec */
#define COMMAND_MAX ((size_t)1024)

uint64_t mpr_tree_now(const struct mpr_tree *tree)
{
    return mpr_monotonic_ns() - tree->start_ns;
}

uint64_t mpr_tree_effort(void)
{
    struct timespec now;
    mpr_sys_clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int mpr_tree_new(uint64_t interval_ns, struct mpr_tree **ret_tree, struct mpr_error *err)
{
    struct mpr_tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    tree->interval_ns = interval_ns;
    tree->facts.unseen = true;
    tree->page_size = sysconf(_SC_PAGESIZE);
    tree->tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    tree->loadavg_fd = -1;
    tree->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    mpr_timeline_init(&tree->facts.rss);
    mpr_timeline_init(&tree->facts.pss);
    *ret_tree = tree;
    return 0;
}

void mpr_tree_free(struct mpr_tree *tree)
{
    if (!tree)
        return;
    mpr_members_release(tree);
    if (tree->proc_fd >= 0)
        close(tree->proc_fd);
    if (tree->loadavg_fd >= 0)
        close(tree->loadavg_fd);
    free(tree);
}

/* --- one process --- */

/* One that has no memory any more is over, be it that its parent has not asked for its end yet. */
static void read_rss(const struct mpr_tree *tree, struct mpr_member *member)
{
    char text[256];
    uint64_t pages = 0;
    ssize_t len = pread(member->statm_fd, text, sizeof text, 0);
    if (len <= 0 || mpr_proc_parse_statm(text, (size_t)len, &pages) < 0 ||
        mpr_proc_parse_size(text, (size_t)len, &member->size) < 0 || pages == 0 ||
        pages > (uint64_t)(INT64_MAX / tree->page_size)) {
        member->seen.ended = true;
        pages = 0;
    }
    member->rss = (int64_t)pages * tree->page_size;
}

/* Between vfork, or posix_spawn, and exec a child is in its parent's memory, which is there once.
 */
static void leave_out_shared(const struct mpr_tree *tree, struct mpr_member *member)
{
    const struct mpr_member *parent = mpr_members_find(tree, member->parent_number);
    if (tree->loadavg_fd < 0 || member->looks >= YOUNG || member->rss == 0 || !parent ||
        parent->seen.serial != member->seen.parent || parent->size != member->size)
        return;
    if (syscall(SYS_kcmp, (pid_t)parent->seen.number, (pid_t)member->seen.number, KCMP_MEMORY, 0,
            0) == 0)
        member->rss = 0;
}

static void read_peak(struct mpr_member *member)
{
    char text[4096];
    uint64_t bytes;
    ssize_t len = mpr_tree_read_at(member->folder_fd, "status", text, sizeof text);
    if (len > 0 && mpr_proc_parse_status(text, (size_t)len, "VmHWM", &bytes) == 0 &&
        bytes <= INT64_MAX && (int64_t)bytes > member->seen.rss_peak)
        member->seen.rss_peak = (int64_t)bytes;
}

static void read_command(struct mpr_member *member)
{
    char text[COMMAND_MAX];
    ssize_t len = mpr_tree_read_at(member->folder_fd, "cmdline", text, sizeof text);
    char *copy = len > 0 ? malloc((size_t)len) : NULL;
    if (!copy)
        return;
    memcpy(copy, text, (size_t)len);
    free(member->seen.command);
    member->seen.command = copy;
    member->seen.command_size = (size_t)len;
}

static void read_name(struct mpr_member *member)
{
    char text[1024];
    ssize_t len = mpr_tree_read_at(member->folder_fd, "stat", text, sizeof text);
    if (len > 0)
        mpr_proc_parse_name(text, (size_t)len, member->seen.name, sizeof member->seen.name);
}

/* Often at first, as it may exec or end soon; then one process now and another then. */
static void read_details(struct mpr_member *member)
{
    uint64_t looks = ++member->looks;
    bool young = (looks & (looks - 1)) == 0;
    if (!young && (looks + member->seen.serial) % DETAILS_EVERY != 0)
        return;
    read_command(member);
    if (!member->seen.command)
        read_name(member);
    read_peak(member);
}

static void take_one(struct mpr_tree *tree, struct mpr_member *member, uint64_t now_ns)
{
    if (member->rss == 0)
        return;
    tree->facts.found += member->seen.samples++ == 0;
    member->seen.to_ns = now_ns;
    if (member->rss > member->highest) {
        member->highest = member->rss;
        member->seen.peak_ns = now_ns;
    }
    if (member->rss > member->seen.rss_peak)
        member->seen.rss_peak = member->rss;
    if (member->timeline)
        mpr_timeline_add(member->timeline, now_ns, member->rss, 0, 0);
    read_details(member);
}

/* --- all of them --- */

static void take_rss(struct mpr_tree *tree, uint64_t now_ns)
{
    struct mpr_tree_facts *facts = &tree->facts;
    int64_t sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < tree->live_count; i++)
        read_rss(tree, tree->live[i]);
    for (size_t i = 0; i < tree->live_count; i++)
        leave_out_shared(tree, tree->live[i]);
    for (size_t i = 0; i < tree->live_count; i++) {
        take_one(tree, tree->live[i], now_ns);
        sum = mpr_add(sum, tree->live[i]->rss);
        count += tree->live[i]->rss != 0;
    }
    if (count == 0)
        return;
    mpr_timeline_add(&facts->rss, now_ns, sum, 0, 0);
    facts->at_once = count > facts->at_once ? count : facts->at_once;
    if (sum > facts->rss_peak) {
        facts->rss_peak = sum;
        facts->rss_peak_ns = now_ns;
        facts->at_peak = count;
    }
}

/* False: it cannot be asked for. One that has just ended has none. */
static bool read_pss(const struct mpr_member *member, int64_t *ret_pss)
{
    char text[4096];
    uint64_t bytes = 0;
    ssize_t len = mpr_tree_read_at(member->folder_fd, "smaps_rollup", text, sizeof text);
    if (len < 0 && errno != ESRCH)
        return false;
    if (len > 0 && mpr_proc_parse_status(text, (size_t)len, "Pss", &bytes) < 0)
        bytes = 0;
    *ret_pss = bytes <= INT64_MAX ? (int64_t)bytes : 0;
    return true;
}

static void add_pss(struct mpr_tree *tree, uint64_t now_ns)
{
    struct mpr_tree_facts *facts = &tree->facts;
    int64_t sum = 0;
    bool any = false;
    for (size_t i = 0; i < tree->live_count; i++) {
        const struct mpr_member *member = tree->live[i];
        int64_t pss = member->rss;
        if (member->rss == 0)
            continue;
        if (read_pss(member, &pss))
            any = true;
        else
            facts->pss_refused++;
        sum = mpr_add(sum, pss);
    }
    if (!any)
        return;
    mpr_timeline_add(&facts->pss, now_ns, sum, 0, 0);
    if (sum > facts->pss_peak) {
        facts->pss_peak = sum;
        facts->pss_peak_ns = now_ns;
    }
}

/* Only where a page can be in several. */
static void take_pss(struct mpr_tree *tree, uint64_t now_ns)
{
    if (now_ns < tree->next_pss_ns || tree->facts.at_once < 2 || tree->live_count == 0)
        return;
    uint64_t effort = mpr_tree_effort();
    add_pss(tree, now_ns);
    effort = (mpr_tree_effort() - effort) * PSS_SHARE;
    tree->next_pss_ns = now_ns + (effort > PSS_EVERY_NS ? effort : PSS_EVERY_NS);
}

/* When the next sample is due, by what the last ones took. The timer ticks at the interval: what is
 * due a little later would miss its tick. */
static void schedule(struct mpr_tree *tree, uint64_t now_ns, uint64_t effort)
{
    tree->effort = (tree->effort * (SMOOTH - 1) + effort) / SMOOTH;
    uint64_t pause = tree->effort * SHARE;
    bool stretched = pause > tree->interval_ns;
    tree->next_ns = now_ns + (stretched ? pause : tree->interval_ns / 2);
    if (stretched && pause > tree->facts.stretched_ns)
        tree->facts.stretched_ns = pause;
}

void mpr_tree_look(struct mpr_tree *tree, bool now)
{
    uint64_t now_ns = mpr_tree_now(tree);
    if (tree->facts.unseen || (!now && now_ns < tree->next_ns))
        return;
    uint64_t before = mpr_tree_effort();
    before += mpr_tree_find(tree, now_ns);
    take_rss(tree, now_ns);
    schedule(tree, now_ns, mpr_tree_effort() - before);
    take_pss(tree, now_ns);
    mpr_members_sweep(tree);
}

const struct mpr_tree_facts *mpr_tree_facts(const struct mpr_tree *tree)
{
    return &tree->facts;
}

const struct mpr_tree_process *mpr_tree_process(const struct mpr_tree *tree, size_t index)
{
    return index < tree->kept_count ? &tree->kept[index]->seen : NULL;
}
