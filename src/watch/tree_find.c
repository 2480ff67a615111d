/* SPDX-License-Identifier: MIT */
/* Which processes have come to a tree. Numbers are given one after the other: what is new lies
 * between the one that was newest at the last sample and the one that is now, and where that has
 * not moved nothing is new, which is one short reading. All of /proc is looked at now and then, and
 * where its numbers are not those of this process. */
#include "tree_members.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Between two looks at all of /proc, at least; and in terms of what the last one took. */
#define SCAN_EVERY_NS UINT64_C(1000000000)
#define SCAN_SHARE 200
/* More new numbers than that: all of /proc is no more work. */
#define NEW_MAX 512
/* Descriptors that no process is given: reading of one takes a few for a moment. */
#define SPARE 12

ssize_t mpr_tree_read_at(int folder_fd, const char *name, char *text, size_t size)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t len = read(fd, text, size);
    close(fd);
    return len;
}

/* --- a process --- */

static bool read_kin(const struct mpr_tree *tree, uint64_t number, struct mpr_proc_kin *ret_kin)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "%llu/stat", (unsigned long long)number);
    ssize_t len = mpr_tree_read_at(tree->proc_fd, path, text, sizeof text);
    return len > 0 && mpr_proc_parse_kin(text, (size_t)len, ret_kin) == 0;
}

/* /proc answers for the numbers of threads, too. */
static bool is_thread(int folder_fd, uint64_t number)
{
    char text[4096];
    uint64_t leader;
    ssize_t len = mpr_tree_read_at(folder_fd, "status", text, sizeof text);
    return len <= 0 || mpr_proc_parse_leader(text, (size_t)len, &leader) < 0 || leader != number;
}

/* The number may have been given to another one since it was looked at. */
static bool is_same(int folder_fd, const struct mpr_proc_kin *kin)
{
    char text[1024];
    struct mpr_proc_kin now;
    ssize_t len = mpr_tree_read_at(folder_fd, "stat", text, sizeof text);
    return len > 0 && mpr_proc_parse_kin(text, (size_t)len, &now) == 0 && now.start == kin->start;
}

static uint64_t began_ns(const struct mpr_tree *tree, const struct mpr_proc_kin *kin)
{
    return kin->start > tree->root_start ? (kin->start - tree->root_start) * tree->tick_ns : 0;
}

/* The smallest free number is given: what is near the limit is among the last. The command itself
 * is seen in any case. */
static bool is_spare(const struct mpr_tree *tree, int fd)
{
    return tree->serial != 0 && fd >= tree->fd_limit - SPARE;
}

