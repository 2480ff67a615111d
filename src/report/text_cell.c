/* SPDX-License-Identifier: MIT */
/* One value as a cell: blank for nothing, ? for what could not be measured, a dot for less than is
 * shown, ~ for less than the kernel shows. */
#include <string.h>

#include "text.h"

void mpr_text_figure(const struct mpr_text *text, const struct mpr_figure *figure, char *out)
{
    const char *const signs[] = {
        [MPR_FIGURE_NOTHING] = "",
        [MPR_FIGURE_UNKNOWN] = "?",
        [MPR_FIGURE_SMALL] = text->glyphs->dot,
        [MPR_FIGURE_BLURRED] = "~",
    };
    if (figure->kind != MPR_FIGURE_NUMBER) {
        strcpy(out, signs[figure->kind]);
        return;
    }
    strcpy(out, figure->sign == '-' ? text->glyphs->minus : figure->sign ? "+" : "");
    strcat(out, figure->text);
}

void mpr_text_cell(const struct mpr_text *text, const struct mpr_column *column, int64_t value,
    bool measured, char *out)
{
    struct mpr_figure figure = mpr_view_figure(text->view, column, value, measured);
    mpr_text_figure(text, &figure, out);
}

void mpr_text_size(const struct mpr_text *text, int64_t value, char *out)
{
    uint64_t size = mpr_magnitude(value);
    if (mpr_number_vanishes(size, &text->view->size)) {
        strcpy(out, text->glyphs->dot);
        return;
    }
    strcpy(out, value < 0 ? text->glyphs->minus : "");
    mpr_number_scaled(out + strlen(out), size, &text->view->size);
}
