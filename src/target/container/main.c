/* SPDX-License-Identifier: MIT */
/* The host's main: initialises CPython as its own main does, installs the probes, and lets
 * Py_RunMain run the program, so that -m, -c, stdin, zip files, exit codes and tracebacks are
 * CPython's. The same in both containers. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "host.h"
#include "mprun/heap.h"
#include "mprun/imports.h"
#include "mprun/names.h"
#include "mprun/nodes.h"
#include "mprun/own.h"
#include "mprun/python_heap.h"
#include "mprun/rss.h"
#include "mprun/sys.h"
#include "mprun/takeover.h"
#include "mprun/trace.h"

/* Before anything else could run: the recording is there as a descriptor. */
static int refuse_start(int recording_fd, const char *message)
{
    mpr_rec_refuse(recording_fd, message);
    return MPR_HOST_REFUSED;
}

/* Python is initialised, the descriptor is closed. */
static int refuse(const char *message)
{
    struct mpr_rec_header *header = mpr_probe->header;
    snprintf(header->host.refusal, sizeof header->host.refusal, "%s", message);
    header->state = MPR_REC_REFUSED;
    return MPR_HOST_REFUSED;
}

/* As Modules/main.c: an exit (--version, --help) has its code, an error prints itself. */
static int leave_early(PyStatus status, PyConfig *config)
{
    if (config)
        PyConfig_Clear(config);
    mpr_probe->header->state = MPR_REC_ENDED;
    if (PyStatus_IsExit(status))
        return status.exitcode;
    Py_ExitStatusException(status);
}

/* An interpreter that brings a malloc of its own (linked with an allocator) never calls ours. */
static void compare_malloc(void)
{
    uint64_t before = mpr_thread_block.heap.counts->allocations;
    PyMem_RawFree(PyMem_RawMalloc(1));
    if (mpr_thread_block.heap.counts->allocations == before)
        mpr_note(MPR_NOTE_MALLOC_UNSEEN);
}

/* Pre-initialise, then initialise: what the probes hook must be hooked in between, because
 * pre-initialisation resets the allocators. Python-flavoured and parsing the whole command line. */
static int initialise(int argc, char **argv, bool *ret_left)
{
    PyPreConfig preconfig;
    PyConfig config;
    *ret_left = true;
    mpr_module_prepare();
    PyPreConfig_InitPythonConfig(&preconfig);
    PyStatus status = Py_PreInitializeFromBytesArgs(&preconfig, argc, argv);
    if (PyStatus_Exception(status))
        return leave_early(status, NULL);
    if (mpr_probe->heap) {
        compare_malloc();
        mpr_python_hook_allocators();
    }
    PyConfig_InitPythonConfig(&config);
    status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    if (PyStatus_Exception(status))
        return leave_early(status, &config);
    PyConfig_Clear(&config);
    *ret_left = false;
    return 0;
}

static void note_facts(struct mpr_rec_header *header, enum mpr_rec_container container)
{
    const char *version = Py_GetVersion();
    size_t len = strcspn(version, " ");
    header->host.container = container;
    header->host.pid = (uint32_t)getpid();
    header->host.python_hex = (uint32_t)Py_Version;
    snprintf(
        header->host.python_version, sizeof header->host.python_version, "%.*s", (int)len, version);
    snprintf(header->host.trace_engine, sizeof header->host.trace_engine, "%s", mpr_trace_engine);
}

static void standard_library(char *path, size_t size)
{
    PyObject *folder = PySys_GetObject("_stdlib_dir");
    PyObject *bytes = folder && PyUnicode_Check(folder) ? PyUnicode_EncodeFSDefault(folder) : NULL;
    if (!bytes)
        PyErr_Clear();
    snprintf(path, size, "%s", bytes ? PyBytes_AS_STRING(bytes) : "");
    Py_XDECREF(bytes);
}

static int arm(struct mpr_error *err)
{
    struct mpr_rec_header *header = mpr_probe->header;
    char stdlib[4096];
    if (mpr_probe->heap && mpr_python_heap_start() < 0)
        return mpr_error_set(err, MPR_ERR_LIMIT, "CPython has no room left in its code objects");
    standard_library(stdlib, sizeof stdlib);
    mpr_imports_start(stdlib);
    mpr_node_stdlib(stdlib);
    if (mpr_module_install() < 0) {
        PyErr_Clear();
        return mpr_error_set(err, MPR_ERR_NOMEM, "cannot install the decorators");
    }
    const struct mpr_rss_config rss = {
        .tier = (enum mpr_rss_tier)header->settings.rss_request,
        .check = (header->settings.flags & MPR_REC_RSS_CHECK) != 0,
        .gap = mpr_trace_rss_gap,
    };
    int status = mpr_rss_start(&rss, err);
    if (status < 0)
        return status;
    header->clock.start = mpr_rec_moment_now(mpr_probe->ticks_are_ns);
    status = mpr_trace_start(stdlib, err);
    if (status < 0)
        return status;
    header->state = MPR_REC_ARMED;
    return 0;
}

/* The interpreter is gone; destructors of the C library follow. */
static void note_finalized(void)
{
    if (mpr_probe->armed)
        mpr_probe->header->state = MPR_REC_FINALIZING;
}

static void note_end(void)
{
    struct rusage usage;
    if (!mpr_probe->armed)
        return;
    if (mpr_sys_getrusage(RUSAGE_SELF, &usage) == 0)
        mpr_probe->header->rss.hwm = (int64_t)usage.ru_maxrss * 1024;
    mpr_probe->header->clock.end = mpr_rec_moment_now(mpr_probe->ticks_are_ns);
    mpr_probe->header->state = MPR_REC_ENDED;
}

int mpr_host_run(int argc, char **argv, int recording_fd, enum mpr_rec_container container)
{
    struct mpr_error err;
    bool left;
    if (mpr_probe_attach(recording_fd, &err) < 0)
        return refuse_start(recording_fd, err.message);
    if (Py_Version >> 16 != PY_VERSION_HEX >> 16)
        return refuse_start(recording_fd, "this host was built for another version of Python");
    mpr_sys_close(recording_fd);
    if (container == MPR_REC_INTERPRETER)
        mpr_probe_count_own((int64_t)mpr_own_populate_object(&mpr_host_main));
    note_facts(mpr_probe->header, container);
    const struct mpr_heap_config heap = {.runtime = NULL};
    if (!(mpr_probe->header->settings.flags & MPR_REC_NO_HEAP) && mpr_heap_start(&heap, &err) < 0)
        return refuse(err.message);
    int status = initialise(argc, argv, &left);
    if (left)
        return status;
    mpr_guard_begin(&mpr_thread_block);
    status = arm(&err);
    mpr_guard_end(&mpr_thread_block);
    if (status < 0)
        return refuse(err.message);
    Py_AtExit(note_finalized);
    status = Py_RunMain();
    note_end();
    return status;
}

int mpr_host_main(int argc, char **argv, int recording_fd)
{
    return mpr_host_run(argc, argv, recording_fd, MPR_REC_INTERPRETER);
}
