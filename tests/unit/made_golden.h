/* SPDX-License-Identifier: MIT */
/* Reports against golden files. MPRUN_UPDATE_GOLDEN=1 writes them anew: read the difference before
 * you commit it. */
#ifndef MPRUN_TESTS_MADE_GOLDEN_H
#define MPRUN_TESTS_MADE_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_report.h"

/* The report, the caller's; frees the profile. */
static inline char *made_rendering(
    struct mpr_profile *profile, const char *format, const struct made_options *options)
{
    struct mpr_error err = {""};
    struct mpr_sink sink;
    made_sink(&sink);
    if (made_report(profile, mpr_format_by_name(format), options, &sink, &err) != 0)
        fail_msg("%s", err.message);
    mpr_profile_free(profile);
    char *text = mpr_buf_steal(&sink.out);
    return text ? text : mpr_strdup("");
}

/* `file` lies in tests/golden; frees the text. */
static inline void made_golden(char *got, const char *file)
{
    const char *folder = getenv("MPRUN_GOLDEN");
    char path[4096];
    struct mpr_buf expected;
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "tests/golden", file);
    if (getenv("MPRUN_UPDATE_GOLDEN")) {
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        assert_int_equal(fwrite(got, 1, strlen(got), out), strlen(got));
        assert_int_equal(fclose(out), 0);
    }
    mpr_buf_init(&expected);
    assert_int_equal(mpr_buf_read_file(&expected, path, 1 << 20, NULL), 0);
    assert_string_equal(got, expected.data);
    mpr_buf_release(&expected);
    free(got);
}

#endif
