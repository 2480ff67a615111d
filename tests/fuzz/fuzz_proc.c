/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of /proc: every parser of them, on the target's side and the supervisor's.
 * The input has no NUL at its end, and neither has what is read from /proc. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mprun/proc.h"
#include "mprun/rss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The two readers of statm agree wherever both take the text. */
static void parse_statm(const char *text, size_t size)
{
    uint64_t pages = 0;
    int64_t own_pages = mpr_statm_parse(text, size);
    if (own_pages < -1)
        abort();
    if (mpr_proc_parse_statm(text, size, &pages) == 0 && own_pages >= 0 &&
        pages != (uint64_t)own_pages)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const fields[] = {"VmHWM", "VmRSS", "Threads"};
    const char *text = (const char *)data;
    uint64_t bytes;
    char state = '\0';
    parse_statm(text, size);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        mpr_proc_parse_status(text, size, fields[i], &bytes);
    mpr_proc_parse_state(text, size, &state);
    return 0;
}
