/* SPDX-License-Identifier: MIT */
/* Any order of calls of a session, a byte each: after each of them the state is the one of the
 * table, and what was refused has a sentence and changed nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mprun/recording_reader.h"
#include "played_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Each has a recording of its own. */
static int open_new(bool late, struct mpr_error *err)
{
    struct mpr_session_config config = {
        .container = MPR_REC_EMBEDDED, .late = late, .rss = MPR_RSS_OFF};
    int recording;
    require(mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &recording, NULL) == 0);
    int status = mpr_session_open(&config, recording, err);
    close(recording);
    return status;
}

static int make_call(unsigned call, unsigned how, struct mpr_error *err)
{
    switch (call) {
    case OPEN:
        return open_new(how & 1, err);
    case HOOK:
        return mpr_session_hook(err);
    case ARM:
        return mpr_session_arm(err);
    case BEGIN:
        return mpr_session_begin(err);
    case END:
        return mpr_session_end((enum mpr_session_end)(how % 5 + 1), err);
    default:
        return mpr_session_close(err);
    }
}

static enum mpr_session_end last_reason;

/* Where the table has one answer for all reasons, and a session opens one way. */
static enum mpr_session_state expected(enum mpr_session_state state, unsigned call, unsigned how)
{
    enum mpr_session_end reason = (enum mpr_session_end)(how % 5 + 1);
    if (call == OPEN && state == MPR_SESSION_CLOSED && how & 1)
        return MPR_SESSION_ARMED;
    if (call == END && state == MPR_SESSION_ENDED)
        return reason > last_reason || (reason == MPR_SESSION_COLLECTED && reason == last_reason)
                   ? MPR_SESSION_ENDED
                   : NO;
    return table[state][call];
}

static void check_call(unsigned call, unsigned how)
{
    struct mpr_error err = {""};
    enum mpr_session_state before = mpr_session_state(), wanted = expected(before, call, how);
    int status = make_call(call, how, &err);
    if (wanted == NO) {
        require(status == MPR_ERR_INVALID && err.message[0] && mpr_session_state() == before);
        return;
    }
    require(status == 0 && mpr_session_state() == wanted);
    require((mpr_probe->header != NULL) == (wanted != MPR_SESSION_CLOSED));
    if (call == OPEN)
        last_reason = 0;
    if (call == END)
        last_reason = (enum mpr_session_end)(how % 5 + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    python_runs = true;
    for (size_t at = 0; at < size && at < 256; at++)
        check_call(data[at] % CALLS, data[at] / CALLS);
    if (mpr_session_state() != MPR_SESSION_CLOSED)
        check_call(CLOSE, 0);
    return 0;
}
