/* SPDX-License-Identifier: MIT */
/* Any bytes as a file that `mprun report` is given: a store, a report in JSON or neither. What is
 * loaded holds together and is rendered; and it is the same when it is saved and loaded again. */
#include <stddef.h>
#include <stdint.h>

#include "through_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct mpr_error err = {""};
    struct mpr_profile *profile = NULL;
    int fd = through_file(data, size, path);
    int status = mpr_store_load(path, &profile, &err);
    close(fd);
    if (status < 0 && !err.message[0])
        abort();
    if (status == 0) {
        if (mpr_profile_check(profile, NULL) != 0)
            abort();
        through_store(profile);
    }
    mpr_profile_free(profile);
    return 0;
}
