/* SPDX-License-Identifier: MIT */
/* One part of the Markdown report, for tests of its file. */
#ifndef MPRUN_TESTS_MADE_MARKDOWN_H
#define MPRUN_TESTS_MADE_MARKDOWN_H

#include "made_text.h"
#include "markdown.h"

/* Of the text that was made. */
static inline struct mpr_markdown made_markdown(void)
{
    mpr_buf_clear(&drawn);
    return (struct mpr_markdown){.figures = text, .out = &drawn};
}

static inline void assert_markdown(const char *expected)
{
    assert_false(drawn.failed);
    assert_string_equal(drawn.data ? drawn.data : "", expected);
}

#endif
