/* SPDX-License-Identifier: MIT */
/* The probe page, and the beginning and the end of a session. Cold: the hot paths only read what is
 * set up here. The page itself stays mapped once it is there, all zeros between sessions: a hook
 * may have its address at any time. */
#include "mprun/probe.h"

#include <errno.h>
#include <string.h>

#include "hold.h"
#include "memory.h"
#include "mprun/clock.h"
#include "mprun/own.h"
#include "mprun/sys.h"
#include "thread.h"

static struct {
    struct mpr_probe unarmed;      /* until there is a page */
    pid_t pid;                     /* in which the rest was written; 0: there was no session yet */
    uint32_t session;              /* number of the last one */
    bool parts;                    /* of which there are some in Python */
    struct mpr_rec_writer *writer; /* of the one that is open, or that a thread has not left */
} state;
struct mpr_probe *mpr_probe = &state.unarmed;

void mpr_probe_count_own(int64_t bytes)
{
    struct mpr_rec_header *header = __atomic_load_n(&mpr_probe->header, __ATOMIC_RELAXED);
    if (header)
        __atomic_fetch_add(&header->rss.own, bytes, __ATOMIC_RELAXED);
}

static int map_probe_page(struct mpr_error *err)
{
    size_t bytes;
    if (mpr_probe != &state.unarmed)
        return 0;
    struct mpr_probe *page = mpr_own_map(sizeof *page, &bytes);
    if (page && mpr_sys_madvise(page, bytes, MADV_WIPEONFORK) != 0) {
        int problem = errno;
        mpr_sys_munmap(page, bytes);
        errno = problem;
        page = NULL;
    }
    if (!page)
        return mpr_error_set(err, MPR_ERR_IO, "cannot make the probe page: %s", strerror(errno));
    mpr_probe = page;
    return 0;
}

/* The loader's pages of this library are mprun's too. Its data was written before it is counted
 * here, so nothing of it faults later. */
static void count_library(const void *address)
{
    mpr_probe_count_own((int64_t)mpr_own_populate_object(address));
}

/* Nobody uses the session. */
static void give_back(void)
{
    mpr_threads_stop();
    mpr_memory_stop();
    if (state.writer)
        mpr_rec_detach(state.writer);
    state.writer = NULL;
}

/* In a child nothing of the parent's session is its own, and its other threads are not there. */
static void become_this_process(void)
{
    pid_t pid = getpid();
    if (state.pid == pid)
        return;
    mpr_memory_own();
    mpr_holds_own();
    mpr_threads_own();
    if (state.pid != 0) {
        mpr_holds_forked(&mpr_thread_block);
        mpr_threads_forked(&mpr_thread_block);
        give_back();
    }
    state.pid = pid;
}

void mpr_probe_set_parts(bool there)
{
    state.parts = there;
}

void mpr_probe_forked(void)
{
    int saved = errno;
    if (state.writer)
        mpr_rec_leave(state.writer);
    errno = saved;
}

/* What a session needs of the process, whichever it is. */
static int prepare(struct mpr_error *err)
{
    if (state.parts && state.pid != getpid())
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "mprun measures the parent of this process: a session cannot be opened in its "
            "children");
    become_this_process();
    if (mpr_probe->header)
        return mpr_error_set(err, MPR_ERR_INVALID, "a session is open in this process already");
    if (state.writer) {
        if (!mpr_holds_wait())
            return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
                "a thread has not come back from the last session in this process");
        give_back();
    }
    mpr_holds_start();
    int status = mpr_threads_start(err);
    return status < 0 ? status : map_probe_page(err);
}

int mpr_probe_attach_as(int fd, uint64_t layout, struct mpr_error *err)
{
    if (layout != MPR_PROBE_LAYOUT)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "the host is of another build than libmprun-preload.so: install both from one version "
            "of mprun");
    int status = prepare(err);
    if (status < 0)
        return status;
    status = mpr_rec_attach(fd, &state.writer, err);
    if (status < 0)
        return status;
    struct mpr_probe *probe = mpr_probe;
    mpr_memory_start();
    __atomic_store_n(&probe->session, ++state.session, __ATOMIC_RELAXED);
    probe->writer = state.writer;
    probe->header = mpr_rec_writer_header(state.writer);
    probe->pid = state.pid;
    probe->page_shift = (uint32_t)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
    probe->ticks_are_ns = !mpr_clock_tsc_invariant();
    probe->header->clock.ticks_are_ns = probe->ticks_are_ns;
    mpr_probe_count_own((int64_t)1 << probe->page_shift);
    mpr_kept_count();
    count_library(&state);
    return 0;
}

/* The pointers that a hook asks for go first; what they point to, once nobody uses it. */
void mpr_probe_detach(void)
{
    struct mpr_probe *probe = mpr_probe;
    if (!probe->header)
        return;
    __atomic_store_n(&probe->armed, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&probe->heap, NULL, __ATOMIC_RELAXED);
    __atomic_store_n(&probe->header, NULL, __ATOMIC_RELAXED);
    if (mpr_holds_wait())
        give_back();
    memset(probe, 0, sizeof *probe);
}
