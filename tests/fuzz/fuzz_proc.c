/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of /proc: every parser of them.
 * The input has no NUL at its end, and neither has what is read from /proc. */
#include <stddef.h>
#include <stdint.h>

#include "mprun/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const fields[] = {"VmHWM", "VmRSS", "Threads", "Pss"};
    const char *text = (const char *)data;
    uint64_t bytes;
    char state = '\0', name[16];
    struct mpr_proc_kin kin;
    mpr_proc_parse_statm(text, size, &bytes);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        mpr_proc_parse_status(text, size, fields[i], &bytes);
    mpr_proc_parse_state(text, size, &state);
    mpr_proc_parse_size(text, size, &bytes);
    mpr_proc_parse_kin(text, size, &kin);
    mpr_proc_parse_name(text, size, name, sizeof name);
    mpr_proc_parse_leader(text, size, &bytes);
    mpr_proc_parse_newest(text, size, &bytes);
    return 0;
}
