/* SPDX-License-Identifier: MIT */
/* Find the interpreter, choose the host for it, start the target. Ends when exec has succeeded;
 * what follows is supervise's. Prints nothing. */
#ifndef MPRUN_LAUNCH_H
#define MPRUN_LAUNCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mprun/base.h"

enum mpr_host_kind {
    MPR_HOST_AUTO = 0,
    MPR_HOST_INTERPRETER, /* inside the user's own python executable */
    MPR_HOST_EMBEDDED,    /* mprun's own executable, linked with libpython */
};

/* "auto", "interpreter", "embedded"; NULL if out of range. */
const char *mpr_host_kind_name(enum mpr_host_kind kind);
/* 0 or MPR_ERR_INVALID. */
int mpr_host_kind_parse(const char *name, enum mpr_host_kind *ret_kind);

/* What the user asked for. Borrowed. */
struct mpr_launch_request {
    const char *python; /* a path, or a name to look up on PATH; NULL: the shell's own python3 */
    enum mpr_host_kind host;
    char *const *environment; /* the user's, NULL-terminated */
    const char *libexec;      /* NULL: found from the running executable */
};

/* What will be started. Owns its strings. */
struct mpr_launch {
    enum mpr_host_kind host;  /* never AUTO */
    uint32_t version;         /* Py_Version, 0x030b02f0 is 3.11.2; 0 without an interpreter */
    char *interpreter;        /* absolute path, not resolved; NULL if there is none */
    char *argv0;              /* what the user's shell would give */
    char *executable;         /* handed to exec */
    char *preload;            /* libmprun-preload.so; NULL for the embedded host */
    char *host_library;       /* libmprun-host-3.x.so; NULL for the embedded host */
    int folder_fd;            /* by which these paths lead to where mprun is; 0: by its name */
    char *const *environment; /* the user's, borrowed from the request */
};

/* Choose interpreter and host. MPR_ERR_NOTFOUND: no such interpreter, or no host for its version;
 * MPR_ERR_UNSUPPORTED: an interpreter that cannot carry the host. */
int mpr_launch_choose(
    const struct mpr_launch_request *request, struct mpr_launch *ret_launch, struct mpr_error *err);
void mpr_launch_release(struct mpr_launch *launch);

#define MPR_LAUNCH_HOSTS_MAX ((size_t)32)

/* A host that is installed beside this mprun, for Python 3.`minor`. */
struct mpr_launch_host {
    enum mpr_host_kind kind;
    unsigned minor;
};

struct mpr_launch_hosts {
    char *directory; /* absolute; NULL if there is none */
    struct mpr_launch_host item[MPR_LAUNCH_HOSTS_MAX];
    size_t count;
};

/* What is installed. MPR_ERR_NOTFOUND: mprun's libraries are not where they should be. */
int mpr_launch_hosts(struct mpr_launch_hosts *ret_hosts, struct mpr_error *err);
void mpr_launch_hosts_release(struct mpr_launch_hosts *hosts);

/* How mprun itself was started, which is how the target starts. */
struct mpr_inherited {
    sigset_t mask;        /* blocked signals */
    sigset_t ignored;     /* signals with SIG_IGN */
    bool stdio_closed[3]; /* 0, 1, 2: was not open */
};

/* Take the signal state down; to be called before anything changes it. */
void mpr_inherited_signals(struct mpr_inherited *ret_inherited);

struct mpr_launch_start {
    int recording_fd;        /* close-on-exec here, inherited by the target */
    const char *const *args; /* python's command line behind argv[0], NULL-terminated */
    const struct mpr_inherited *inherited;
};

/* Fork and exec; call it from the main thread, at whose end the kernel kills the target. Returns
 * after exec has succeeded. */
int mpr_launch_start(const struct mpr_launch *launch, const struct mpr_launch_start *start,
    pid_t *ret_pid, struct mpr_error *err);

/* The same for any command, args[0], as a shell would find and start it: nothing of mprun's is in
 * it. MPR_ERR_NOTFOUND: there is none; MPR_ERR_UNSUPPORTED: what there is cannot be run. */
int mpr_launch_command(const char *const *args, char *const *environment,
    const struct mpr_inherited *inherited, pid_t *ret_pid, struct mpr_error *err);

/* The file of the running mprun, the caller's. */
int mpr_launch_own_program(char **ret_path, struct mpr_error *err);

/* The file that a shell would run for `name`, the caller's; NULL if PATH has none. */
char *mpr_launch_on_path(const char *name);

#endif
