/* SPDX-License-Identifier: MIT */
/* python's own command line, as far as mprun must understand it. Pure. */
#ifndef MPRUN_CLI_PYTHON_WORDS_H
#define MPRUN_CLI_PYTHON_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct mpr_python_words {
    size_t program;   /* index of SCRIPT, MODULE or CODE; the number of words without one */
    const char *code; /* CODE of -c, or NULL */
};

/* Scan NULL-terminated words behind argv[0]. */
void mpr_python_words_scan(const char *const *words, struct mpr_python_words *ret_words);

/* python, python3, python3.11, python3.11.2, python3.13t, pypy3, with or without directories. */
bool mpr_is_interpreter_name(const char *word);

#endif
