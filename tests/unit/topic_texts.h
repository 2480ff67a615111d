/* SPDX-License-Identifier: MIT */
/* What the help's topics and the shells' completions say, for tests. */
#ifndef MPRUN_TESTS_TOPIC_TEXTS_H
#define MPRUN_TESTS_TOPIC_TEXTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "option_table.h"
#include "options.h"
#include "topics.h"

static inline char *text_of(const struct mpr_topic *table, const char *name)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    const struct mpr_topic *topic = mpr_topic_by_name(table, name);
    assert_non_null(topic);
    topic->append(&text);
    char *made = mpr_buf_steal(&text);
    if (!made)
        abort();
    return made;
}

static inline char *text_of_help(void)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    mpr_help_append(&text);
    return mpr_buf_steal(&text);
}

static inline void assert_holds(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("no \"%s\" in: %s", part, text ? text : "nothing");
}

#endif
