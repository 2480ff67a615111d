/* SPDX-License-Identifier: MIT */
/* A comparison for reading: the whole run, a table for each function that changed, the others by
 * their names, the sites that changed most. */
#include <stdio.h>
#include <string.h>

#include "compare_text.h"
#include "formats.h"
#include "width.h"

#define RULE_MAX ((size_t)120)
#define WIDE ((size_t)100)
#define PLACE_MAX ((size_t)60)

void mpr_diff_right(struct mpr_diff *diff, const char *cell, size_t width)
{
    size_t used = mpr_width(cell, true);
    mpr_buf_repeat(mpr_diff_out(diff), " ", width > used ? width - used : 0);
    mpr_buf_puts(mpr_diff_out(diff), cell);
}

void mpr_diff_wrapped(struct mpr_diff *diff, struct mpr_buf *line)
{
    size_t width = diff->text[0].options->width;
    mpr_width_wrap(mpr_diff_out(diff), line->data, 0, 2, width == 0 || width < WIDE ? width : WIDE,
        mpr_diff_text(diff)->options->unicode);
    mpr_buf_putc(mpr_diff_out(diff), '\n');
    mpr_text_done(mpr_diff_text(diff), line);
}

void mpr_diff_amount(const struct mpr_text *text, enum mpr_cell cell, int64_t value, char *out)
{
    uint64_t size = mpr_magnitude(value);
    strcpy(out, "?");
    if (value == MPR_UNKNOWN)
        return;
    strcpy(out, value < 0 ? text->glyphs->minus : "");
    char *at = out + strlen(out);
    if (cell == MPR_CELL_TIME)
        mpr_number_duration(at, size, text->options->unicode);
    else if (cell == MPR_CELL_COUNT)
        mpr_number_count(at, size);
    else
        mpr_number_size(at, size);
}

static void change(const struct mpr_text *text, const struct mpr_compared_total *total, char *out,
    char *percent, size_t size)
{
    int64_t before = total->value[MPR_BEFORE], after = total->value[MPR_AFTER];
    *percent = '\0';
    strcpy(out, "");
    int64_t more = mpr_change(before, after);
    if (more == MPR_UNKNOWN || more == 0)
        return;
    strcpy(out, more > 0 ? "+" : "");
    mpr_diff_amount(text, total->cell, more, out + strlen(out));
    if (before > 0 && (double)mpr_magnitude(more) >= 0.0005 * (double)before)
        snprintf(percent, size, "%s%.1f%%", more > 0 ? "+" : text->glyphs->minus,
            100.0 * (double)mpr_magnitude(more) / (double)before);
}

static void totals(struct mpr_diff *diff)
{
    const struct mpr_comparison *comparison = diff->comparison;
    mpr_buf_printf(mpr_diff_out(diff), "%-24s%13s%13s%14s\n", "", "before", "after", "change");
    for (size_t i = 0; i < MPR_COMPARED_TOTALS; i++) {
        const struct mpr_compared_total *total = &comparison->total[i];
        char cell[2 * MPR_NUMBER_MAX], percent[MPR_NUMBER_MAX];
        if (total->value[MPR_BEFORE] == MPR_UNKNOWN && total->value[MPR_AFTER] == MPR_UNKNOWN)
            continue;
        mpr_buf_printf(mpr_diff_out(diff), "%-24s", total->words);
        for (size_t side = 0; side < MPR_SIDES; side++) {
            mpr_diff_amount(mpr_diff_text(diff), total->cell, total->value[side], cell);
            mpr_diff_right(diff, cell, 13);
        }
        change(mpr_diff_text(diff), total, cell, percent, sizeof percent);
        mpr_diff_right(diff, cell, *cell ? 14 : 0);
        mpr_diff_right(diff, percent, *percent ? 11 : 0);
        mpr_buf_putc(mpr_diff_out(diff), '\n');
    }
}

const char *mpr_diff_arrow(const struct mpr_diff *diff)
{
    return diff->text[MPR_AFTER].options->unicode ? "→" : "->";
}

void mpr_diff_place(struct mpr_diff *diff, const struct mpr_compared_function *function,
    enum mpr_side side, struct mpr_buf *out)
{
    mpr_text_place(&diff->text[side], function->function[side], PLACE_MAX, out);
}

static void head(struct mpr_diff *diff)
{
    static const char *const labels[MPR_SIDES] = {"before", "after"};
    for (size_t side = 0; side < MPR_SIDES; side++) {
        const struct mpr_profile_process *process = &diff->comparison->profile[side]->process[0];
        struct mpr_buf line;
        mpr_buf_init(&line);
        mpr_buf_printf(&line, "%s: %s   ", labels[side], diff->comparison->name[side]);
        for (size_t i = 0; process->command && process->command[i] && i < 4; i++)
            mpr_buf_printf(&line, "%s%s", i ? " " : "",
                mpr_path_relative(diff->comparison->profile[side]->cwd, process->command[i]));
        mpr_buf_printf(&line, "   CPython %s", process->python);
        mpr_diff_wrapped(diff, &line);
    }
    mpr_buf_putc(mpr_diff_out(diff), '\n');
    totals(diff);
}

static void legend(struct mpr_diff *diff)
{
    const struct mpr_comparison *comparison = diff->comparison;
    struct mpr_buf line;
    char noise[MPR_NUMBER_MAX];
    if (!mpr_diff_text(diff)->options->legend || diff->plan.count == 0)
        return;
    mpr_buf_init(&line);
    mpr_number_size(noise, mpr_magnitude(comparison->rss_noise));
    mpr_buf_puts(&line, "Figures are what was after less what was before. "
                        "+  new line, -  gone, !  edited. ");
    if (!comparison->rss_off)
        mpr_buf_printf(
            &line, "RSS differs from run to run: ~  up to %s, which says nothing. ", noise);
    mpr_buf_puts(&line, "Time differs, too.");
    mpr_buf_putc(mpr_diff_out(diff), '\n');
    mpr_text_style(mpr_diff_text(diff), MPR_STYLE_DIM);
    mpr_diff_wrapped(diff, &line);
    mpr_text_plain(mpr_diff_text(diff));
}

void mpr_diff_init(struct mpr_diff *ret_diff, const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_buf *out)
{
    size_t width = options->width;
    struct mpr_diff diff = {.comparison = comparison};
    for (size_t side = 0; side < MPR_SIDES; side++)
        diff.text[side] = (struct mpr_text){
            .profile = comparison->profile[side],
            .options = options,
            .out = out,
            .glyphs = mpr_text_glyphs(options->unicode),
        };
    mpr_comparison_plan(comparison, width, &diff.plan);
    diff.rule = width == 0 ? WIDE : width < RULE_MAX ? width : RULE_MAX;
    *ret_diff = diff;
}

int mpr_compare_text(const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err)
{
    struct mpr_diff diff;
    (void)err;
    mpr_diff_init(&diff, comparison, options, &sink->out);
    head(&diff);
    mpr_diff_tables(&diff);
    mpr_diff_others(&diff);
    mpr_diff_sites(&diff);
    legend(&diff);
    return 0;
}
