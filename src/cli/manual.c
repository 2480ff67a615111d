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

static void append_filled(struct mpr_buf *out, const struct mpr_option *row)
{
    struct mpr_buf help;
    mpr_buf_init(&help);
    mpr_words_fill(row->help, row->word, &help);
    const struct mpr_topic *topic = row->topic ? mpr_topic_by_name(mpr_topics, row->topic) : NULL;
    if (topic)
        mpr_buf_printf(&help, " (see %s)", topic->title);
    out->failed |= help.failed;
    append_plain(out, help.failed ? "" : help.data);
    mpr_buf_release(&help);
}

static void append_option(struct mpr_buf *out, const struct mpr_option *row)
{
    mpr_buf_puts(out, ".TP\n");
    if (row->letter)
        mpr_buf_printf(out, "\\fB\\-%c\\fR, ", row->letter);
    mpr_buf_puts(out, "\\fB\\-\\-");
    append_plain(out, row->name);
    mpr_buf_puts(out, "\\fR");
    if (row->argument)
        mpr_buf_printf(out, " \\fI%s\\fR", row->argument);
    mpr_buf_putc(out, '\n');
    append_filled(out, row);
    mpr_buf_putc(out, '\n');
}

static void append_made(struct mpr_buf *out, const char *title, void (*append)(struct mpr_buf *))
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    append(&text);
    out->failed |= text.failed;
    append_section(out, title, text.failed ? "" : text.data);
    mpr_buf_release(&text);
}

void mpr_manual_append(struct mpr_buf *out)
{
    const struct mpr_option *row;
    mpr_buf_puts(out, ".TH MPRUN 1 \"\" \"mprun " MPRUN_VERSION "\" \"User Commands\"\n"
                      ".SH NAME\n"
                      "mprun \\- show, line by line, where a Python program's memory went\n");
    append_made(out, "SYNOPSIS", mpr_help_synopsis);
    append_made(out, "DESCRIPTION", mpr_help_description);
    mpr_buf_puts(out, ".SH OPTIONS\n");
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        if (row->help)
            append_option(out, row);
    for (const struct mpr_topic *topic = mpr_topics; topic->name; topic++)
        if (topic->title)
            append_made(out, topic->title, topic->append);
    append_section(out, "EXAMPLES", mpr_help_examples);
}
