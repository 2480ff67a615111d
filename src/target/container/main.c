/* SPDX-License-Identifier: MIT */
/* The host's main: initialises CPython as its own main does, and lets Py_RunMain run the program,
 * so that -m, -c, stdin, zip files, exit codes and tracebacks are CPython's; with a session around
 * it. The same in both containers. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "config.h"
#include "host.h"
#include "mprun/session.h"
#include "mprun/sys.h"
#include "mprun/takeover.h"

/* As Modules/main.c: an exit (--version, --help) has its code, an error prints itself. */
static int leave_early(PyStatus status, PyConfig *config)
{
    if (config)
        PyConfig_Clear(config);
    mpr_session_close(NULL);
    if (PyStatus_IsExit(status))
        return status.exitcode;
    Py_ExitStatusException(status);
}

/* Pre-initialise, then initialise: Python-flavoured and parsing the whole command line. */
static int initialise(int argc, char **argv, bool *ret_left)
{
    PyPreConfig preconfig;
    PyConfig config;
    *ret_left = true;
    PyPreConfig_InitPythonConfig(&preconfig);
    PyStatus status = Py_PreInitializeFromBytesArgs(&preconfig, argc, argv);
    if (PyStatus_Exception(status))
        return leave_early(status, NULL);
    mpr_session_hook(NULL);
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

/* The interpreter is gone; destructors of the C library follow. */
static void note_finalized(void)
{
    mpr_session_end(MPR_SESSION_FINALIZED, NULL);
}

static int run(int argc, char **argv, struct mpr_config_view *view)
{
    bool left;
    struct mpr_error err;
    int status = initialise(argc, argv, &left);
    if (left)
        return status;
    int armed = mpr_session_arm(&err);
    mpr_config_release(view);
    if (armed < 0)
        return MPR_HOST_REFUSED;
    Py_AtExit(note_finalized);
    status = Py_RunMain();
    mpr_session_close(NULL);
    return status;
}

static int refuse(int recording_fd, const char *message)
{
    mpr_rec_refuse(recording_fd, message);
    return MPR_HOST_REFUSED;
}

int mpr_host_run(int argc, char **argv, int recording_fd, enum mpr_rec_container container)
{
    struct mpr_session_config config;
    struct mpr_config_view view;
    struct mpr_error err;
    if (Py_Version >> 16 != PY_VERSION_HEX >> 16)
        return refuse(recording_fd, "this host was built for another version of Python");
    if (mpr_config_read(recording_fd, &config, &view, &err) < 0)
        return refuse(recording_fd, err.message);
    config.container = container;
    config.library = container == MPR_REC_INTERPRETER ? (const void *)&mpr_host_main : NULL;
    if (mpr_session_open(&config, recording_fd, &err) < 0)
        return MPR_HOST_REFUSED;
    mpr_sys_close(recording_fd);
    return run(argc, argv, &view);
}

int mpr_host_main(int argc, char **argv, int recording_fd)
{
    return mpr_host_run(argc, argv, recording_fd, MPR_REC_INTERPRETER);
}
