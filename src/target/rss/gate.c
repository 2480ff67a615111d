/* SPDX-License-Identifier: MIT */
/* The gate and its tiers.
 *
 * Cost of a sample, nothing having moved: one tick read and about ten compares on `faults` and
 * `user-faults` (some 15 ns); the same on `rusage` where the interval was too short to hold a
 * fault, else one getrusage (about 270 ns); one statm read (0.4 to 1.2 µs) on `every-line`. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "mprun/clock.h"
#include "mprun/rss.h"
#include "mprun/sys.h"
#include "statm.h"

/* glibc's program break: it moves when malloc grows or trims the main arena without a call that
 * could be interposed. */
extern void *__curbrk;

#define OTHERS_BOUND_US 1000 /* other threads, reclaim, khugepaged */
#define USER_BOUND_US 50     /* kernel-mode faults that no interposed call announces */
#define SETTLING_US 5000     /* from a thread's creation to its first Python call */

struct tier {
    mpr_sample_fn *sample;
    void (*thread_start)(struct mpr_thread *thread);
    void (*thread_stop)(struct mpr_thread *thread);
    bool ring;
    bool kernel_faults;
    unsigned bound_us;
};

static struct {
    const struct tier *tier; /* NULL: stopped */
    void (*gap)(struct mpr_thread *thread, bool over);
} state;

static inline bool unchanged(
    const struct mpr_probe *probe, const struct mpr_thread *thread, uint64_t ticks)
{
    return probe->gate.read_break == __curbrk && probe->gate.read_epoch == probe->gate.epoch &&
           probe->gate.reader == thread &&
           ticks - probe->gate.read_ticks < probe->gate.bound_ticks && probe->gate.ending == 0 &&
           ticks >= probe->gate.unsettled_until;
}

