/* SPDX-License-Identifier: MIT */
/* A process whose first session is early and ends while Python runs on, and many late ones after
 * it, all of one mprun. Prints what is wrong; nothing else. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <dirent.h>
#include <unistd.h>

#include "mprun/recording_reader.h"
#include "mprun/session.h"

#define LATE_SESSIONS 100

static const char program[] = "def work():\n"
                              "    kept = [0] * 1000\n"
                              "    for i in range(10):\n"
                              "        kept.append(str(i))\n"
                              "    return kept\n"
                              "work()\n";

struct allocators {
    PyMemAllocatorEx domain[3];
    PyObjectArenaAllocator arenas;
};

static void fail(const char *what)
{
    puts(what);
    exit(1);
}

static void require(int status, const struct mpr_error *err)
{
    if (status < 0)
        fail(err->message);
}

static struct allocators read_allocators(void)
{
    struct allocators now;
    memset(&now, 0, sizeof now);
    for (int i = 0; i < 3; i++)
        PyMem_GetAllocator((PyMemAllocatorDomain)i, &now.domain[i]);
    PyObject_GetArenaAllocator(&now.arenas);
    return now;
}

static int count_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static int open_session(bool late, struct mpr_error *err)
{
    static const char *const patterns[] = {"work"};
    struct mpr_session_config config = {
        .container = late ? MPR_REC_EXTENSION : MPR_REC_EMBEDDED,
        .late = late,
        .patterns = patterns,
        .pattern_count = 1,
        .heap = true,
    };
    int fd;
    require(mpr_rec_create(late ? NULL : patterns, !late, 0, MPR_RSS_AUTO, &fd, err), err);
    require(mpr_session_open(&config, fd, err), err);
    return fd;
}

/* Hits of the function, and bytes that it has allocated. */
static void check_rows(int fd)
{
    struct mpr_rec_reader *reader;
    const struct mpr_rec_head *record;
    uint64_t cursor = 0, hits = 0;
    if (mpr_rec_open(fd, &reader, NULL) < 0)
        fail("no recording");
    while (mpr_rec_next(reader, &cursor, &record, NULL) == 1) {
        const struct mpr_rec_function *function = (const void *)record;
        for (uint32_t i = 0; record->kind == MPR_KIND_FUNCTION && i < function->row_count; i++)
            hits += mpr_rec_rows(function)[i].hits;
    }
    if (mpr_rec_header(reader)->state != MPR_REC_ENDED)
        fail("the recording has no end");
    if (hits != 1 + 11 + 10 + 1)
        fail("hits are not those of the program");
    mpr_rec_close(reader);
    close(fd);
}

static struct allocators run_early(void)
{
    PyPreConfig preconfig;
    PyConfig config;
    struct mpr_error err;
    int fd = open_session(false, &err);
    PyPreConfig_InitPythonConfig(&preconfig);
    if (PyStatus_Exception(Py_PreInitialize(&preconfig)))
        fail("no pre-initialisation");
    struct allocators before = read_allocators();
    require(mpr_session_hook(&err), &err);
    PyConfig_InitPythonConfig(&config);
    if (PyStatus_Exception(Py_InitializeFromConfig(&config)))
        fail("no initialisation");
    PyConfig_Clear(&config);
    require(mpr_session_arm(&err), &err);
    if (PyRun_SimpleString(program) != 0 || mpr_session_state() != MPR_SESSION_ENDED)
        fail("the program did not end");
    require(mpr_session_close(&err), &err);
    check_rows(fd);
    return before;
}

static void run_late(void)
{
    struct mpr_error err;
    int fd = open_session(true, &err);
    require(mpr_session_begin(&err), &err);
    if (PyRun_SimpleString("work()") != 0)
        fail("the program raised");
    require(mpr_session_end(MPR_SESSION_STOPPED, &err), &err);
    require(mpr_session_close(&err), &err);
    check_rows(fd);
}

static void compare(const struct allocators *before)
{
    struct allocators now = read_allocators();
    if (memcmp(before, &now, sizeof now) != 0)
        fail("an allocator stayed behind");
}

int main(void)
{
    struct allocators before = run_early();
    int descriptors = count_descriptors();
    compare(&before);
    for (int i = 0; i < LATE_SESSIONS; i++)
        run_late();
    compare(&before);
    if (count_descriptors() != descriptors)
        fail("a descriptor stayed behind");
    return Py_FinalizeEx() < 0;
}
