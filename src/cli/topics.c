/* SPDX-License-Identifier: MIT */
/* The topics of `mprun help`. Their words are here once: the manual page shows the same. Lines are
 * at most eighty columns long. */
#include "topics.h"

#include <string.h>

#include "mprun/report.h"
#include "options.h"

static void append_columns(struct mpr_buf *out)
{
    mpr_buf_puts(out, "Columns of the text report: head, name for --columns, meaning.\n\n");
    mpr_columns_explain(out);
    mpr_buf_puts(out,
        "\n"
        "--columns +time,-rss_max adds and takes away; --columns line,rss_delta,source\n"
        "shows exactly those. The names are those of --format json.\n"
        "\n"
        "The rows of a function add up: net changes over its calls, also with recursion\n"
        "and generators. `freed on return` is what calls released after their last row,\n"
        "as their locals died: the caller's row has it. The def line has RSS at entry.\n"
        "\n"
        "Hits are not executions: a statement over several lines comes back to its first,\n"
        "and a line inside a comprehension may have bytes and no hit. A dot: not zero,\n"
        "below half of the last digit; ~: below what the kernel can tell apart; a blank:\n"
        "nothing. A line that was open when the program ended is marked.\n"
        "\n"
        "--format classic has memory_profiler's columns: Mem usage is Max RSS, Increment\n"
        "is +RSS, Occurrences is Hits; the first row is the RSS at entry.\n");
}

static void append_heap(struct mpr_buf *out)
{
    mpr_buf_puts(out,
        "The heap is what the program asked for and has not freed yet, counted block by\n"
        "block: Python's allocators (`python`), and malloc and private anonymous maps\n"
        "beside them (`native`). What a line's callees allocate is the line's, too; what\n"
        "the import system takes belongs to the line that imports. An allocation by a\n"
        "thread that Python does not know is no line's (<native thread>), nor is what the\n"
        "interpreter took before the program (<startup>) or while no Python code ran\n"
        "(<interpreter>). mprun's own memory is in none of it. Maps of files, shared ones\n"
        "and those without write access are no heap.\n"
        "\n"
        "At the end of the report stand the lines that held most when the heap was\n"
        "highest, that still hold memory at the end (after the interpreter's own last\n"
        "collection; only what came after the program's first line, with the modules that\n"
        "it imports), and that asked for most (--top N, --fold-packages).\n"
        "\n"
        "RSS when the program was over, term by term, each measured by itself:\n"
        "\n"
        "  heap             live blocks (python and native), by their requested size\n"
        "  untouched        of these, in pages that nobody has touched: not in RSS\n"
        "  interpreter      resident: files of the interpreter and of libraries, their\n"
        "                   data, stacks, and what malloc held before tracking began\n"
        "  mapped files     resident, of files that the program has mapped (mmap)\n"
        "  shared           resident, of shared memory: anonymous, in /dev/shm, memfd\n"
        "  allocator slack  resident in pymalloc's arenas, or held by malloc (mallinfo2),\n"
        "                   and not in live blocks: headers, rounding, free memory\n"
        "  unexplained      what remains\n"
        "\n"
        "--max-peak-heap, --max-peak-rss and --max-leak are budgets: over one, mprun says\n"
        "so, names the worst line, and ends with 3 if the program itself ended with 0.\n"
        "With threads that do not hold the GIL the peak may be off by one block for each\n"
        "of them; everything else is exact. --no-heap switches all of this off.\n");
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
        "arguments: a function, or what other decorators made of one (if none is found, a\n"
        "note names the line), or what a class has. With neither pattern nor decorator,\n"
        "all code of SCRIPT is selected. What a block calls of your own code is selected\n"
        "by \"with profile:\", or between profile.enable_by_count() and disable_by_count().\n"
        "\n"
        "A pattern that matched nothing is an error (status 125) that names the nearest\n"
        "functions; a function that matched and was never called is listed as such. It\n"
        "may have run in a child process, which is not measured (pytest-xdist: -n 0), or\n"
        "compiled: what Cython, numba and C made of a function has no Python lines.\n");
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
        "  3    a budget (--max-peak-heap, --max-peak-rss, --max-leak) was exceeded, and\n"
        "       the program itself ended with 0; of `mprun diff`, something grew by more\n"
        "       than --fail-above allows\n"
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
    {"heap", "HEAP", append_heap},
    {"rss", "RSS", append_rss},
    {"patterns", "PATTERNS", append_patterns},
    {"exit", "EXIT STATUS", append_exit},
    {"man", NULL, mpr_manual_append},
    {NULL, NULL, NULL},
};

const struct mpr_topic *mpr_topic_by_name(const struct mpr_topic *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

int mpr_topic_take(const struct mpr_command *command, const struct mpr_topic *table,
    const char *refusal, const char *word, struct mpr_options *options, struct mpr_error *err)
{
    const struct mpr_topic *topic = options->topic ? NULL : mpr_topic_by_name(table, word);
    if (!topic)
        return mpr_words_refuse(command->word, refusal, word, ", only ", err);
    options->topic = topic;
    return 0;
}
