/* SPDX-License-Identifier: MIT */
/* The screen of --help: at most thirty lines of eighty columns, options out of their table. */
#include <string.h>

#include "option_table.h"

#define HELP_COLUMN 21

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

void mpr_help_append(struct mpr_buf *out)
{
    mpr_buf_puts(out, "Usage: mprun [OPTIONS] SCRIPT | -m MODULE | -c CODE [ARGS...]\n"
                      "       mprun [OPTIONS] python3 [PYTHON'S OWN COMMAND LINE...]\n"
                      "Run a Python program and show, line by line, where its memory went.\n\n");
    for (const struct mpr_option *row = mpr_option_table; row->key; row++)
        if (row->help)
            append_option(out, row);
    mpr_buf_puts(out,
        "\nExamples:\n"
        "  mprun script.py --func heavy_function      one function of a script\n"
        "  mprun -f 'Reader.*' -o out.json -m app     a class, into a file for programs\n"
        "  mprun python3 -X dev script.py             with options of python's own\n"
        "Functions can also be marked in the source with @profile or @mprun.\n"
        "Ends as the program did; 125 if mprun could not do what was asked.\n");
}
