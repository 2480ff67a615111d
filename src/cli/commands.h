/* SPDX-License-Identifier: MIT */
/* mprun's commands. Each is a file, cmd_NAME.c, with its row; the table lists the rows, and
 * parsing, dispatch, help, manual, completions and the hints at a mistyped word come from it. */
#ifndef MPRUN_CLI_COMMANDS_H
#define MPRUN_CLI_COMMANDS_H

#include <stdbool.h>

#include "mprun/base.h"
#include "mprun/launch.h"
#include "words.h"

struct mpr_option;
struct mpr_options;

#define MPR_STATUS_FAILED 125 /* mprun could not do what was asked */
#define MPR_STATUS_OVER 3     /* a budget was exceeded, and the target itself ended with 0 */

/* How mprun ends. */
struct mpr_ending {
    int status;
    int signal; /* not 0: end by it */
};

/* What a command is given. */
struct mpr_invocation {
    const struct mpr_options *options;
    const struct mpr_inherited *inherited;
    char *const *environment;
};

typedef struct mpr_ending mpr_command_function(const struct mpr_invocation *invocation);

struct mpr_command {
    const char *name;
    /* What stands behind its name in the synopsis, NULL: nothing. Of the command that takes a
     * program: whole lines, as its name may be left out. */
    const char *synopsis;
    const char *help;  /* what it does: synopsis and help are filled with its words, words.h */
    mpr_word_at *word; /* what may stand behind its name, for shells too; NULL: others */
    /* The options that it takes: groups, NULL-terminated. */
    const struct mpr_option *const *options;
    bool program;    /* its words are a program and that program's own */
    bool foreign;    /* its words are any command, and that command's own */
    bool words_only; /* behind its name no word is an option */
    /* Take a word behind its name; NULL: it takes none. */
    int (*take)(struct mpr_options *options, const char *word, struct mpr_error *err);
    /* All words are known: check what they are together; NULL: they are right. */
    int (*settle)(struct mpr_options *options, struct mpr_error *err);
    mpr_command_function *run;
};

/* NULL-terminated; the order is that of the help. */
extern const struct mpr_command *const mpr_commands[];

extern const struct mpr_command mpr_command_report;
extern const struct mpr_command mpr_command_diff;
extern const struct mpr_command mpr_command_timeline;
extern const struct mpr_command mpr_command_doctor;
extern const struct mpr_command mpr_command_help;
extern const struct mpr_command mpr_command_completion;
extern const struct mpr_command mpr_command_watch; /* for programs: in no help or completion */
extern const struct mpr_command mpr_command_run;   /* where no command is named */

/* NULL if there is none. */
const struct mpr_command *mpr_command_by_name(const char *name);
/* A command that other versions have, or mprof. */
bool mpr_command_is_elsewhere(const char *name);
/* The command for which `word` may be a typing error; NULL if it is like none, or is one's name. */
const struct mpr_command *mpr_command_nearest(const char *word);
bool mpr_command_takes(const struct mpr_command *command, const struct mpr_option *option);

/* cmd_help.c: --help and --version, whatever the command, and the topic that was named. */
mpr_command_function mpr_answer_help;
mpr_command_function mpr_answer_version;
mpr_command_function mpr_answer_topic;

#endif