/* Forget the threads that are gone by now; what is read next holds their end. */
static void settle(struct mpr_probe *probe)
{
    int saved = errno;
    for (size_t i = 0; i < MPR_ENDING; i++) {
        uint32_t tid = probe->gate.ending_tid[i];
        if (tid != 0 && tgkill(probe->pid, (pid_t)tid, 0) != 0 && errno == ESRCH &&
            __atomic_compare_exchange_n(
                &probe->gate.ending_tid[i], &tid, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            __atomic_fetch_sub(&probe->gate.ending, 1, __ATOMIC_ACQ_REL);
    }
    errno = saved;
}

/* Nothing counts as unchanged until statm can be read again, and what opens or closes meanwhile is
 * not known.
 */
static void gap(struct mpr_probe *probe, struct mpr_thread *thread, bool over)
{
    probe->header->rss.lost = !over;
    if (!over)
        probe->gate.reader = NULL;
    if (state.gap)
        state.gap(thread, over);
}

/* What was read, or, if it could not be, the value before. */
static int64_t took(struct mpr_probe *probe, struct mpr_thread *thread, int64_t rss)
{
    bool unread = rss == MPR_RSS_UNREAD;
    if (__builtin_expect(unread || probe->header->rss.lost, 0))
        gap(probe, thread, !unread);
    if (!unread)
        probe->gate.rss = rss;
    if (rss > probe->gate.high)
        probe->gate.high = rss;
    probe->header->rss.last = unread ? 0 : rss;
    return probe->gate.rss;
}

/* The epoch is taken before the read: what is bumped during it will be read again. */
static int64_t read_again(struct mpr_probe *probe, struct mpr_thread *thread, uint64_t ticks)
{
    if (__builtin_expect(probe->gate.ending != 0, 0))
        settle(probe);
    probe->gate.read_epoch = probe->gate.epoch;
    probe->gate.read_break = __curbrk;
    probe->gate.reader = thread;
    probe->gate.read_ticks = ticks;
    return took(probe, thread, mpr_rss_read());
}

static inline bool too_short(struct mpr_probe *probe, struct mpr_thread *thread, uint64_t ticks)
{
    uint64_t interval = ticks - thread->gate.checked_ticks;
    thread->gate.checked_ticks = ticks;
    return interval < probe->gate.fault_ticks;
}

/* What mprun itself takes to look is no time in which the program could fault. */
static inline void looked(const struct mpr_probe *probe, struct mpr_thread *thread)
{
    thread->gate.checked_ticks = mpr_ticks(probe->ticks_are_ns);
}

static bool rusage_moved(struct mpr_thread *thread)
{
    struct rusage usage;
    int saved = errno;
    if (mpr_sys_getrusage(RUSAGE_THREAD, &usage) != 0) {
        errno = saved;
        return true; /* a filter of system calls: statm has to tell */
    }
    uint64_t faults = (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
    bool moved = faults != thread->gate.fault_seen;
    thread->gate.fault_seen = faults;
    return moved;
}

static bool ring_moved(struct mpr_thread *thread)
{
    uint64_t head = *thread->gate.fault_head;
    bool moved = head != thread->gate.fault_seen;
    thread->gate.fault_seen = head;
    return moved;
}

static bool faults_moved(struct mpr_probe *probe, struct mpr_thread *thread, uint64_t ticks)
{
    if (__builtin_expect(thread->gate.fault_head != NULL, 1))
        return ring_moved(thread);
    return !too_short(probe, thread, ticks) && rusage_moved(thread);
}

static struct mpr_sample sample_faults(struct mpr_thread *thread)
{
    struct mpr_probe *probe = mpr_probe;
    uint64_t ticks = mpr_ticks(probe->ticks_are_ns);
    bool moved = faults_moved(probe, thread, ticks);
    if (__builtin_expect(!moved && unchanged(probe, thread, ticks), 1))
        return (struct mpr_sample){probe->gate.rss, (int64_t)ticks};
    return (struct mpr_sample){read_again(probe, thread, ticks), (int64_t)ticks};
}

/* In a run of lines that all fault, asking first is a waste: after a few answers of "moved", statm
 * is read without asking, until it shows no change. */
#define FAULTY_STREAK 4

static bool rusage_moved_or_will(struct mpr_thread *thread)
{
    if (thread->gate.faulty_streak >= FAULTY_STREAK)
        return true;
    if (!rusage_moved(thread)) {
        thread->gate.faulty_streak = 0;
        return false;
    }
    thread->gate.faulty_streak++;
    return true;
}

static struct mpr_sample sample_rusage(struct mpr_thread *thread)
{
    struct mpr_probe *probe = mpr_probe;
    uint64_t ticks = mpr_ticks(probe->ticks_are_ns);
    if (__builtin_expect(too_short(probe, thread, ticks) && unchanged(probe, thread, ticks), 1))
        return (struct mpr_sample){probe->gate.rss, (int64_t)ticks};
    int64_t before = probe->gate.rss;
    if (!rusage_moved_or_will(thread) && unchanged(probe, thread, ticks)) {
        looked(probe, thread);
        return (struct mpr_sample){before, (int64_t)ticks};
    }
    if (read_again(probe, thread, ticks) == before)
        thread->gate.faulty_streak = 0;
    looked(probe, thread);
    return (struct mpr_sample){probe->gate.rss, (int64_t)ticks};
}

static struct mpr_sample sample_every_line(struct mpr_thread *thread)
{
    struct mpr_probe *probe = mpr_probe;
    uint64_t ticks = mpr_ticks(probe->ticks_are_ns);
    return (struct mpr_sample){read_again(probe, thread, ticks), (int64_t)ticks};
}

/* A row that closed is marked by rss != 0. */
static struct mpr_sample sample_off(struct mpr_thread *thread)
{
    (void)thread;
    return (struct mpr_sample){1, (int64_t)mpr_ticks(mpr_probe->ticks_are_ns)};
}

/* --rss check: what the gate would have said against what statm says, at each line. Reading both
 * makes every interval long; the time that it takes is taken out of the next one. */
static struct mpr_sample sample_checked(struct mpr_thread *thread)
{
    struct mpr_probe *probe = mpr_probe;
    struct mpr_rec_header *header = probe->header;
    int64_t before = probe->gate.rss;
    uint64_t reads = header->rss.statm_reads;
    struct mpr_sample sample = state.tier->sample(thread);
    bool announced = header->rss.statm_reads != reads;
    int64_t now = announced ? sample.rss : took(probe, thread, mpr_rss_read());
    if (now != before) {
        header->rss.check_changes++;
        header->rss.check_missed += !announced;
    }
    sample.rss = now;
    thread->gate.checked_ticks = mpr_ticks(probe->ticks_are_ns);
    return sample;
}

/* Kernels before 6.16 count a ring's pages in RSS, later ones do not: ask statm. */
static void look_first(struct mpr_thread *thread)
{
    rusage_moved(thread);
}

static void open_ring(struct mpr_thread *thread)
{
    int64_t before = mpr_rss_read();
    if (mpr_fault_ring_open(state.tier->kernel_faults, &thread->gate.ring) < 0) {
        mpr_note(MPR_NOTE_NO_RING);
        look_first(thread);
        return;
    }
    thread->gate.fault_head = mpr_fault_ring_head(thread->gate.ring);
    ring_moved(thread);
    int64_t after = mpr_rss_read();
    if (before == MPR_RSS_UNREAD || after == MPR_RSS_UNREAD)
        return;
    int64_t pages = (after - before) >> mpr_probe->page_shift;
    if (pages == 1 || pages == 2) {
        thread->gate.ring_bytes = pages << mpr_probe->page_shift;
        mpr_probe_count_own(thread->gate.ring_bytes);
    }
}

/* A thread that ends and the session that closes may come here at the same time, neither waiting
 * for the other: one of them finds the ring. */
static void close_ring(struct mpr_thread *thread)
{
    void *ring = __atomic_exchange_n(&thread->gate.ring, NULL, __ATOMIC_ACQ_REL);
    if (!ring)
        return;
    thread->gate.fault_head = NULL;
    mpr_fault_ring_close(ring);
    mpr_probe_count_own(-thread->gate.ring_bytes);
    thread->gate.ring_bytes = 0;
}

static const struct tier tiers[MPR_RSS_TIERS] = {
    [MPR_RSS_FAULTS] = {sample_faults, open_ring, close_ring, true, true, OTHERS_BOUND_US},
    [MPR_RSS_USER_FAULTS] = {sample_faults, open_ring, close_ring, true, false, USER_BOUND_US},
    [MPR_RSS_RUSAGE] = {sample_rusage, look_first, NULL, false, true, OTHERS_BOUND_US},
    [MPR_RSS_EVERY_LINE] = {sample_every_line, NULL, NULL, false, true, OTHERS_BOUND_US},
    [MPR_RSS_OFF] = {sample_off, NULL, NULL, false, true, OTHERS_BOUND_US},
};

/* Is the tier to be had here? Rings are tried, the rest always is. */
static int try_tier(enum mpr_rss_tier tier)
{
    void *ring;
    if (!tiers[tier].ring)
        return 0;
    int status = mpr_fault_ring_open(tiers[tier].kernel_faults, &ring);
    if (status == 0)
        mpr_fault_ring_close(ring);
    return status;
}

static int choose_tier(enum mpr_rss_tier request, enum mpr_rss_tier *ret, struct mpr_error *err)
{
    int status = 0;
    if (request > MPR_RSS_AUTO && request < MPR_RSS_TIERS) {
        status = try_tier(request);
        *ret = request;
        if (status == 0)
            return 0;
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "--rss %s is not available here: perf_event_open says \"%s\"; it needs "
            "kernel.perf_event_paranoid at %d or less, or CAP_PERFMON. Use --rss auto",
            mpr_rss_tier_name(request), strerror(-status), request == MPR_RSS_FAULTS ? 1 : 2);
    }
    for (enum mpr_rss_tier tier = MPR_RSS_FAULTS; tier < MPR_RSS_TIERS; tier++) {
        if (try_tier(tier) == 0) {
            *ret = tier;
            return 0;
        }
    }
    return mpr_error_set(err, MPR_ERR_UNSUPPORTED, "no way to read RSS works here");
}

static void use_tier(struct mpr_probe *probe, enum mpr_rss_tier tier, bool check)
{
    uint64_t per_us = mpr_clock_ticks_per_us(probe->ticks_are_ns);
    const struct tier *row = &tiers[tier];
    state.tier = row;
    probe->header->clock.ticks_per_us = (uint32_t)per_us;
    probe->gate.bound_ticks = row->bound_us * per_us;
    probe->gate.unsettled_ticks = SETTLING_US * per_us;
    probe->gate.fault_ticks = mpr_fault_cost(probe->ticks_are_ns) / 2;
    probe->gate.reads_matter = !row->kernel_faults;
    probe->header->rss.tier = tier;
    probe->gate.sample = check && tier != MPR_RSS_OFF ? sample_checked : row->sample;
    probe->gate.thread_start = row->thread_start;
    probe->gate.thread_stop = row->thread_stop;
}

static int no_statm(struct mpr_error *err)
{
    int problem = mpr_rss_problem();
    return mpr_error_set(err, MPR_ERR_IO,
        "cannot read /proc/self/statm (%s); mount /proc, or use --rss off",
        problem ? strerror(problem) : "there is no figure in it");
}

static int start(const struct mpr_rss_config *config, struct mpr_error *err)
{
    struct mpr_probe *probe = mpr_probe;
    enum mpr_rss_tier tier = MPR_RSS_OFF;
    probe->gate.statm_suspect = 1;
    probe->gate.rss = -1;
    if (config->tier != MPR_RSS_OFF && (probe->gate.rss = mpr_rss_read()) == MPR_RSS_UNREAD)
        return no_statm(err);
    int status = choose_tier(config->tier, &tier, err);
    if (status < 0)
        return status;
    if (tier != MPR_RSS_OFF)
        probe->header->rss.resolution = mpr_rss_resolution();
    state.gap = config->gap;
    use_tier(probe, tier, config->check);
    return 0;
}

int mpr_rss_start(const struct mpr_rss_config *config, struct mpr_error *err)
{
    int status = start(config, err);
    if (status < 0)
        mpr_statm_close();
    return status;
}

static void stop_thread(struct mpr_thread *thread, void *data)
{
    const struct tier *tier = data;
    if (thread->ready && tier->thread_stop)
        tier->thread_stop(thread);
}

void mpr_rss_stop(void)
{
    struct mpr_probe *probe = mpr_probe;
    const struct tier *tier = state.tier;
    if (!tier)
        return;
    __atomic_store_n(&probe->gate.thread_stop, NULL, __ATOMIC_RELAXED);
    probe->gate.thread_start = NULL;
    probe->gate.sample = NULL;
    if (MPR_READ(probe->header)) /* a child has no ring: others' memory may be there by now */
        mpr_thread_each(stop_thread, (void *)tier);
    state.tier = NULL;
    state.gap = NULL;
    mpr_statm_close();
}
