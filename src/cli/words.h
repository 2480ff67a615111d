/* SPDX-License-Identifier: MIT */
/* Lists of words that a value or a command may be, and help texts in which they stand. */
#ifndef MPRUN_CLI_WORDS_H
#define MPRUN_CLI_WORDS_H

#include <stddef.h>

#include "mprun/base.h"

/* The word at an index; NULL behind the last one. */
typedef const char *mpr_word_at(size_t index);

/* All words with `between` between them. */
void mpr_words_append(mpr_word_at *word, const char *between, struct mpr_buf *out);

/* MPR_ERR_INVALID: BEFORE'VALUE'BEHINDa, b, c. */
int mpr_words_refuse(mpr_word_at *word, const char *before, const char *value, const char *behind,
    struct mpr_error *err);

/* Append a help text: `{,}` becomes the words as "a, b, c", `{or}` as "a, b or c", `{ }` and `{|}`
 * with that between them. */
void mpr_words_fill(const char *text, mpr_word_at *word, struct mpr_buf *out);

/* The same in lines of at most `width` columns, each but the first behind `indent` blanks, and so
 * is what follows a newline of the text's own. The cursor stands at column `indent`. */
void mpr_words_wrap(
    const char *text, mpr_word_at *word, size_t indent, size_t width, struct mpr_buf *out);

#endif
