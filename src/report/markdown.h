/* SPDX-License-Identifier: MIT */
/* What the parts of the Markdown report share. */
#ifndef MPRUN_REPORT_MARKDOWN_H
#define MPRUN_REPORT_MARKDOWN_H

#include "text.h"

/* figures: its cells, names and glyphs are those of the text report. */
struct mpr_markdown {
    struct mpr_text figures;
    struct mpr_buf *out;
};

/* markdown_text.c: text of anybody, so that it is shown as it is and means nothing. A code span,
 * nothing for text that is blank; in the cell of a table where bars are escaped, too. */
void mpr_markdown_code(const struct mpr_markdown *markdown, const char *text, bool in_table);
/* Words, those in a code span that might mean something. */
void mpr_markdown_prose(const struct mpr_markdown *markdown, const char *text);
/* A function's name, or a file's place, as a code span. line 0: without. */
void mpr_markdown_name(const struct mpr_markdown *markdown, const char *qualname, bool in_table);
void mpr_markdown_place(
    const struct mpr_markdown *markdown, const char *file, uint32_t line, bool in_table);

/* markdown_table.c: of the view's function of that number. */
void mpr_markdown_table(const struct mpr_markdown *markdown, size_t function);
/* markdown_lists.c: functions without a table; the lines that allocate most. */
void mpr_markdown_functions(const struct mpr_markdown *markdown);
void mpr_markdown_sites(const struct mpr_markdown *markdown);

#endif
