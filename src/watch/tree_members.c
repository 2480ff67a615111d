/* SPDX-License-Identifier: MIT */
/* The processes of a tree: who belongs to it, who lives, who is kept. Reads nothing. */
#include "tree_members.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- by number --- */

/* Where the number is among the living, or would be. */
static size_t place_of(const struct mpr_tree *tree, uint64_t number)
{
    size_t low = 0, high = tree->live_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree->live[middle]->seen.number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct mpr_member *mpr_members_find(const struct mpr_tree *tree, uint64_t number)
{
    size_t at = place_of(tree, number);
    return at < tree->live_count && tree->live[at]->seen.number == number ? tree->live[at] : NULL;
}

static bool is_gone(const struct mpr_tree *tree, uint64_t number)
{
    size_t count = tree->gone_count < MPR_TREE_GONE_MAX ? tree->gone_count : MPR_TREE_GONE_MAX;
    for (size_t i = 0; i < count; i++)
        if (tree->gone[i] == number)
            return true;
    return false;
}

/* Is a session or group of that number the tree's: led by one of it, living or not? A number is not
 * given again as long as a session or group has it. */
static bool is_ours(const struct mpr_tree *tree, uint64_t number)
{
    return number && (mpr_members_find(tree, number) || is_gone(tree, number));
}

/* --- who belongs to it --- */

bool mpr_members_may_be_orphan(const struct mpr_tree *tree, const struct mpr_proc_kin *kin)
{
    const struct mpr_tree_self *self = &tree->self;
    return kin->start >= tree->root_start && kin->group == self->kin.group &&
           kin->session == self->kin.session && kin->parent != self->kin.parent &&
           kin->parent != self->number && !mpr_members_find(tree, kin->parent);
}

/* In a session or a group of its own a process belongs to who has made that. In mprun's own group
 * there are others, too: of those it is one that has come to whom orphans come to since the start.
 * Where that is mprun's parent it cannot be told from that one's own children. */
static bool is_orphan(const struct mpr_tree *tree, const struct mpr_proc_kin *kin)
{
    if (is_ours(tree, kin->session) || is_ours(tree, kin->group))
        return true;
    return kin->parent == tree->self.reaper && mpr_members_may_be_orphan(tree, kin);
}

bool mpr_members_claim(const struct mpr_tree *tree, const struct mpr_proc_kin *kin,
    const struct mpr_member **ret_parent)
{
    const struct mpr_member *parent = mpr_members_find(tree, kin->parent);
    if (kin->start < tree->root_start || kin->parent == tree->self.number)
        return false;
    if (!parent && !is_orphan(tree, kin))
        return false;
    if (!parent)
        parent = mpr_members_find(tree, kin->session);
    if (!parent)
        parent = mpr_members_find(tree, kin->group);
    *ret_parent = parent;
    return true;
}

/* --- those that live --- */

static void member_free(struct mpr_member *member)
{
    if (!member)
        return;
    if (member->folder_fd >= 0)
        close(member->folder_fd);
    if (member->statm_fd >= 0)
        close(member->statm_fd);
    free(member->timeline);
    free(member->seen.bucket);
    free(member->seen.command);
    free(member);
}

static bool grow(struct mpr_member ***array, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return true;
    size_t more = *capacity ? *capacity * 2 : 16;
    struct mpr_member **grown = realloc(*array, more * sizeof **array);
    if (!grown)
        return false;
    *array = grown;
    *capacity = more;
    return true;
}

static void start_timeline(struct mpr_tree *tree, struct mpr_member *member)
{
    if (tree->timelines >= MPR_TREE_TIMELINES_MAX)
        return;
    member->timeline = malloc(sizeof *member->timeline); /* only what is filled takes memory */
    if (!member->timeline)
        return;
    mpr_timeline_init(member->timeline);
    tree->timelines++;
}

struct mpr_member *mpr_members_add(struct mpr_tree *tree, uint64_t number,
    const struct mpr_proc_kin *kin, const struct mpr_member *parent)
{
    struct mpr_member *member = NULL;
    if (tree->live_count < MPR_TREE_LIVE_MAX &&
        grow(&tree->live, tree->live_count, &tree->live_capacity))
        member = calloc(1, sizeof *member);
    if (!member)
        return NULL;
    member->folder_fd = member->statm_fd = -1;
    member->start = kin->start;
    member->seen.number = number;
    member->seen.serial = tree->serial++;
    member->seen.parent = parent ? parent->seen.serial : 0;
    member->parent_number = parent ? parent->seen.number : 0;
    start_timeline(tree, member);
    size_t at = place_of(tree, number);
    memmove(tree->live + at + 1, tree->live + at, (tree->live_count - at) * sizeof *tree->live);
    tree->live[at] = member;
    tree->live_count++;
    return member;
}

/* --- those that have ended --- */

/* The timeline takes as much as it needs. */
static void settle(struct mpr_tree *tree, struct mpr_member *member)
{
    struct mpr_timeline *timeline = member->timeline;
    if (member->folder_fd >= 0)
        close(member->folder_fd);
    if (member->statm_fd >= 0)
        close(member->statm_fd);
    member->folder_fd = member->statm_fd = -1;
    if (!timeline)
        return;
    size_t size = timeline->count * sizeof *timeline->bucket;
    member->seen.bucket = size ? malloc(size) : NULL;
    if (member->seen.bucket) {
        memcpy(member->seen.bucket, timeline->bucket, size);
        member->seen.count = timeline->count;
    }
    free(timeline);
    member->timeline = NULL;
    tree->timelines--;
}

/* Whoever had it as a parent has that one's. */
static void hand_on(struct mpr_member *const *members, size_t count, const struct mpr_member *gone)
{
    for (size_t i = 0; i < count; i++)
        if (members[i]->seen.parent == gone->seen.serial)
            members[i]->seen.parent = gone->seen.parent;
}

static void forget(struct mpr_tree *tree, struct mpr_member *member)
{
    hand_on(tree->live, tree->live_count, member);
    hand_on(tree->kept, tree->kept_count, member);
    tree->facts.forgotten += member->seen.samples != 0;
    member_free(member);
}

/* The one with the smallest peak; the first of all stays. */
static size_t smallest(const struct mpr_tree *tree)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < tree->kept_count; i++)
        if (tree->kept[i]->seen.serial != 0 &&
            (found == SIZE_MAX || tree->kept[i]->seen.rss_peak < tree->kept[found]->seen.rss_peak))
            found = i;
    return found;
}

