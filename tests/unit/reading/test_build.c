/* SPDX-License-Identifier: MIT */
/* From a recording to the model as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

/* Bytes turned at random: any answer is right but a crash. */
static void test_build_survives_any_recording(void **state)
{
    (void)state;
    add_pattern("f*");
    add_open_stack();
    add_candidate("orders.py", "fast", 30, 0);
    add_sample(950, MIB(18), MPR_REC_LOG, 4);
    size_t used = header()->log_used;
    char *clean = malloc(used);
    assert_non_null(clean);
    memcpy(clean, region.bytes, used);
    srandom(20260101);
    for (int round = 0; round < 3000; round++) {
        memcpy(region.bytes, clean, used);
        for (int i = 0; i < 8; i++) {
            /* Magic, version and sizes stay: the rest of the header and the log turn. */
            size_t at = 32 + (size_t)random() % (used - 32);
            if (at < sizeof(struct mpr_rec_header) || at >= MPR_REC_LOG)
                region.bytes[at] = (char)(random() % 3 ? random() : -1);
        }
        mpr_profile_free(build());
    }
    free(clean);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_build_survives_any_recording),
    };
    return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
