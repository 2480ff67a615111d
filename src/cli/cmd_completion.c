/* SPDX-License-Identifier: MIT */
/* What shells complete, generated from the tables of commands and options. Behind the program, the
 * words are the program's own: there the shell completes as it does without us. */
#include <string.h>

#include "commands.h"
#include "option_table.h"
#include "options.h"
#include "topics.h"

static const char *command_word(size_t index)
{
    return mpr_commands[index] ? mpr_commands[index]->name : NULL;
}

static void append_commands(struct mpr_buf *out)
{
    mpr_words_append(command_word, " ", out);
}

/* Commands behind whose name options may stand; `between` in front of each. */
static void append_going_on(struct mpr_buf *out, const char *between)
{
    for (const struct mpr_command *const *at = mpr_commands; *at; at++)
        if (!(*at)->words_only)
            mpr_buf_printf(out, "%s%s", between, (*at)->name);
}

/* "-f|--func|-o|--output…": options that take a value. */
static void append_valued(struct mpr_buf *out, const char *between)
{
    const struct mpr_option *row;
    const char *gap = "";
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
        if (!row->argument)
            continue;
        if (row->letter) {
            mpr_buf_printf(out, "%s-%c", gap, row->letter);
            gap = between;
        }
        if (row->name) {
            mpr_buf_printf(out, "%s--%s", gap, row->name);
            gap = between;
        }
    }
}

/* The help's first line, for between single quotes. */
static void append_help(struct mpr_buf *out, const struct mpr_option *row, const char *quote)
{
    struct mpr_buf help;
    mpr_buf_init(&help);
    mpr_words_fill(row->help, row->word, &help);
    for (const char *at = help.failed ? "" : help.data; *at && *at != '\n'; at++) {
        if (*at == '\'')
            mpr_buf_puts(out, quote);
        else
            mpr_buf_putc(out, *at);
    }
    out->failed |= help.failed;
    mpr_buf_release(&help);
}

static void append_bash_values(struct mpr_buf *out)
{
    const struct mpr_option *row;
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
        if (!row->word)
            continue;
        mpr_buf_printf(out, "    --%s)\n        COMPREPLY=($(compgen -W '", row->name);
        mpr_words_append(row->word, " ", out);
        mpr_buf_puts(out, "' -- \"$cur\"))\n        return ;;\n");
    }
    mpr_buf_puts(out, "    ");
    append_valued(out, "|");
    mpr_buf_puts(out, ")\n        return ;;\n");
}

static void append_bash_words(struct mpr_buf *out)
{
    for (const struct mpr_command *const *at = mpr_commands; *at; at++) {
        if (!(*at)->word)
            continue;
        mpr_buf_printf(out, "        %s)\n            COMPREPLY=($(compgen -W '", (*at)->name);
        mpr_words_append((*at)->word, " ", out);
        mpr_buf_puts(out, "' -- \"$cur\"))\n            return ;;\n");
    }
}

static void complete_bash(struct mpr_buf *out)
{
    const struct mpr_option *row;
    mpr_buf_puts(out,
        "# bash completion for mprun: put it where bash-completion looks, or read it with\n"
        "# source <(mprun completion bash)\n"
        "_mprun()\n{\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at=1\n"
        "    COMPREPLY=()\n"
        "    # Readline splits words at an equals sign.\n"
        "    if [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
        "    if [ \"$cur\" = = ]; then cur=; fi\n"
        "    while [ $at -lt $COMP_CWORD ]; do\n"
        "        case ${COMP_WORDS[at]} in\n");
    append_bash_words(out);
    mpr_buf_puts(out, "        ");
    append_valued(out, "|");
    mpr_buf_puts(out, ")\n"
                      "            at=$((at + 1))\n"
                      "            if [ \"${COMP_WORDS[at]}\" = = ]; then at=$((at + 1)); fi ;;\n"
                      "        -*");
    append_going_on(out, "|");
    mpr_buf_puts(out, ") ;;\n"
                      "        *) return ;; # the program's own words\n"
                      "        esac\n"
                      "        at=$((at + 1))\n"
                      "    done\n"
                      "    case $prev in\n");
    append_bash_values(out);
    mpr_buf_puts(out, "    esac\n"
                      "    if [[ $cur == -* ]]; then\n"
                      "        COMPREPLY=($(compgen -W '-m -c");
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        if (row->help)
            mpr_buf_printf(out, " --%s", row->name);
    mpr_buf_puts(out, "' -- \"$cur\"))\n"
                      "        return\n"
                      "    fi\n"
                      "    mapfile -t COMPREPLY < <(compgen -W '");
    append_commands(out);
    mpr_buf_puts(out, "' -- \"$cur\"\n"
                      "        compgen -f -- \"$cur\")\n"
                      "}\n"
                      "complete -o default -o filenames -F _mprun mprun\n");
}