static void keep(struct mpr_tree *tree, struct mpr_member *member)
{
    bool first = member->seen.serial == 0;
    settle(tree, member);
    if (tree->kept_count >= MPR_TREE_KEPT_MAX) {
        size_t at = smallest(tree);
        struct mpr_member *least = tree->kept[at];
        if (!first && member->seen.rss_peak <= least->seen.rss_peak) {
            forget(tree, member);
            return;
        }
        tree->kept[at] = tree->kept[--tree->kept_count];
        forget(tree, least);
    }
    /* One that never had memory of its own, or was not read, is none to speak of. */
    if ((member->seen.samples || first) &&
        grow(&tree->kept, tree->kept_count, &tree->kept_capacity))
        tree->kept[tree->kept_count++] = member;
    else
        forget(tree, member);
}

void mpr_members_sweep(struct mpr_tree *tree)
{
    struct mpr_member *ended = NULL;
    size_t left = 0;
    for (size_t i = 0; i < tree->live_count; i++) {
        struct mpr_member *member = tree->live[i];
        if (!member->seen.ended) {
            tree->live[left++] = member;
            continue;
        }
        member->next = ended;
        ended = member;
    }
    tree->live_count = left;
    for (struct mpr_member *next; ended; ended = next) {
        next = ended->next;
        tree->gone[tree->gone_count++ % MPR_TREE_GONE_MAX] = ended->seen.number;
        keep(tree, ended);
    }
}

static int by_serial(const void *a, const void *b)
{
    size_t x = (*(struct mpr_member *const *)a)->seen.serial;
    size_t y = (*(struct mpr_member *const *)b)->seen.serial;
    return (x > y) - (x < y);
}

void mpr_tree_finish(struct mpr_tree *tree)
{
    struct mpr_member **rest = tree->live;
    size_t count = tree->live_count;
    tree->live = NULL;
    tree->live_count = tree->live_capacity = 0;
    for (size_t i = 0; i < count; i++)
        keep(tree, rest[i]);
    free(rest);
    if (tree->kept_count)
        qsort(tree->kept, tree->kept_count, sizeof *tree->kept, by_serial);
}

void mpr_members_release(struct mpr_tree *tree)
{
    for (size_t i = 0; i < tree->live_count; i++)
        member_free(tree->live[i]);
    for (size_t i = 0; i < tree->kept_count; i++)
        member_free(tree->kept[i]);
    free(tree->live);
    free(tree->kept);
}
