/* SPDX-License-Identifier: MIT */
/* The command line, parsed by glibc's argp in order: the first word that is no option is the
 * program, and what stands behind it is the program's own. */
#include "options.h"

#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mistakes.h"
#include "option_table.h"
#include "python_words.h"

#define DEFAULT_TOP 5
#define DEFAULT_INTERVAL_NS ((uint64_t)10000000)
#define DEFAULT_CHECKPOINT_NS ((uint64_t)10000000000)

/* What the parser carries. */
struct parse {
    struct mpr_options *options;
    struct mpr_error *err;
    bool failed;                   /* err is set */
    bool named;                    /* the command has been seen */
    uint64_t given;                /* options, a bit each by its place in the table */
    const struct mpr_option *last; /* option that took a value, */
    const char *last_value;        /* which was this */
};

#define OPTIONS_MAX 64 /* bits of `given` */
#define NO_OPTION SIZE_MAX

/* argp's name of an option: its letter, or a number that is none. */
static int key_of(const struct mpr_option *row, size_t index)
{
    return row->letter ? row->letter : 0x100 + (int)index;
}

static size_t index_of(int key)
{
    const struct mpr_option *row;
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        if (key_of(row, i) == key)
            return i;
    return NO_OPTION;
}

static error_t fail(struct parse *parse)
{
    parse->failed = true;
    return EINVAL;
}

static error_t fail_with(struct parse *parse, const char *message)
{
    mpr_error_set(parse->err, MPR_ERR_INVALID, "%s", message);
    return fail(parse);
}

/* Take an option's value; a refusal names the option, if it does not yet. */
static error_t take(struct parse *parse, const struct mpr_option *row, const char *value)
{
    struct mpr_error why = {""};
    int status = row->take(row, value, parse->options, &why);
    if (status == 0 && value) {
        parse->last = row;
        parse->last_value = value;
    }
    if (status == 0)
        return 0;
    if (mpr_has_prefix(why.message, "--"))
        mpr_error_set(parse->err, status, "%s", why.message);
    else
        mpr_error_set(parse->err, status, "--%s: %.900s", row->name, why.message);
    return fail(parse);
}

/* `--func PATTERN` directly behind the program is still mprun's; nothing else is, -f neither,
 * which too many programs have themselves. */
static error_t take_trailing_func(struct parse *parse, struct argp_state *state)
{
    const struct mpr_option *func = mpr_option_by_letter('f');
    while (state->next < state->argc) {
        const char *word = state->argv[state->next];
        const char *value = NULL;
        if (mpr_has_prefix(word, "--func="))
            value = word + strlen("--func=");
        else if (strcmp(word, "--func") != 0)
            return 0;
        else if (state->next + 1 >= state->argc)
            return fail_with(parse, "--func needs a value: --func PATTERN");
        else
            value = state->argv[++state->next];
        state->next++;
        error_t failed = take(parse, func, value);
        if (failed)
            return failed;
    }
    return 0;
}

/* python's command line: up to two words of ours, then all that is left of argv. */
static error_t take_rest(
    struct parse *parse, struct argp_state *state, const char *first, const char *second)
{
    struct mpr_options *options = parse->options;
    size_t left = (size_t)(state->argc - state->next);
    size_t count = 0;
    options->args = calloc(left + 3, sizeof *options->args);
    if (!options->args)
        return fail_with(parse, "out of memory");
    if (first)
        options->args[count++] = first;
    if (second)
        options->args[count++] = second;
    memcpy(options->args + count, state->argv + state->next, left * sizeof *options->args);
    state->next = state->argc;
    return 0;
}

static error_t take_interpreter(struct parse *parse, struct argp_state *state, const char *word)
{
    if (parse->options->python) {
        mpr_error_set(parse->err, MPR_ERR_INVALID,
            "both --python %s and %s name an interpreter; leave one out", parse->options->python,
            word);
        return fail(parse);
    }
    parse->options->python = word;
    return take_rest(parse, state, NULL, NULL);
}

