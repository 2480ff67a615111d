/* SPDX-License-Identifier: MIT */
/* The whole program in one line: where RSS peaked, its course as a sparkline, its end. */
#include <string.h>

#include "text.h"
#include "width.h"

#define SPARK_MAX ((size_t)40)
#define SPARK_MIN ((size_t)8)

static void peak_part(const struct mpr_text *text, struct mpr_buf *out)
{
    const struct mpr_profile *profile = text->profile;
    const struct mpr_profile_process *process = text->view->process;
    char size[MPR_NUMBER_MAX];
    mpr_number_scaled(size, mpr_magnitude(process->rss_peak), &text->view->size);
    mpr_buf_printf(out, "RSS  peak %s%s%s", size, text->plan.has_sizes ? "" : " ",
        text->plan.has_sizes ? "" : text->view->size.label);
    if (process->peak_line == 0 || process->peak_function >= profile->function_count)
        return;
    mpr_buf_printf(out, " in line %u", (unsigned)process->peak_line);
    if (profile->function_count > 1) {
        mpr_buf_puts(out, " of ");
        mpr_text_name(text, profile->functions[process->peak_function].qualname, out);
    }
}

static void start_part(const struct mpr_text *text, struct mpr_buf *out)
{
    char size[MPR_NUMBER_MAX];
    if (text->view->process->rss_start == MPR_UNKNOWN)
        return;
    mpr_number_scaled(size, mpr_magnitude(text->view->process->rss_start), &text->view->size);
    mpr_buf_printf(out, "%s%s", size, text->view->process->timeline.count ? " " : " at start");
}

static void end_part(const struct mpr_text *text, struct mpr_buf *out)
{
    char size[MPR_NUMBER_MAX];
    if (text->view->process->rss_end == MPR_UNKNOWN)
        return;
    mpr_number_scaled(size, mpr_magnitude(text->view->process->rss_end), &text->view->size);
    mpr_buf_printf(out, "%s%s at end", text->view->process->timeline.count ? " " : ", ", size);
}

static void own_part(const struct mpr_text *text, struct mpr_buf *out)
{
    char size[MPR_NUMBER_MAX];
    if (text->view->process->rss_own == MPR_UNKNOWN || text->view->process->rss_own == 0)
        return;
    mpr_number_scaled(size, mpr_magnitude(text->view->process->rss_own), &text->view->size);
    mpr_buf_printf(out, "(mprun's %s not in)", size);
}

/* Highest RSS in each of `columns` equal parts of the run. */
static void sparkline(const struct mpr_text *text, size_t columns, struct mpr_buf *out)
{
    int64_t highest[SPARK_MAX], top = 1;
    mpr_view_course(text->view, columns, highest);
    for (size_t i = 0; i < columns; i++)
        top = highest[i] > top ? highest[i] : top;
    for (size_t i = 0; i < columns; i++) {
        size_t bar = (size_t)((double)highest[i] / (double)top * 7.999);
        mpr_buf_puts(out, text->glyphs->bars[bar < 8 ? bar : 7]);
    }
}

static size_t spark_columns(const struct mpr_text *text, size_t room)
{
    size_t columns = text->view->process->timeline.count;
    columns = columns < SPARK_MAX ? columns : SPARK_MAX;
    return columns < room ? columns : room;
}

/* The parts on as few lines as the width allows, the sparkline filling what is left of its own. */
static void draw(struct mpr_text *text, const struct mpr_buf part[4])
{
    struct mpr_buf *out = text->out;
    size_t width = text->options->width ? text->options->width : SIZE_MAX / 2;
    size_t least = spark_columns(text, SPARK_MIN);
    size_t ends = mpr_width(part[1].data, true) + mpr_width(part[2].data, true);
    size_t own = part[3].len ? 3 + mpr_width(part[3].data, true) : 0;
    size_t column = mpr_width(part[0].data, true);
    mpr_buf_puts(out, part[0].data);
    if (ends + least > 0) {
        bool fits = column + 4 + ends + least <= width;
        mpr_buf_puts(out, fits ? "    " : "\n     ");
        column = fits ? column + 4 : 5;
        bool own_fits = column + ends + least + own <= width;
        size_t taken = column + ends + (own_fits ? own : 0);
        size_t columns = spark_columns(text, width > taken + least ? width - taken : least);
        mpr_buf_puts(out, part[1].data);
        sparkline(text, columns, out);
        mpr_buf_puts(out, part[2].data);
        column += ends + columns;
    }
    if (own)
        mpr_buf_printf(out, "%s%s", column + own <= width ? "   " : "\n     ", part[3].data);
    mpr_buf_putc(out, '\n');
}

void mpr_text_peak(struct mpr_text *text)
{
    static void (*const parts[])(const struct mpr_text *, struct mpr_buf *) = {
        peak_part, start_part, end_part, own_part};
    struct mpr_buf part[4];
    if (text->view->process->rss_peak == MPR_UNKNOWN)
        return;
    for (size_t i = 0; i < 4; i++) {
        mpr_buf_init(&part[i]);
        parts[i](text, &part[i]);
    }
    if (text->view->heap_off) /* else it stands right below the heap's peak */
        mpr_buf_putc(text->out, '\n');
    draw(text, part);
    for (size_t i = 0; i < 4; i++)
        mpr_text_done(text, &part[i]);
}
