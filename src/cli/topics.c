/* SPDX-License-Identifier: MIT */
/* The topics of `mprun help`. Their words are here once: the manual page shows the same. Lines are
 * at most eighty columns long. */
#include "topics.h"

#include <string.h>

#include "mprun/report.h"

static void append_columns(struct mpr_buf *out)
{
    mpr_buf_puts(out, "Columns of the text report: head, name for --columns, meaning.\n\n");
    mpr_columns_explain(out);
    mpr_buf_puts(out,
        "\n"
        "--columns +time,-rss_max adds and takes away; --columns line,rss_delta,source\n"
        "shows exactly those. The names are those of --format json.\n"
        "\n"
        "The rows of a function add up: their +RSS is the net change over its calls, also\n"
        "with recursion, generators, comprehensions, and selected functions that call\n"
        "each other. What dies with a call's locals is freed after its last row, and\n"
        "belongs to the caller's line. The row of the def line shows the RSS at entry.\n"
        "\n"
        "A dot stands for a figure that is not zero and below half of the last digit, ~\n"
        "for one below what the kernel can tell apart, a blank for nothing. A line that\n"
        "was open when the program ended is marked.\n"
        "\n"
        "--format classic has memory_profiler's columns: Mem usage is Max RSS, Increment\n"
        "is +RSS, Occurrences is Hits; the first row is the RSS at entry.\n");
}

static void append_patterns(struct mpr_buf *out)
{
    mpr_buf_puts(out,
        "Patterns of --func: one or more whole dotted components at the end of\n"
        "module.qualname. --func may be given again; patterns and decorators add up.\n"
        "\n"
        "  load             every function and method of that name in your own code\n"
        "  Reader.load      that method\n"
        "  pkg.io.load      the same, with its module\n"
        "  'get_*'          * and ? as in a shell; * also crosses dots\n"
        "  json:loads       a module before a colon: also outside your own code\n"
        "  path/io.py:load  a file before a colon\n"
        "  '*:*'            everything that runs\n"
        "\n"
        "Your own code is what lies neither in the standard library nor in\n"
        "site-packages. A function that is selected brings those nested in it.\n"
        "\n"
        "@profile and @mprun in the source select too, without an import, bare or with\n"
        "arguments. With neither pattern nor decorator, all code of SCRIPT is selected.\n"
        "\n"
        "A pattern that matched nothing is an error (status 125) that names the nearest\n"
        "functions; a function that matched and was never called is listed as such.\n");
}

static void append_rss(struct mpr_buf *out)
{
    mpr_buf_puts(out,
        "RSS is the memory of the process that is in RAM, mprun's own not counted. It\n"
        "grows when memory is touched, not when it is asked for, and it is the whole\n"
        "process's: threads see each other's changes. What Python frees goes back to the\n"
        "kernel only when a whole block of it is free.\n"
        "\n"
        "mprun reads RSS only when it can have changed. How page faults are noticed is\n"
        "the tier, named in the report's head; --rss TIER forces one:\n"
        "\n"
        "  faults       a counter of page faults in shared memory; needs\n"
        "               kernel.perf_event_paranoid at 1 or less, or CAP_PERFMON\n"
        "  user-faults  the same without faults inside the kernel; needs 2 or less\n"
        "  rusage       getrusage at lines that were long enough to fault; any user\n"
        "  every-line   RSS is read at every line: slow\n"
        "  off          no RSS\n"
        "\n"
        "--rss check reads it at every line as well and reports what the tier would have\n"
        "missed; check:TIER checks that one. `mprun doctor` says which tier this machine\n"
        "gives, and the command that would give a better one.\n");
}

static void append_exit(struct mpr_buf *out)
{
    mpr_buf_puts(out,
        "mprun ends as the program did: with its status, or by the signal that ended it\n"
        "(a shell shows 128 + its number).\n"
        "\n"
        "  125  mprun could not do what was asked: a wrong option, no such interpreter\n"
        "       or no host for its version, a pattern that matched nothing, a report\n"
        "       that could not be written (it then is on standard error)\n"
        "\n"
        "The report comes however the program ended: by an exception, os._exit, a crash\n"
        "or kill -9. mprun's own messages are on standard error and start with `mprun: `.\n"
        "\n"
        "mprun doctor ends with 0, or with 125 if no host fits any interpreter.\n");
}

const struct mpr_topic mpr_topics[] = {
    {"columns", "COLUMNS", append_columns},
    {"patterns", "PATTERNS", append_patterns},
    {"rss", "RSS", append_rss},
    {"exit", "EXIT STATUS", append_exit},
    {"man", NULL, mpr_manual_append},
    {NULL, NULL, NULL},
};

const struct mpr_topic mpr_shells[] = {
    {"bash", NULL, mpr_completion_bash},
    {"zsh", NULL, mpr_completion_zsh},
    {"fish", NULL, mpr_completion_fish},
    {NULL, NULL, NULL},
};

const struct mpr_topic *mpr_topic_by_name(const struct mpr_topic *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

void mpr_topic_names(const struct mpr_topic *table, const char *between, struct mpr_buf *out)
{
    for (size_t i = 0; table[i].name; i++)
        mpr_buf_printf(out, "%s%s", i ? between : "", table[i].name);
}
