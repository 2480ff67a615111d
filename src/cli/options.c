/* SPDX-License-Identifier: MIT */
/* The command line, parsed by glibc's argp in order: the first word that is no option is the
 * program, and what stands behind it is the program's own. */
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mistakes.h"
#include "option_table.h"
#include "python_words.h"

#define DEFAULT_TOP 5
#define DEFAULT_INTERVAL_NS ((uint64_t)10000000)

/* What the parser carries. */
struct parse {
    struct mpr_options *options;
    struct mpr_error *err;
    bool failed;                   /* err is set */
    bool run_word;                 /* `run` has been seen */
    const struct mpr_option *last; /* option that took a value, */
    const char *last_value;        /* which was this */
};

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
    int rc = row->take(parse->options, value, &why);
    if (rc == MPR_OK && value) {
        parse->last = row;
        parse->last_value = value;
    }
    if (rc == MPR_OK)
        return 0;
    if (mpr_has_prefix(why.message, "--"))
        mpr_error_set(parse->err, rc, "%s", why.message);
    else
        mpr_error_set(parse->err, rc, "--%s: %.900s", row->name, why.message);
    return fail(parse);
}

/* `--func PATTERN` directly behind the program is still mprun's; nothing else is, -f neither,
 * which too many programs have themselves. */
