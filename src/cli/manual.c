/* SPDX-License-Identifier: MIT */
/* The manual page: the table of options and the help's topics, as roff. */
#include <string.h>

#include "option_table.h"
#include "topics.h"

/* Text that roff shows as it stands: no request at a line's start, no escape, real hyphens. */
static void append_plain(struct mpr_buf *out, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            mpr_buf_puts(out, "\\&");
        start = *text == '\n';
        if (*text == '-')
            mpr_buf_puts(out, "\\-");
        else if (*text == '\\')
            mpr_buf_puts(out, "\\e");
        else if (*text == '\'')
            mpr_buf_puts(out, "\\(aq");
        else if (*text == '`')
            mpr_buf_puts(out, "\\(ga");
        else if (*text == '~')
            mpr_buf_puts(out, "\\(ti");
        else
            mpr_buf_putc(out, *text);
    }
}

static void append_section(struct mpr_buf *out, const char *title, const char *text)
{
    mpr_buf_printf(out, ".SH %s\n.nf\n", title);
    append_plain(out, text);
    mpr_buf_puts(out, ".fi\n");
}

static void append_option(struct mpr_buf *out, const struct mpr_option *row)
{
    mpr_buf_puts(out, ".TP\n");
    if (row->key < MPR_OPTION_NO_SHORT)
        mpr_buf_printf(out, "\\fB\\-%c\\fR, ", row->key);
    mpr_buf_puts(out, "\\fB\\-\\-");
    append_plain(out, row->name);
    mpr_buf_puts(out, "\\fR");
    if (row->argument)
        mpr_buf_printf(out, " \\fI%s\\fR", row->argument);
    mpr_buf_putc(out, '\n');
    append_plain(out, row->help);
    mpr_buf_putc(out, '\n');
}

void mpr_manual_append(struct mpr_buf *out)
{
    mpr_buf_puts(out, ".TH MPRUN 1 \"\" \"mprun " MPRUN_VERSION "\" \"User Commands\"\n"
                      ".SH NAME\n"
                      "mprun \\- show, line by line, where a Python program's memory went\n");
    append_section(out, "SYNOPSIS", mpr_help_usage);
    append_section(out, "DESCRIPTION", mpr_help_description);
    mpr_buf_puts(out, ".SH OPTIONS\n");
    for (const struct mpr_option *row = mpr_option_table; row->key; row++)
        if (row->help)
            append_option(out, row);
    for (const struct mpr_topic *topic = mpr_topics; topic->name; topic++) {
        struct mpr_buf text;
        if (!topic->title)
            continue;
        mpr_buf_init(&text);
        topic->append(&text);
        out->failed |= text.failed;
        append_section(out, topic->title, text.failed ? "" : text.data);
        mpr_buf_release(&text);
    }
    append_section(out, "EXAMPLES", mpr_help_examples);
}
