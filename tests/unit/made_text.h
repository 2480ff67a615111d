/* SPDX-License-Identifier: MIT */
/* One part of the text report, for tests of its file. */
#ifndef MPRUN_TESTS_MADE_TEXT_H
#define MPRUN_TESTS_MADE_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"
#include "text.h"

/* Of 80 columns, with Unicode, unless a test says otherwise before make_text. */
static struct mpr_view_options shown;
static struct mpr_report_options how;

static struct mpr_profile *profile;
static struct mpr_view *view;
static struct mpr_buf drawn;
static struct mpr_text text;

/* Takes the profile over. */
static inline void make_text(struct mpr_profile *made)
{
    profile = made;
    view = made_view(profile, &shown);
    mpr_buf_init(&drawn);
    mpr_text_init(&text, view, &how, &drawn);
}

static inline void free_text(void)
{
    mpr_buf_release(&drawn);
    mpr_view_free(view);
    mpr_profile_free(profile);
    view = NULL;
    profile = NULL;
}

/* Before each test. */
static inline int usual(void **state)
{
    (void)state;
    shown = (struct mpr_view_options){.unit = MPR_UNIT_MIB};
    how = (struct mpr_report_options){.width = 80, .unicode = true, .legend = true};
    return 0;
}

static inline int free_usual(void **state)
{
    (void)state;
    free_text();
    return 0;
}

/* What the part appends. */
static inline const char *draw(void (*part)(struct mpr_text *text))
{
    mpr_buf_clear(&drawn);
    part(&text);
    assert_false(drawn.failed);
    return drawn.data;
}

static inline void assert_drawn(void (*part)(struct mpr_text *text), const char *expected)
{
    assert_string_equal(draw(part), expected);
}

static inline void assert_begins(const char *got, const char *expected)
{
    if (!mpr_has_prefix(got, expected))
        fail_msg("does not begin with \"%s\": %s", expected, got);
}

static inline void assert_ends(const char *got, const char *expected)
{
    if (!mpr_has_suffix(got, expected))
        fail_msg("does not end with \"%s\": %s", expected, got);
}

static inline void assert_holds(const char *got, const char *expected)
{
    if (!strstr(got, expected))
        fail_msg("does not hold \"%s\": %s", expected, got ? got : "nothing");
}

#define TEXT_CASE(test) cmocka_unit_test_setup_teardown(test, usual, free_usual)

#endif