static error_t take_trailing_func(struct parse *parse, struct argp_state *state)
{
    const struct mpr_option *func = mpr_option_by_key('f');
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
        error_t rc = take(parse, func, value);
        if (rc)
            return rc;
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
    options->args = calloc(left + 3, sizeof(*options->args));
    if (!options->args)
        return fail_with(parse, "out of memory");
    if (first)
        options->args[count++] = first;
    if (second)
        options->args[count++] = second;
    memcpy(options->args + count, state->argv + state->next, left * sizeof(*options->args));
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

/* A command that other versions or mprof have, and no file of that name. */
static bool is_missing_command(const char *word)
{
    static const char *const names[] = {
        "report", "diff", "merge", "snapshot", "timeline", "top", "plot", "peak"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(word, names[i]) == 0)
            return access(word, F_OK) != 0;
    return false;
}

static error_t take_run(struct parse *parse, struct argp_state *state)
{
    (void)state;
    parse->run_word = true;
    return 0;
}

/* The row of `table` that the next word names; it must be the last one. */
static error_t take_topic(struct parse *parse, struct argp_state *state,
    const struct mpr_topic *table, const char *refusal)
{
    struct mpr_buf names;
    const char *word = state->argv[state->next];
    const struct mpr_topic *topic = mpr_topic_by_name(table, word);
    if (topic && state->next + 1 < state->argc) {
        topic = NULL;
        word = state->argv[state->next + 1];
    }
    parse->options->topic = topic;
    state->next = state->argc;
    if (topic)
        return 0;
    mpr_buf_init(&names);
    mpr_topic_names(table, ", ", &names);
    mpr_error_set(parse->err, MPR_ERR_INVALID, "%s '%s', only %s", refusal, word, names.data);
    mpr_buf_release(&names);
    return fail(parse);
}

static error_t take_help(struct parse *parse, struct argp_state *state)
{
    parse->options->action = MPR_ACTION_HELP;
    if (state->next == state->argc)
        return 0;
    return take_topic(parse, state, mpr_topics, "there is no help on");
}

static error_t take_completion(struct parse *parse, struct argp_state *state)
{
    parse->options->action = MPR_ACTION_HELP;
    if (state->next == state->argc)
        return fail_with(parse, "completion for which shell? mprun completion bash, zsh or fish");
    return take_topic(parse, state, mpr_shells, "there is no completion for");
}

/* Options may follow. */
static error_t take_doctor(struct parse *parse, struct argp_state *state)
{
    (void)state;
    parse->options->action = MPR_ACTION_DOCTOR;
    return 0;
}

static error_t refuse_doctors_word(struct parse *parse, const char *word)
{
    mpr_error_set(parse->err, MPR_ERR_INVALID,
        "mprun doctor runs no program: '%s' is one word too many; to run a file of that name: "
        "mprun ./doctor",
        word);
    return fail(parse);
}

/* Words of mprun's own, where the program could stand. */
static const struct command {
    const char *word;
    error_t (*take)(struct parse *parse, struct argp_state *state);
} commands[] = {
    {"run", take_run},
    {"help", take_help},
    {"doctor", take_doctor},
    {"completion", take_completion},
    {NULL, NULL},
};

/* The first word that is no option, or any word behind `--`. */
static error_t take_word(struct parse *parse, struct argp_state *state, const char *word)
{
    bool free_choice = !state->quoted && !parse->run_word;
    if (parse->options->action == MPR_ACTION_DOCTOR)
        return refuse_doctors_word(parse, word);
    for (const struct command *row = commands; free_choice && row->word; row++)
        if (strcmp(word, row->word) == 0)
            return row->take(parse, state);
    if (free_choice && is_missing_command(word)) {
        mpr_error_set(parse->err, MPR_ERR_INVALID,
            "mprun " MPRUN_VERSION " has no command '%s'; to run a file of that name: mprun ./%s",
            word, word);
        return fail(parse);
    }
    if (!*word)
        return fail_with(parse, "the name of the script is empty");
    if (mpr_is_interpreter_name(word))
        return take_interpreter(parse, state, word);
    if (word[0] == '-' && word[1])
        return take_rest(parse, state, word, NULL); /* behind `--`: python's own options */
    error_t rc = take_trailing_func(parse, state);
    return rc ? rc : take_rest(parse, state, word, NULL);
}

static error_t take_program_option(
    struct parse *parse, struct argp_state *state, int key, const char *value)
{
    error_t rc = take_trailing_func(parse, state);
    return rc ? rc : take_rest(parse, state, key == 'm' ? "-m" : "-c", value);
}

/* getopt has refused a word without a message (ARGP_NO_ERRS): the one just passed, or, inside a
 * cluster of letters, the one it stands on. */
static void diagnose(struct parse *parse, const struct argp_state *state)
{
    int rc = MPR_OK;
    if (state->next > 1)
        rc = mpr_option_diagnose(state->argv[state->next - 1], parse->err);
    if (rc == MPR_OK && state->next < state->argc)
        rc = mpr_option_diagnose(state->argv[state->next], parse->err);
    if (rc == MPR_OK)
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
    bool program = key == 'm' || key == 'c';
    if (program && parse->options->action == MPR_ACTION_DOCTOR)
        return refuse_doctors_word(parse, key == 'm' ? "-m" : "-c");
    if (program)
        return take_program_option(parse, state, key, value);
    const struct mpr_option *row = mpr_option_by_key(key);
    if (!row)
        return ARGP_ERR_UNKNOWN;
    error_t rc = take(parse, row, value);
    enum mpr_action action = parse->options->action;
    if (!rc && (action == MPR_ACTION_HELP || action == MPR_ACTION_VERSION))
        state->next = state->argc; /* --help and --version answer whatever follows */
    return rc;
}

static struct argp_option *argp_options(void)
{
    size_t count = 0;
    while (mpr_option_table[count].key)
        count++;
    struct argp_option *made = calloc(count + 1, sizeof(*made));
    for (size_t i = 0; made && i < count; i++) {
        made[i].name = mpr_option_table[i].name;
        made[i].key = mpr_option_table[i].key;
        made[i].arg = mpr_option_table[i].argument;
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
    error_t rc = argp_parse(&argp, argc, (char **)argv, flags, NULL, parse);
    free(rows);
    if (rc == 0)
        return MPR_OK;
    if (!parse->failed)
        mpr_error_set(parse->err, MPR_ERR_INVALID, "the command line is wrong (see mprun --help)");
    return MPR_ERR_INVALID;
}

/* Words of the program that mprun would have understood in front of it. */
static int collect_strays(struct mpr_options *options, struct mpr_error *err)
{
    size_t count = 0;
    size_t found = 0;
    while (options->args[count])
        count++;
    options->strays = calloc(count + 1, sizeof(*options->strays));
    if (!options->strays)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    for (size_t i = options->program + 1; i < count; i++) {
        if (strcmp(options->args[i], "--") == 0)
            break;
        if (mpr_option_is_stray(options->args[i]))
            options->strays[found++] = options->args[i];
    }
    return MPR_OK;
}

static int settle_format(struct mpr_options *options, struct mpr_error *err)
{
    bool to_file = options->output && strcmp(options->output, "-") != 0;
    if (!options->format) {
        int rc = mpr_format_of_file(to_file ? options->output : "", &options->format, err);
        if (rc < 0)
            return rc;
    }
    if (options->format->for_programs && !options->output)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--format %s needs -o FILE, or -o - for standard output", options->format->name);
    if (options->format->owns_file && !to_file)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "--format %s needs -o FILE", options->format->name);
    return MPR_OK;
}

/* What is asked for must not be switched off. */
static int settle_measured(const struct mpr_options *options, struct mpr_error *err)
{
    bool heap_off = options->no_heap, rss_off = options->rss == MPR_RSS_OFF;
    bool by_heap = options->sort == MPR_SORT_HEAP || options->sort == MPR_SORT_PEAK;
    if ((by_heap && heap_off) || (options->sort == MPR_SORT_RSS && rss_off))
        return mpr_error_set(err, MPR_ERR_INVALID, "--sort needs what %s switches off",
            by_heap ? "--no-heap" : "--rss off");
    int rc = mpr_limits_check(&options->limits, heap_off, rss_off, err);
    if (rc == MPR_OK && options->columns)
        rc = mpr_columns_measured(options->columns, heap_off, rss_off, err);
    return rc;
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
    struct mpr_python_words words;
    struct mpr_options *options = parse->options;
    struct mpr_error *err = parse->err;
    if (options->action != MPR_ACTION_RUN)
        return MPR_OK;
    if (!options->args)
        return nothing_to_run(parse);
    mpr_python_words_scan(options->args, &words);
    options->program = words.program;
    options->code = words.code;
    int rc = collect_strays(options, err);
    if (rc == MPR_OK)
        rc = settle_measured(options, err);
    return rc < 0 ? rc : settle_format(options, err);
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
        .interval_ns = DEFAULT_INTERVAL_NS,
        .top = DEFAULT_TOP,
        .limits = MPR_LIMITS_NONE,
    };
    struct parse parse = {.options = &options, .err = err};
    int rc = run_argp(argc, argv, &parse);
    if (rc == MPR_OK)
        rc = settle(&parse);
    find_own_words(argc, argv, &options);
    if (rc < 0)
        mpr_options_release(&options);
    else
        *ret_options = options;
    return rc;
}

void mpr_options_release(struct mpr_options *options)
{
    free(options->patterns);
    free(options->args);
    free(options->strays);
    *options = (struct mpr_options){0};
}