static bool add(struct mpr_tree *tree, uint64_t number, const struct mpr_proc_kin *kin,
    const struct mpr_member *parent, uint64_t now_ns)
{
    char path[32];
    snprintf(path, sizeof path, "%llu", (unsigned long long)number);
    int folder_fd = openat(tree->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int statm_fd = folder_fd >= 0 ? openat(folder_fd, "statm", O_RDONLY | O_CLOEXEC) : -1;
    bool ok = statm_fd >= 0 && is_same(folder_fd, kin) && !is_thread(folder_fd, number);
    bool room = ok && !is_spare(tree, statm_fd);
    struct mpr_member *member = room ? mpr_members_add(tree, number, kin, parent) : NULL;
    if (member) {
        member->folder_fd = folder_fd;
        member->statm_fd = statm_fd;
        member->seen.from_ns = member->seen.to_ns = began_ns(tree, kin);
        if (member->seen.from_ns > now_ns)
            member->seen.from_ns = member->seen.to_ns = now_ns;
        return true;
    }
    tree->facts.unread += ok;
    if (folder_fd >= 0)
        close(folder_fd);
    if (statm_fd >= 0)
        close(statm_fd);
    return false;
}

/* True: there is one more. */
static bool consider(struct mpr_tree *tree, uint64_t number, uint64_t now_ns)
{
    struct mpr_proc_kin kin;
    const struct mpr_member *parent = NULL;
    if (mpr_members_find(tree, number) || number == tree->self.number ||
        !read_kin(tree, number, &kin))
        return false;
    if (tree->loadavg_fd >= 0 && !tree->self.asked && mpr_members_may_be_orphan(tree, &kin)) {
        tree->self.asked = true;
        tree->self.reaper = mpr_tree_reaper();
    }
    if (!mpr_members_claim(tree, &kin, &parent))
        return false;
    return add(tree, number, &kin, parent, now_ns);
}

/* --- all of them --- */

/* Children may stand before their parents: until there are no more. */
static void scan(struct mpr_tree *tree, uint64_t now_ns)
{
    DIR *folder = opendir("/proc");
    for (bool more = folder != NULL; more;) {
        more = false;
        rewinddir(folder);
        for (struct dirent *entry; (entry = readdir(folder));) {
            uint64_t number;
            if (mpr_parse_u64(entry->d_name, &number) == 0)
                more |= consider(tree, number, now_ns);
        }
    }
    if (folder)
        closedir(folder);
}

static uint64_t read_newest(const struct mpr_tree *tree)
{
    char text[256];
    uint64_t newest = 0;
    ssize_t len = tree->loadavg_fd >= 0 ? pread(tree->loadavg_fd, text, sizeof text, 0) : -1;
    if (len <= 0 || mpr_proc_parse_newest(text, (size_t)len, &newest) < 0)
        return 0;
    return newest;
}

/* What was given between the last sample but one and now: a number is given a moment before its
 * process can be seen. False: that is not to be told. */
static bool find_new(struct mpr_tree *tree, uint64_t now_ns)
{
    uint64_t newest = read_newest(tree), from = tree->before;
    tree->before = tree->newest;
    tree->newest = newest;
    if (newest == 0 || from == 0 || newest < from || newest - from > NEW_MAX)
        return false;
    for (uint64_t number = from + 1; number <= newest; number++)
        consider(tree, number, now_ns);
    return true;
}

uint64_t mpr_tree_find(struct mpr_tree *tree, uint64_t now_ns)
{
    bool found = find_new(tree, now_ns);
    uint64_t pause = tree->scan_effort * SCAN_SHARE;
    if (found && pause < SCAN_EVERY_NS)
        pause = SCAN_EVERY_NS;
    if (tree->scanned && now_ns - tree->scan_ns < pause)
        return 0;
    uint64_t effort = mpr_tree_effort();
    scan(tree, now_ns);
    tree->scanned = true;
    tree->scan_ns = now_ns;
    tree->scan_effort = mpr_tree_effort() - effort;
    return tree->scan_effort;
}

/* --- the beginning --- */

static void look_at_self(struct mpr_tree *tree)
{
    struct mpr_tree_self *self = &tree->self;
    char text[1024];
    ssize_t len = mpr_tree_read_at(tree->proc_fd, "self/stat", text, sizeof text);
    if (len > 0 && mpr_proc_parse_kin(text, (size_t)len, &self->kin) == 0)
        self->number = strtoull(text, NULL, 10);
}

/* Two descriptors a process. */
static void raise_limit(struct mpr_tree *tree)
{
    struct rlimit limit;
    rlim_t wanted = 2 * MPR_TREE_LIVE_MAX + 64;
    tree->fd_limit = INT_MAX;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return;
    rlim_t usual = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    tree->fd_limit = (int)(setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : usual);
}

void mpr_tree_begin(struct mpr_tree *tree, pid_t pid, uint64_t start_ns)
{
    struct mpr_proc_kin kin;
    uint64_t number = mpr_proc_number(pid);
    tree->start_ns = start_ns;
    raise_limit(tree);
    look_at_self(tree);
    if (number && read_kin(tree, number, &kin)) {
        tree->root_start = kin.start;
        tree->facts.unseen = !add(tree, number, &kin, NULL, 0);
    }
    if (number == (uint64_t)pid && tree->self.number == (uint64_t)getpid())
        tree->loadavg_fd = openat(tree->proc_fd, "loadavg", O_RDONLY | O_CLOEXEC);
    tree->newest = tree->before = number;
    tree->scanned = tree->loadavg_fd >= 0; /* what is new has larger numbers */
}