static void append_zsh_option(struct mpr_buf *out, const struct mpr_option *row)
{
    if (row->letter && row->repeatable)
        mpr_buf_puts(out, "        '*'");
    else if (row->letter)
        mpr_buf_printf(out, "        '(-%c --%s)'", row->letter, row->name);
    else
        mpr_buf_puts(out, "        ");
    const char *equals = row->argument ? "=" : "";
    if (row->letter)
        mpr_buf_printf(out, "{-%c,--%s%s}'[", row->letter, row->name, equals);
    else
        mpr_buf_printf(out, "'--%s%s[", row->name, equals);
    append_help(out, row, "'\\''");
    mpr_buf_putc(out, ']');
    if (row->word) {
        mpr_buf_printf(out, ":%s:(", row->argument);
        mpr_words_append(row->word, " ", out);
        mpr_buf_putc(out, ')');
    } else if (row->argument) {
        mpr_buf_printf(out, ":%s:%s", row->argument, row->file ? "_files" : "");
    }
    mpr_buf_puts(out, "' \\\n");
}

static void append_zsh_words(struct mpr_buf *out)
{
    for (const struct mpr_command *const *at = mpr_commands; *at; at++) {
        if (!(*at)->word)
            continue;
        mpr_buf_printf(out, "        %s) compadd -- ", (*at)->name);
        mpr_words_append((*at)->word, " ", out);
        mpr_buf_puts(out, " ;;\n");
    }
}

static void complete_zsh(struct mpr_buf *out)
{
    const struct mpr_option *row;
    mpr_buf_puts(out, "#compdef mprun\n"
                      "# zsh completion for mprun: save it as _mprun in a folder of $fpath.\n"
                      "_mprun()\n{\n"
                      "    local context state state_descr line\n"
                      "    typeset -A opt_args\n"
                      "    # Behind the program, the words are its own: -A.\n"
                      "    _arguments -S -A '-*' \\\n");
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        if (row->help)
            append_zsh_option(out, row);
    mpr_buf_puts(out, "        '-m[run a module]:MODULE:' \\\n"
                      "        '-c[run a piece of code]:CODE:' \\\n"
                      "        '1: :->first' '*:: :->rest' && return\n"
                      "    case $state in\n"
                      "    first)\n"
                      "        _alternative 'commands:command:(");
    append_commands(out);
    mpr_buf_puts(out, ")' \\\n"
                      "            'programs:program:_files' ;;\n"
                      "    rest)\n"
                      "        case $words[1] in\n");
    append_zsh_words(out);
    mpr_buf_puts(out, "        *) _files ;;\n"
                      "        esac ;;\n"
                      "    esac\n"
                      "}\n"
                      "if [ \"$funcstack[1]\" = _mprun ]; then _mprun \"$@\"; else compdef _mprun "
                      "mprun; fi\n");
}

