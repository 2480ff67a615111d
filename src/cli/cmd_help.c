/* SPDX-License-Identifier: MIT */
/* `mprun help`, and the screen of --help: at most 36 lines of eighty columns, out of the tables of
 * commands and options. */
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "message.h"
#include "option_table.h"
#include "options.h"
#include "output.h"
#include "topics.h"

#define WIDTH 80
#define HELP_COLUMN 27
#define SYNOPSIS_WIDTH 73 /* behind "Usage: " */
#define COMMAND_COLUMN 18
#define DESCRIPTION_WIDTH 78

const char mpr_help_examples[] =
    "  mprun script.py --func heavy_function      one function of a script\n"
    "  mprun -f 'Reader.*' -o out.json -m app     a class, into a file for programs\n";

static void append_left(struct mpr_buf *out, const struct mpr_option *row)
{
    size_t start = out->len;
    if (row->letter)
        mpr_buf_printf(out, " -%c, --%s", row->letter, row->name);
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
    mpr_words_wrap(row->help, row->word, HELP_COLUMN, WIDTH, out);
    mpr_buf_putc(out, '\n');
}

/* Each line behind mprun's name. */
static void append_lines(struct mpr_buf *out, const char *lines)
{
    for (size_t len; *lines; lines += len) {
        len = strcspn(lines, "\n") + 1;
        mpr_buf_puts(out, "mprun ");
        mpr_buf_append(out, lines, len);
    }
}

static void append_command(struct mpr_buf *out, const struct mpr_command *command)
{
    mpr_buf_puts(out, command->name);
    if (!command->synopsis)
        return;
    mpr_buf_putc(out, ' ');
    mpr_words_fill(command->synopsis, command->word, out);
}

void mpr_help_synopsis(struct mpr_buf *out)
{
    size_t start = 0; /* of a line with other commands */
    for (const struct mpr_command *const *at = mpr_commands; *at; at++)
        if ((*at)->program)
            append_lines(out, (*at)->synopsis);
    for (const struct mpr_command *const *at = mpr_commands; *at; at++) {
        struct mpr_buf words;
        if ((*at)->program)
            continue;
        mpr_buf_init(&words);
        append_command(&words, *at);
        bool fits = start && out->len - start + strlen(" | ") + words.len <= SYNOPSIS_WIDTH;
        if (start)
            mpr_buf_puts(out, fits ? " | " : "\n");
        if (!fits)
            start = out->len;
        mpr_buf_printf(out, "%s%s", fits ? "" : "mprun ", words.failed ? "" : words.data);
        out->failed |= words.failed;
        mpr_buf_release(&words);
    }
    mpr_buf_putc(out, '\n');
}

void mpr_help_description(struct mpr_buf *out)
{
    mpr_buf_printf(out, "%s\n\n", mpr_command_run.help);
    for (const struct mpr_command *const *at = mpr_commands; *at; at++) {
        if ((*at)->program)
            continue;
        mpr_buf_printf(out, "mprun %-12s", (*at)->name);
        mpr_words_wrap((*at)->help, (*at)->word, COMMAND_COLUMN, DESCRIPTION_WIDTH, out);
        mpr_buf_putc(out, '\n');
    }
}

/* "Usage: " and its lines, those behind the first indented below it. */
static void append_usage(struct mpr_buf *out)
{
    const char *lead = "Usage: ";
    struct mpr_buf synopsis;
    mpr_buf_init(&synopsis);
    mpr_help_synopsis(&synopsis);
    for (const char *line = synopsis.failed ? "" : synopsis.data; *line;) {
        size_t len = strcspn(line, "\n") + 1;
        mpr_buf_puts(out, lead);
        mpr_buf_append(out, line, len);
        line += len;
        lead = "       ";
    }
    out->failed |= synopsis.failed;
    mpr_buf_release(&synopsis);
}

static const char *topic_word(size_t index)
{
    return mpr_topics[index].name;
}

void mpr_help_append(struct mpr_buf *out)
{
    const struct mpr_option *row;
    append_usage(out);
    mpr_buf_puts(out, "Run a Python program and show, line by line, where its memory went.\n\n");
    for (size_t i = 0; (row = mpr_option_in(mpr_command_run.options, i)); i++)
        if (row->help && !row->rare)
            append_option(out, row);
    mpr_buf_printf(out, "\n%s", mpr_help_examples);
    mpr_buf_puts(out, "Functions can also be marked in the source with @profile or @mprun.\n"
                      "Ends as the program did; 125: mprun could not do as asked; 3: over budget.\n"
                      "More: mprun help ");
    mpr_words_append(topic_word, "|", out);
    mpr_buf_putc(out, '\n');
}

/* --- answers --- */

static struct mpr_ending answer(const struct mpr_buf *text)
{
    struct mpr_output out = {.fd = STDOUT_FILENO};
    struct mpr_error err;
    if (!text->failed && mpr_output_put(&out, text->data, text->len) == 0 &&
        mpr_output_finish(&out, &err) == 0)
        return (struct mpr_ending){0};
    mpr_say("cannot write to standard output");
    return (struct mpr_ending){.status = MPR_STATUS_FAILED};
}

static struct mpr_ending answer_with(void (*append)(struct mpr_buf *out))
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    append(&text);
    struct mpr_ending ending = answer(&text);
    mpr_buf_release(&text);
    return ending;
}

static void append_version(struct mpr_buf *out)
{
    mpr_buf_puts(out, "mprun " MPRUN_VERSION "\n");
}

struct mpr_ending mpr_answer_version(const struct mpr_invocation *invocation)
{
    (void)invocation;
    return answer_with(append_version);
}

/* The help of a command with options of its own. */
static void append_own(const struct mpr_command *command, struct mpr_buf *out)
{
    const struct mpr_option *row;
    mpr_buf_puts(out, "Usage: mprun ");
    append_command(out, command);
    mpr_buf_puts(out, "\n\n");
    mpr_words_wrap(command->help, command->word, 0, DESCRIPTION_WIDTH, out);
    mpr_buf_puts(out, "\n\n");
    for (size_t i = 0; (row = mpr_option_in(command->options, i)); i++)
        if (row->help)
            append_option(out, row);
}

struct mpr_ending mpr_answer_help(const struct mpr_invocation *invocation)
{
    const struct mpr_command *command = invocation->options->command;
    if (command->program || command->options == mpr_option_groups)
        return answer_with(mpr_help_append);
    struct mpr_buf text;
    mpr_buf_init(&text);
    append_own(command, &text);
    struct mpr_ending ending = answer(&text);
    mpr_buf_release(&text);
    return ending;
}

struct mpr_ending mpr_answer_topic(const struct mpr_invocation *invocation)
{
    const struct mpr_topic *topic = invocation->options->topic;
    return answer_with(topic ? topic->append : mpr_help_append);
}

static int take_topic(struct mpr_options *options, const char *word, struct mpr_error *err)
{
    return mpr_topic_take(
        &mpr_command_help, mpr_topics, "there is no help on ", word, options, err);
}

const struct mpr_command mpr_command_help = {
    .name = "help",
    .synopsis = "[TOPIC]",
    .help = "the options; with a topic: {,}",
    .word = topic_word,
    .options = mpr_option_groups,
    .words_only = true,
    .take = take_topic,
    .run = mpr_answer_topic,
};
