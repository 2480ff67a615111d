/* SPDX-License-Identifier: MIT */
/* The command line. One table of options drives parsing, checks and help. */
#ifndef MPRUN_CLI_OPTIONS_H
#define MPRUN_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "budget.h"
#include "commands.h"
#include "mprun/base.h"
#include "mprun/compare.h"
#include "mprun/launch.h"
#include "mprun/recording.h"
#include "mprun/report.h"
#include "topics.h"

enum mpr_color { MPR_COLOR_AUTO, MPR_COLOR_ALWAYS, MPR_COLOR_NEVER };

/* Strings are those of argv; the arrays are owned. */
struct mpr_options {
    const struct mpr_command *command; /* `run` where none is named */
    mpr_command_function *answer;      /* instead of it, for --help and --version; else NULL */
    const char *profile;               /* FILE of report, BEFORE of diff */
    const char *after;                 /* AFTER of diff */
    struct mpr_allowance allowance;    /* of diff */
    const struct mpr_topic *topic;     /* of help and completion; NULL: the options */
    const char **patterns;
    size_t pattern_count;
    const char *output;              /* FILE, "-", or NULL */
    const struct mpr_format *format; /* never NULL if there is something to run */
    const char *columns;
    enum mpr_sort sort;
    enum mpr_unit unit;
    enum mpr_color color;
    bool width_given;
    size_t width; /* 0: unlimited */
    bool all_lines;
    bool no_legend;
    bool plot;
    bool no_source;
    int watched[2]; /* of watch: CONTROL and PID */
    size_t watched_count;
    const char *process; /* of report: the one to show; NULL: all */
    bool no_heap;
    size_t top; /* sites of each kind in the text report */
    bool fold_packages;
    struct mpr_limits limits;
    enum mpr_rss_tier rss;
    bool rss_check;
    uint64_t interval_ns;
    uint64_t checkpoint_ns; /* 0: none */
    const char *python;
    enum mpr_host_kind host;
    bool quiet;
    /* What is to be run. */
    const char **args; /* python's command line behind argv[0], NULL-terminated */
    size_t program;    /* index in args of SCRIPT, MODULE or CODE; of the NULL without one */
    const char *code;  /* CODE of -c, or NULL */
    /* Words behind the program that look like mprun's options; borrowed, NULL-terminated. */
    const char **strays;
    /* The part of argv's memory in front of the words that the program gets. */
    char *own_words;
    size_t own_size;
};

/* MPR_ERR_INVALID: a usage error; the message names the word and the nearest option. */
int mpr_options_parse(
    int argc, char *const *argv, struct mpr_options *ret_options, struct mpr_error *err);
void mpr_options_release(struct mpr_options *options);

/* settle.c: for `run`, what its words say together; MPR_ERR_INVALID as above. */
int mpr_options_settle_program(struct mpr_options *options, struct mpr_error *err);
/* The same for what any command reports: the format. */
int mpr_options_settle_report(struct mpr_options *options, struct mpr_error *err);

#endif