static void append_fish_option(struct mpr_buf *out, const struct mpr_option *row)
{
    mpr_buf_puts(out, "complete -c mprun -n __mprun_before");
    if (row->letter)
        mpr_buf_printf(out, " -s %c", row->letter);
    mpr_buf_printf(out, " -l %s", row->name);
    if (row->word) {
        mpr_buf_puts(out, " -x -a '");
        mpr_words_append(row->word, " ", out);
        mpr_buf_putc(out, '\'');
    } else if (row->argument) {
        mpr_buf_puts(out, row->file ? " -r -F" : " -x");
    }
    mpr_buf_puts(out, " -d '");
    append_help(out, row, "\\'");
    mpr_buf_puts(out, "'\n");
}

static void append_fish_words(struct mpr_buf *out)
{
    for (const struct mpr_command *const *at = mpr_commands; *at; at++) {
        if (!(*at)->word)
            continue;
        mpr_buf_printf(out, "complete -c mprun -f -n '__mprun_in %s' -a '", (*at)->name);
        mpr_words_append((*at)->word, " ", out);
        mpr_buf_puts(out, "'\n");
    }
}

static void complete_fish(struct mpr_buf *out)
{
    const struct mpr_option *row;
    mpr_buf_puts(out, "# fish completion for mprun: mprun completion fish | source\n"
                      "# The program or command among the words so far; fails without one.\n"
                      "function __mprun_program\n"
                      "    set -l words (commandline -opc)\n"
                      "    set -e words[1]\n"
                      "    while set -q words[1]\n"
                      "        switch $words[1]\n"
                      "            case ");
    append_valued(out, " ");
    mpr_buf_puts(out, "\n"
                      "                set -e words[1]\n"
                      "            case '-*'");
    append_going_on(out, " ");
    mpr_buf_puts(out, "\n"
                      "            case '*'\n"
                      "                echo $words[1]\n"
                      "                return 0\n"
                      "        end\n"
                      "        set -e words[1]\n"
                      "    end\n"
                      "    return 1\n"
                      "end\n"
                      "function __mprun_before\n"
                      "    not __mprun_program >/dev/null\n"
                      "end\n"
                      "function __mprun_in\n"
                      "    set -l program (__mprun_program)\n"
                      "    test \"$program\" = $argv[1]\n"
                      "end\n");
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        if (row->help)
            append_fish_option(out, row);
    mpr_buf_puts(out, "complete -c mprun -n __mprun_before -s m -x -d 'run a module'\n"
                      "complete -c mprun -n __mprun_before -s c -x -d 'run a piece of code'\n"
                      "complete -c mprun -n __mprun_before -a '");
    append_commands(out);
    mpr_buf_puts(out, "'\n");
    append_fish_words(out);
}

const struct mpr_topic mpr_shells[] = {
    {"bash", NULL, complete_bash},
    {"zsh", NULL, complete_zsh},
    {"fish", NULL, complete_fish},
    {NULL, NULL, NULL},
};

/* --- the command --- */

static const char *shell_word(size_t index)
{
    return mpr_shells[index].name;
}

static int take_shell(struct mpr_options *options, const char *word, struct mpr_error *err)
{
    return mpr_topic_take(
        &mpr_command_completion, mpr_shells, "there is no completion for ", word, options, err);
}

static int settle(struct mpr_options *options, struct mpr_error *err)
{
    struct mpr_buf text;
    if (options->topic)
        return 0;
    mpr_buf_init(&text);
    mpr_words_fill("completion for which shell? mprun completion {or}", shell_word, &text);
    int status = mpr_error_set(err, MPR_ERR_INVALID, "%s", text.failed ? "" : text.data);
    mpr_buf_release(&text);
    return status;
}

const struct mpr_command mpr_command_completion = {
    .name = "completion",
    .synopsis = "SHELL",
    .help = "for {or}, to be read by that shell",
    .word = shell_word,
    .options = mpr_option_groups,
    .words_only = true,
    .take = take_shell,
    .settle = settle,
    .run = mpr_answer_topic,
};
