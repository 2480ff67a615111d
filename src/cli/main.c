/* SPDX-License-Identifier: MIT */
/* mprun's entry: take down how it was started, dispatch, end as the target did. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "options.h"
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

static struct mpr_ending dispatch(int argc, char **argv, const struct mpr_inherited *inherited)
{
    struct mpr_options options;
    struct mpr_error err = {""};
    if (mpr_options_parse(argc, argv, &options, &err) < 0) {
        mpr_say("%s", err.message);
        return (struct mpr_ending){.status = MPR_STATUS_FAILED};
    }
    mpr_command_function *function = options.answer ? options.answer : options.command->run;
    struct mpr_ending ending = function(&(struct mpr_invocation){&options, inherited, environ});
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
