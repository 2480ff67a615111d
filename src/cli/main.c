/* SPDX-License-Identifier: MIT */
/* mprun's entry: take down how it was started, dispatch, end as the target did. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "message.h"
#include "mprun/base.h"
#include "option_table.h"
#include "options.h"
#include "output.h"
#include "run.h"
#include "terminal.h"

/* Whoever starts mprun with one of the first three descriptors closed must not find a report, a
 * recording or a socket in its place; the target gets it closed again. */
static void hold_stdio(struct mpr_inherited *inherited)
{
    for (int fd = 0; fd < 3; fd++) {
        inherited->stdio_closed[fd] = fcntl(fd, F_GETFD) < 0 && errno == EBADF;
        if (inherited->stdio_closed[fd] && mpr_open_nothing() != fd)
            return; /* no descriptor can be opened at all */
    }
}

static struct mpr_ending answer(const char *text, size_t len)
{
    struct mpr_output out = {.fd = STDOUT_FILENO};
    struct mpr_error err;
    if (text && mpr_output_put(&out, text, len) == MPR_OK &&
        mpr_output_finish(&out, &err) == MPR_OK)
        return (struct mpr_ending){0};
    mpr_say("cannot write to standard output");
    return (struct mpr_ending){.status = MPR_STATUS_FAILED};
}

static struct mpr_ending show_help(const struct mpr_topic *topic)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    if (topic)
        topic->append(&text);
    else
        mpr_help_append(&text);
    struct mpr_ending ending = answer(text.failed ? NULL : text.data, text.len);
    mpr_buf_release(&text);
    return ending;
}

static struct mpr_ending dispatch(int argc, char **argv, const struct mpr_inherited *inherited)
{
    static const char version[] = "mprun " MPRUN_VERSION "\n";
    struct mpr_options options;
    struct mpr_error err = {""};
    struct mpr_ending ending;
    if (mpr_options_parse(argc, argv, &options, &err) < 0) {
        mpr_say("%s", err.message);
        return (struct mpr_ending){.status = MPR_STATUS_FAILED};
    }
    if (options.action == MPR_ACTION_HELP)
        ending = show_help(options.topic);
    else if (options.action == MPR_ACTION_VERSION)
        ending = answer(version, sizeof(version) - 1);
    else if (options.action == MPR_ACTION_DOCTOR)
        ending = mpr_cmd_doctor(&options, environ);
    else
        ending = mpr_cmd_run(&options, inherited, environ);
    mpr_options_release(&options);
    return ending;
}

int main(int argc, char **argv)
{
    struct mpr_inherited inherited;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    mpr_inherited_signals(&inherited);
    hold_stdio(&inherited);
    sigaction(SIGPIPE, &ignore, NULL); /* write tells, and the report goes elsewhere */
    sigaction(SIGXFSZ, &ignore, NULL);
    mpr_terminal_init();
    struct mpr_ending ending = dispatch(argc, argv, &inherited);
    if (ending.signal)
        mpr_end_by_signal(ending.signal);
    return ending.status;
}