static error_t take_program(struct parse *parse, struct argp_state *state, const char *word)
{
    if (!*word)
        return fail_with(parse, "the name of the script is empty");
    if (mpr_is_interpreter_name(word))
        return take_interpreter(parse, state, word);
    if (word[0] == '-' && word[1])
        return take_rest(parse, state, word, NULL); /* behind `--`: python's own options */
    error_t failed = take_trailing_func(parse, state);
    return failed ? failed : take_rest(parse, state, word, NULL);
}

static error_t refuse_word(struct parse *parse, const char *word)
{
    const char *name = parse->options->command->name;
    mpr_error_set(parse->err, MPR_ERR_INVALID,
        "mprun %s runs no program: '%s' is one word too many; to run a file of that name: "
        "mprun ./%s",
        name, word, name);
    return fail(parse);
}

/* A word behind the name of a command that takes no program. */
static error_t take_argument(struct parse *parse, const char *word)
{
    const struct mpr_command *command = parse->options->command;
    if (!command->take)
        return refuse_word(parse, word);
    return command->take(parse->options, word, parse->err) < 0 ? fail(parse) : 0;
}

static error_t take_command(
    struct parse *parse, struct argp_state *state, const struct mpr_command *command)
{
    error_t failed = 0;
    parse->options->command = command;
    parse->named = true;
    while (!failed && command->words_only && state->next < state->argc)
        failed = take_argument(parse, state->argv[state->next++]);
    return failed;
}

/* What a word that stands where a command may stand is. */
static error_t take_first(struct parse *parse, struct argp_state *state, const char *word)
{
    const struct mpr_command *command = mpr_command_by_name(word);
    if (command)
        return take_command(parse, state, command);
    if (mpr_command_is_elsewhere(word) && access(word, F_OK) != 0) {
        mpr_error_set(parse->err, MPR_ERR_INVALID,
            "mprun " MPRUN_VERSION " has no command '%s'; to run a file of that name: mprun ./%s",
            word, word);
        return fail(parse);
    }
    return take_program(parse, state, word);
}

/* The first word that is no option, or any word behind `--`. */
static error_t take_word(struct parse *parse, struct argp_state *state, const char *word)
{
    if (parse->options->command->foreign)
        return take_rest(parse, state, word, NULL);
    if (!parse->options->command->program)
        return take_argument(parse, word);
    if (state->quoted || parse->named)
        return take_program(parse, state, word);
    return take_first(parse, state, word);
}

static error_t take_program_option(
    struct parse *parse, struct argp_state *state, int key, const char *value)
{
    if (parse->options->command->foreign) {
        mpr_error_set(parse->err, MPR_ERR_INVALID,
            "mprun %s runs any command: write -- python3 -%c ...", parse->options->command->name,
            key);
        return fail(parse);
    }
    if (!parse->options->command->program)
        return refuse_word(parse, key == 'm' ? "-m" : "-c");
    error_t failed = take_trailing_func(parse, state);
    return failed ? failed : take_rest(parse, state, key == 'm' ? "-m" : "-c", value);
}

/* getopt has refused a word without a message (ARGP_NO_ERRS): the one just passed, or, inside a
 * cluster of letters, the one it stands on. */
static void diagnose(struct parse *parse, const struct argp_state *state)
{
    int status = 0;
    if (state->next > 1)
        status = mpr_option_diagnose(state->argv[state->next - 1], parse->err);
    if (status == 0 && state->next < state->argc)
        status = mpr_option_diagnose(state->argv[state->next], parse->err);
    if (status == 0)
        mpr_error_set(parse->err, MPR_ERR_INVALID, "the command line is wrong (see mprun --help)");
    parse->failed = true;
}

static error_t parse_one(int key, char *value, struct argp_state *state)
{
    struct parse *parse = state->input;
    if (key == ARGP_KEY_ARG)
        return take_word(parse, state, value);
    if (key == ARGP_KEY_ERROR && !parse->failed)
        diagnose(parse, state);
    if (key == 'm' || key == 'c')
        return take_program_option(parse, state, key, value);
    size_t index = index_of(key);
    if (index == NO_OPTION)
        return ARGP_ERR_UNKNOWN;
    parse->given |= UINT64_C(1) << index;
    error_t failed = take(parse, mpr_option_at(index), value);
    if (!failed && parse->options->answer)
        state->next = state->argc; /* --help and --version answer whatever follows */
    return failed;
}

