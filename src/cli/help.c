/* SPDX-License-Identifier: MIT */
/* The screen of --help: at most 36 lines of eighty columns, options out of their table. */
#include <string.h>

#include "option_table.h"

#define HELP_COLUMN 27

const char mpr_help_usage[] =
    "mprun [OPTIONS] SCRIPT | -m MODULE | -c CODE [ARGS...]\n"
    "mprun [OPTIONS] python3 [PYTHON'S OWN COMMAND LINE...]\n"
    "mprun doctor | help columns|heap|rss|patterns|exit|man | completion SHELL\n";

const char mpr_help_description[] =
    "Runs a Python program under your own interpreter, watches the lines of the\n"
    "functions that you select, and prints their source annotated with what each\n"
    "line did to the memory of the process. The report goes to standard output\n"
    "after the program has ended, however it ended.\n"
    "\n"
    "mprun doctor      what this machine has: interpreters and their hosts, how RSS\n"
    "                  is measured and what would make that better, limits; with\n"
    "                  --format json for programs\n"
    "mprun help        the options; with a topic: columns, heap, rss, patterns,\n"
    "                  exit, man\n"
    "mprun completion  for bash, zsh or fish, to be read by that shell\n";

const char mpr_help_examples[] =
    "  mprun script.py --func heavy_function      one function of a script\n"
    "  mprun -f 'Reader.*' -o out.json -m app     a class, into a file for programs\n"
    "  mprun python3 -X dev script.py             with options of python's own\n";

static void append_left(struct mpr_buf *out, const struct mpr_option *row)
{
    size_t start = out->len;
    if (row->key < MPR_OPTION_NO_SHORT)
        mpr_buf_printf(out, " -%c, --%s", row->key, row->name);
    else
        mpr_buf_printf(out, "     --%s", row->name);
    if (row->argument)
        mpr_buf_printf(out, " %s", row->argument);
    size_t used = out->failed ? HELP_COLUMN : out->len - start;
    mpr_buf_repeat(out, " ", used < HELP_COLUMN ? HELP_COLUMN - used : 1);
}

static void append_option(struct mpr_buf *out, const struct mpr_option *row)
{
    append_left(out, row);
    for (const char *line = row->help;;) {
        size_t len = strcspn(line, "\n");
        mpr_buf_append(out, line, len);
        mpr_buf_putc(out, '\n');
        if (!line[len])
            return;
        line += len + 1;
        mpr_buf_repeat(out, " ", HELP_COLUMN);
    }
}

/* "Usage: " and its lines, those behind the first indented below it. */
static void append_usage(struct mpr_buf *out)
{
    const char *lead = "Usage: ";
    for (const char *line = mpr_help_usage; *line;) {
        size_t len = strcspn(line, "\n") + 1;
        mpr_buf_puts(out, lead);
        mpr_buf_append(out, line, len);
        line += len;
        lead = "       ";
    }
}

void mpr_help_append(struct mpr_buf *out)
{
    append_usage(out);
    mpr_buf_puts(out, "Run a Python program and show, line by line, where its memory went.\n\n");
    for (const struct mpr_option *row = mpr_option_table; row->key; row++)
        if (row->help)
            append_option(out, row);
    mpr_buf_printf(out, "\nExamples:\n%s", mpr_help_examples);
    mpr_buf_puts(out,
        "Functions can also be marked in the source with @profile or @mprun.\n"
        "Ends as the program did; 125: mprun could not do as asked; 3: over budget.\n");
}
