/* SPDX-License-Identifier: MIT */
/* What to make of a target whose host never took over: say what is known of the reason. */
#include "never_armed.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "message.h"

/* "ended with status 1", "was ended by signal 11 (Segmentation fault)". */
static void describe_end(int wait_status, char *ret_text, size_t size)
{
    if (WIFSIGNALED(wait_status))
        snprintf(ret_text, size, "was ended by signal %d (%s)", WTERMSIG(wait_status),
            strsignal(WTERMSIG(wait_status)));
    else
        snprintf(ret_text, size, "ended with status %d", WEXITSTATUS(wait_status));
}

static void explain(
    const struct mpr_rec_header *header, int wait_status, const struct mpr_launch *launch)
{
    char end[128];
    describe_end(wait_status, end, sizeof end);
    if (header->host.container != 0) /* the host was there */
        mpr_say("nothing was measured: %s %s while Python started; look at sitecustomize, "
                "usercustomize and .pth files",
            launch->executable, end);
    else if (launch->host == MPR_HOST_EMBEDDED)
        mpr_say("nothing was measured: the host %s %s before the program started",
            launch->executable, end);
    else if (WIFSIGNALED(wait_status))
        mpr_say("nothing was measured: %s %s before the program started", launch->executable, end);
    else
        mpr_say("nothing was measured: %s %s without mprun's host in it; if it is a wrapper that "
                "cleans its environment, name the interpreter behind it with --python PATH, or "
                "try --host embedded",
            launch->executable, end);
}

enum mpr_armed mpr_never_armed(
    const struct mpr_rec_header *header, int wait_status, const struct mpr_launch *launch)
{
    uint32_t state = header->state;
    if (state == MPR_REC_REFUSED) {
        mpr_say("%.*s", (int)strnlen(header->host.refusal, sizeof header->host.refusal),
            header->host.refusal);
        return MPR_NOT_MEASURED;
    }
    if ((header->clock.start.ns | header->clock.start.tick) != 0 &&
        state != MPR_REC_STARTING) /* it is set at arming */
        return MPR_ARMED;
    if (state == MPR_REC_ENDED)
        return MPR_PYTHON_ANSWERED;
    explain(header, wait_status, launch);
    return MPR_NOT_MEASURED;
}