static struct argp_option *argp_options(void)
{
    size_t count = 0;
    const struct mpr_option *row;
    while (mpr_option_at(count))
        count++;
    assert(count <= OPTIONS_MAX);
    struct argp_option *made = calloc(count + 1, sizeof *made);
    for (size_t i = 0; made && (row = mpr_option_at(i)); i++) {
        made[i].name = row->name;
        made[i].key = key_of(row, i);
        made[i].arg = row->argument;
    }
    return made;
}

static int run_argp(int argc, char *const *argv, struct parse *parse)
{
    struct argp_option *rows = argp_options();
    if (!rows)
        return mpr_error_set(parse->err, MPR_ERR_NOMEM, "out of memory");
    struct argp argp = {.options = rows, .parser = parse_one};
    unsigned flags = ARGP_IN_ORDER | ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP;
    error_t failed = argp_parse(&argp, argc, (char **)argv, flags, NULL, parse);
    free(rows);
    if (!failed)
        return 0;
    if (!parse->failed)
        mpr_error_set(parse->err, MPR_ERR_INVALID, "the command line is wrong (see mprun --help)");
    return MPR_ERR_INVALID;
}

/* The command may stand behind an option that it does not take. */
static int refuse_options(const struct parse *parse)
{
    const struct mpr_command *command = parse->options->command;
    const struct mpr_option *row;
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        if (parse->given >> i & 1 && !mpr_command_takes(command, row))
            return mpr_error_set(parse->err, MPR_ERR_INVALID,
                "mprun %s takes no --%s (see mprun --help)", command->name, row->name);
    return 0;
}

static int nothing_to_run(const struct parse *parse)
{
    const struct mpr_option *last = parse->last;
    if (last && mpr_mistakes_value(last->name, parse->last_value, parse->err))
        return MPR_ERR_INVALID;
    return mpr_error_set(parse->err, MPR_ERR_INVALID,
        "nothing to run: give a SCRIPT, -m MODULE or -c CODE (see mprun --help)");
}

/* What follows from the words once all are known. */
static int settle(const struct parse *parse)
{
    struct mpr_options *options = parse->options;
    const struct mpr_command *command = options->command;
    if (options->answer)
        return 0;
    if (command->program && !options->args)
        return nothing_to_run(parse);
    int status = refuse_options(parse);
    if (status == 0 && command->settle)
        status = command->settle(options, parse->err);
    return status;
}

static bool is_for_program(const struct mpr_options *options, const char *word)
{
    for (const char **at = options->args; at && *at; at++)
        if (*at == word)
            return true;
    return false;
}

static void find_own_words(int argc, char *const *argv, struct mpr_options *options)
{
    char *end = argv[0];
    for (int i = 0; i < argc && argv[i] == end && !is_for_program(options, argv[i]); i++)
        end += strlen(end) + 1;
    options->own_words = argv[0];
    options->own_size = (size_t)(end - argv[0]);
}

int mpr_options_parse(
    int argc, char *const *argv, struct mpr_options *ret_options, struct mpr_error *err)
{
    struct mpr_options options = {
        .command = &mpr_command_run,
        .interval_ns = DEFAULT_INTERVAL_NS,
        .checkpoint_ns = DEFAULT_CHECKPOINT_NS,
        .top = DEFAULT_TOP,
        .limits = MPR_LIMITS_NONE,
    };
    struct parse parse = {.options = &options, .err = err};
    int status = run_argp(argc, argv, &parse);
    if (status == 0)
        status = settle(&parse);
    find_own_words(argc, argv, &options);
    if (status < 0)
        mpr_options_release(&options);
    else
        *ret_options = options;
    return status;
}

void mpr_options_release(struct mpr_options *options)
{
    free(options->patterns);
    free(options->args);
    free(options->strays);
    *options = (struct mpr_options){0};
}
