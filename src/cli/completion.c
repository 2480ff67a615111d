/* SPDX-License-Identifier: MIT */
/* What shells complete, generated from the table of options. Behind the program, the words are the
 * program's own: there the shell completes as it does without us. */
#include <string.h>

#include "option_table.h"
#include "topics.h"

#define COMMANDS "doctor help completion run"

/* "-f|--func|-o|--output…": options that take a value. */
static void append_valued(struct mpr_buf *out, const char *between)
{
    const char *gap = "";
    for (const struct mpr_option *row = mpr_option_table; row->key; row++) {
        if (!row->argument)
            continue;
        if (row->key < MPR_OPTION_NO_SHORT) {
            mpr_buf_printf(out, "%s-%c", gap, row->key);
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
    for (const char *at = row->help; *at && *at != '\n'; at++) {
        if (*at == '\'')
            mpr_buf_puts(out, quote);
        else
            mpr_buf_putc(out, *at);
    }
}

static bool is_list(const struct mpr_option *row)
{
    return row->values && strcmp(row->values, MPR_VALUES_FILE) != 0;
}

static void append_bash_values(struct mpr_buf *out)
{
    for (const struct mpr_option *row = mpr_option_table; row->key; row++)
        if (is_list(row))
            mpr_buf_printf(out,
                "    --%s)\n"
                "        COMPREPLY=($(compgen -W '%s' -- \"$cur\"))\n"
                "        return ;;\n",
                row->name, row->values);
    mpr_buf_puts(out, "    ");
    append_valued(out, "|");
    mpr_buf_puts(out, ")\n        return ;;\n");
}

static void append_bash_topics(
    struct mpr_buf *out, const char *command, const struct mpr_topic *table)
{
    mpr_buf_printf(out, "        %s)\n            COMPREPLY=($(compgen -W '", command);
    mpr_topic_names(table, " ", out);
    mpr_buf_puts(out, "' -- \"$cur\"))\n            return ;;\n");
}

void mpr_completion_bash(struct mpr_buf *out)
{
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
    append_bash_topics(out, "help", mpr_topics);
    append_bash_topics(out, "completion", mpr_shells);
    mpr_buf_puts(out, "        ");
    append_valued(out, "|");
    mpr_buf_puts(out, ")\n"
                      "            at=$((at + 1))\n"
                      "            if [ \"${COMP_WORDS[at]}\" = = ]; then at=$((at + 1)); fi ;;\n"
                      "        -*|run|doctor) ;;\n"
                      "        *) return ;; # the program's own words\n"
                      "        esac\n"
                      "        at=$((at + 1))\n"
                      "    done\n"
                      "    case $prev in\n");
    append_bash_values(out);
    mpr_buf_puts(out, "    esac\n"
                      "    if [[ $cur == -* ]]; then\n"
                      "        COMPREPLY=($(compgen -W '-m -c");
    for (const struct mpr_option *row = mpr_option_table; row->key; row++)
        if (row->help)
            mpr_buf_printf(out, " --%s", row->name);
    mpr_buf_puts(out, "' -- \"$cur\"))\n"
                      "        return\n"
                      "    fi\n"
                      "    mapfile -t COMPREPLY < <(compgen -W '" COMMANDS "' -- \"$cur\"\n"
                      "        compgen -f -- \"$cur\")\n"
                      "}\n"
                      "complete -o default -o filenames -F _mprun mprun\n");
}

static void append_zsh_option(struct mpr_buf *out, const struct mpr_option *row)
{
    bool letter = row->key < MPR_OPTION_NO_SHORT;
    bool repeatable = row->key == 'f';
    if (letter && repeatable)
        mpr_buf_puts(out, "        '*'");
    else if (letter)
        mpr_buf_printf(out, "        '(-%c --%s)'", row->key, row->name);
    else
        mpr_buf_puts(out, "        ");
    const char *equals = row->argument ? "=" : "";
    if (letter)
        mpr_buf_printf(out, "{-%c,--%s%s}'[", row->key, row->name, equals);
    else
        mpr_buf_printf(out, "'--%s%s[", row->name, equals);
    append_help(out, row, "'\\''");
    mpr_buf_putc(out, ']');
    if (is_list(row))
        mpr_buf_printf(out, ":%s:(%s)", row->argument, row->values);
    else if (row->argument)
        mpr_buf_printf(out, ":%s:%s", row->argument, row->values ? "_files" : "");
    mpr_buf_puts(out, "' \\\n");
}

void mpr_completion_zsh(struct mpr_buf *out)
{
    mpr_buf_puts(out, "#compdef mprun\n"
                      "# zsh completion for mprun: save it as _mprun in a folder of $fpath.\n"
                      "_mprun()\n{\n"
                      "    local context state state_descr line\n"
                      "    typeset -A opt_args\n"
                      "    # Behind the program, the words are its own: -A.\n"
                      "    _arguments -S -A '-*' \\\n");
    for (const struct mpr_option *row = mpr_option_table; row->key; row++)
        if (row->help)
            append_zsh_option(out, row);
    mpr_buf_puts(out, "        '-m[run a module]:MODULE:' \\\n"
                      "        '-c[run a piece of code]:CODE:' \\\n"
                      "        '1: :->first' '*:: :->rest' && return\n"
                      "    case $state in\n"
                      "    first)\n"
                      "        _alternative 'commands:command:(" COMMANDS ")' \\\n"
                      "            'programs:program:_files' ;;\n"
                      "    rest)\n"
                      "        case $words[1] in\n"
                      "        help) compadd -- ");
    mpr_topic_names(mpr_topics, " ", out);
    mpr_buf_puts(out, " ;;\n        completion) compadd -- ");
    mpr_topic_names(mpr_shells, " ", out);
    mpr_buf_puts(out, " ;;\n"
                      "        *) _files ;;\n"
                      "        esac ;;\n"
                      "    esac\n"
                      "}\n"
                      "if [ \"$funcstack[1]\" = _mprun ]; then _mprun \"$@\"; else compdef _mprun "
                      "mprun; fi\n");
}

static void append_fish_option(struct mpr_buf *out, const struct mpr_option *row)
{
    mpr_buf_puts(out, "complete -c mprun -n __mprun_before");
    if (row->key < MPR_OPTION_NO_SHORT)
        mpr_buf_printf(out, " -s %c", row->key);
    mpr_buf_printf(out, " -l %s", row->name);
    if (is_list(row))
        mpr_buf_printf(out, " -x -a '%s'", row->values);
    else if (row->argument)
        mpr_buf_puts(out, row->values ? " -r -F" : " -x");
    mpr_buf_puts(out, " -d '");
    append_help(out, row, "\\'");
    mpr_buf_puts(out, "'\n");
}

void mpr_completion_fish(struct mpr_buf *out)
{
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
                      "            case '-*' run doctor\n"
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
    for (const struct mpr_option *row = mpr_option_table; row->key; row++)
        if (row->help)
            append_fish_option(out, row);
    mpr_buf_puts(out, "complete -c mprun -n __mprun_before -s m -x -d 'run a module'\n"
                      "complete -c mprun -n __mprun_before -s c -x -d 'run a piece of code'\n"
                      "complete -c mprun -n __mprun_before -a '" COMMANDS "'\n"
                      "complete -c mprun -f -n '__mprun_in help' -a '");
    mpr_topic_names(mpr_topics, " ", out);
    mpr_buf_puts(out, "'\ncomplete -c mprun -f -n '__mprun_in completion' -a '");
    mpr_topic_names(mpr_shells, " ", out);
    mpr_buf_puts(out, "'\n");
}
