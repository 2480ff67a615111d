/* SPDX-License-Identifier: MIT */
/* A comparison for reading: the whole run, a table for each function that changed, the others by
 * their names, the sites that changed most. */
#include <stdio.h>
#include <string.h>

#include "formats.h"
#include "text.h"
#include "width.h"

#define RULE_MAX ((size_t)120)
#define WIDE ((size_t)100)
#define LINE_WIDTH 6
#define PLACE_MAX ((size_t)60)
#define NAMES_MAX ((size_t)20)

struct diff {
    const struct mpr_comparison *comparison;
    struct mpr_text text[MPR_SIDES]; /* that of a side shows its paths; both write to one place */
    struct mpr_plan plan;
    size_t rule;
    bool headed; /* the first table has said what the units are */
};

static struct mpr_text *later(struct diff *diff)
{
    return &diff->text[MPR_AFTER];
}

static struct mpr_buf *out_of(struct diff *diff)
{
    return later(diff)->out;
}

static void right(struct diff *diff, const char *cell, size_t width)
{
    size_t used = mpr_width(cell, true);
    mpr_buf_repeat(out_of(diff), " ", width > used ? width - used : 0);
    mpr_buf_puts(out_of(diff), cell);
}

static void rule(struct diff *diff)
{
    mpr_buf_repeat(out_of(diff), later(diff)->glyphs->rule, diff->rule);
    mpr_buf_putc(out_of(diff), '\n');
}

static void wrapped(struct diff *diff, struct mpr_buf *line)
{
    size_t width = diff->text[0].options->width;
    mpr_width_wrap(out_of(diff), line->data, 0, 2, width == 0 || width < WIDE ? width : WIDE,
        later(diff)->options->unicode);
    mpr_buf_putc(out_of(diff), '\n');
    mpr_text_done(later(diff), line);
}

/* --- the whole run --- */

static void amount(const struct mpr_text *text, enum mpr_cell cell, int64_t value, char *out)
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
    if (before == MPR_UNKNOWN || after == MPR_UNKNOWN || before == after)
        return;
    int64_t more = mpr_subtract(after, before);
    strcpy(out, more > 0 ? "+" : "");
    amount(text, total->cell, more, out + strlen(out));
    if (before > 0)
        snprintf(percent, size, "%s%.1f%%", more > 0 ? "+" : text->glyphs->minus,
            100.0 * (double)mpr_magnitude(more) / (double)before);
}

static void totals(struct diff *diff)
{
    const struct mpr_comparison *comparison = diff->comparison;
    mpr_buf_printf(out_of(diff), "%-24s%13s%13s%14s\n", "", "before", "after", "change");
    for (size_t i = 0; i < MPR_COMPARED_TOTALS; i++) {
        const struct mpr_compared_total *total = &comparison->total[i];
        char cell[2 * MPR_NUMBER_MAX], percent[MPR_NUMBER_MAX];
        if (total->value[MPR_BEFORE] == MPR_UNKNOWN && total->value[MPR_AFTER] == MPR_UNKNOWN)
            continue;
        mpr_buf_printf(out_of(diff), "%-24s", total->words);
        for (size_t side = 0; side < MPR_SIDES; side++) {
            amount(later(diff), total->cell, total->value[side], cell);
            right(diff, cell, 13);
        }
        change(later(diff), total, cell, percent, sizeof percent);
        right(diff, cell, *cell ? 14 : 0);
        right(diff, percent, *percent ? 11 : 0);
        mpr_buf_putc(out_of(diff), '\n');
    }
}

static void head(struct diff *diff)
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
        wrapped(diff, &line);
    }
    mpr_buf_putc(out_of(diff), '\n');
    totals(diff);
}

/* --- tables --- */

static void place(struct diff *diff, const struct mpr_compared_function *function,
    enum mpr_side side, struct mpr_buf *out)
{
    mpr_text_place(&diff->text[side], function->function[side], PLACE_MAX, out);
}

static void function_head(struct diff *diff, const struct mpr_compared_function *function)
{
    struct mpr_text *text = later(diff);
    bool both = function->function[MPR_BEFORE] && function->function[MPR_AFTER];
    enum mpr_side side = function->function[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
    const char *arrow = text->options->unicode ? "→" : "->";
    struct mpr_buf line;
    mpr_buf_init(&line);
    if (!both)
        mpr_buf_printf(&line, "%s: ", mpr_fate_name(function->fate));
    if (function->renamed) {
        mpr_text_name(text, function->function[MPR_BEFORE]->qualname, &line);
        mpr_buf_printf(&line, " %s ", arrow);
    }
    mpr_text_name(text, function->function[side]->qualname, &line);
    mpr_buf_puts(&line, "   ");
    if (both && function->moved) {
        place(diff, function, MPR_BEFORE, &line);
        mpr_buf_printf(&line, " %s ", arrow);
    }
    place(diff, function, side, &line);
    if (both && function->function[MPR_BEFORE]->calls != function->function[MPR_AFTER]->calls) {
        mpr_buf_printf(
            &line, "   %llu %s ", (unsigned long long)function->function[MPR_BEFORE]->calls, arrow);
        mpr_text_calls(function->function[MPR_AFTER], &line);
    }
    if (!diff->headed && diff->plan.has_sizes)
        mpr_buf_printf(&line, "   changes, sizes: %s", diff->comparison->size.label);
    if (!diff->headed && diff->plan.has_times)
        mpr_buf_printf(&line, ", times: %s", diff->comparison->time.label);
    diff->headed = true;
    mpr_buf_putc(out_of(diff), '\n');
    wrapped(diff, &line);
}

static void column_heads(struct diff *diff)
{
    rule(diff);
    mpr_buf_printf(out_of(diff), "%*s  %*s", LINE_WIDTH, "Was", LINE_WIDTH, "Line");
    for (size_t i = 0; i < diff->plan.count; i++)
        right(diff, diff->plan.shown[i].column->header, diff->plan.shown[i].width);
    mpr_buf_puts(out_of(diff), "    Source\n");
    rule(diff);
}

static void line_number(struct diff *diff, const struct mpr_profile_row *row)
{
    if (row)
        mpr_buf_printf(out_of(diff), "%*u", LINE_WIDTH, (unsigned)row->line);
    else
        mpr_buf_printf(out_of(diff), "%*s", LINE_WIDTH, "");
}

static char mark_of(const struct mpr_compared_row *row)
{
    if (row->fate == MPR_FATE_NEW)
        return '+';
    if (row->fate == MPR_FATE_GONE)
        return '-';
    return row->edited ? '!' : ' ';
}

static void draw_row(struct diff *diff, const struct mpr_compared_row *row)
{
    enum mpr_side side = row->row[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
    line_number(diff, row->row[MPR_BEFORE]);
    mpr_buf_puts(out_of(diff), "  ");
    line_number(diff, row->row[MPR_AFTER]);
    for (size_t i = 0; i < diff->plan.count; i++) {
        const struct mpr_shown *shown = &diff->plan.shown[i];
        struct mpr_figure figure = mpr_compared_figure(diff->comparison, shown->column, row);
        char cell[MPR_NUMBER_MAX + 4];
        mpr_text_figure(later(diff), &figure, cell);
        right(diff, cell, shown->width);
    }
    mpr_buf_printf(out_of(diff), "  %c ", mark_of(row));
    if (row->row[side]->source)
        mpr_width_append(
            out_of(diff), row->row[side]->source, diff->plan.source, later(diff)->options->unicode);
    mpr_buf_putc(out_of(diff), '\n');
}

/* Where a line was reached more often, or less: is a hit dearer? */
static void draw_a_hit(struct diff *diff, const struct mpr_compared_row *row)
{
    static const char *const names[] = {"heap_delta", "heap_allocated", "time_ns"};
    struct mpr_text *text = later(diff);
    struct mpr_buf line;
    if (!row->other_work)
        return;
    mpr_buf_init(&line);
    for (const struct mpr_column *column = mpr_columns; column->name; column++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            int64_t more = mpr_compared_change_a_hit(column, row);
            char cell[2 * MPR_NUMBER_MAX];
            if (strcmp(column->name, names[i]) != 0 || more == MPR_UNKNOWN || more == 0)
                continue;
            strcpy(cell, more > 0 ? "+" : "");
            amount(text, column->cell, more, cell + strlen(cell));
            mpr_buf_printf(&line, "%s%s %s", line.len ? ", " : "a hit: ", column->header, cell);
        }
    if (line.len == 0)
        mpr_buf_puts(&line, "a hit: no change");
    mpr_text_style(text, MPR_STYLE_DIM);
    mpr_buf_repeat(out_of(diff), " ", 2 * LINE_WIDTH + 4);
    mpr_buf_puts(out_of(diff), line.data ? line.data : "");
    mpr_text_plain(text);
    mpr_buf_putc(out_of(diff), '\n');
    mpr_text_done(text, &line);
}

static void tables(struct diff *diff)
{
    for (size_t i = 0; i < diff->comparison->function_count; i++) {
        const struct mpr_compared_function *function = &diff->comparison->functions[i];
        if (function->shown == 0)
            continue;
        function_head(diff, function);
        column_heads(diff);
        for (size_t k = 0; k < function->row_count; k++) {
            if (!function->rows[k].shown)
                continue;
            draw_row(diff, &function->rows[k]);
            draw_a_hit(diff, &function->rows[k]);
        }
        rule(diff);
    }
}

/* --- the others --- */

static bool is_new(const struct mpr_compared_function *function)
{
    return function->fate == MPR_FATE_NEW && !function->shown;
}

static bool is_gone(const struct mpr_compared_function *function)
{
    return function->fate == MPR_FATE_GONE && !function->shown;
}

static bool is_renamed(const struct mpr_compared_function *function)
{
    return function->renamed && !function->shown;
}

static bool is_moved(const struct mpr_compared_function *function)
{
    return function->moved && !function->renamed && !function->shown;
}

static bool is_called_otherwise(const struct mpr_compared_function *function)
{
    return function->fate == MPR_FATE_CHANGED && !function->shown &&
           function->function[MPR_BEFORE]->calls != function->function[MPR_AFTER]->calls;
}

static void name(
    struct diff *diff, const struct mpr_compared_function *function, struct mpr_buf *out)
{
    const char *arrow = later(diff)->options->unicode ? "→" : "->";
    const struct mpr_profile_function *was = function->function[MPR_BEFORE];
    const struct mpr_profile_function *is = function->function[MPR_AFTER];
    if (was && (!is || function->renamed))
        mpr_text_name(later(diff), was->qualname, out);
    if (was && is && function->renamed)
        mpr_buf_printf(out, " %s ", arrow);
    if (is)
        mpr_text_name(later(diff), is->qualname, out);
    mpr_buf_putc(out, ' ');
    place(diff, function, is ? MPR_AFTER : MPR_BEFORE, out);
}

/* "Moved: load orders.py:6, …" */
static void list(struct diff *diff, const char *label,
    bool (*belongs)(const struct mpr_compared_function *function))
{
    struct mpr_buf line;
    size_t count = 0;
    mpr_buf_init(&line);
    mpr_buf_printf(&line, "%s: ", label);
    for (size_t i = 0; i < diff->comparison->function_count; i++) {
        const struct mpr_compared_function *function = &diff->comparison->functions[i];
        if (!belongs(function) || count++ >= NAMES_MAX)
            continue;
        mpr_buf_puts(&line, count > 1 ? ", " : "");
        name(diff, function, &line);
    }
    if (count > NAMES_MAX)
        mpr_buf_printf(&line, " and %zu more", count - NAMES_MAX);
    if (count)
        wrapped(diff, &line);
    else
        mpr_text_done(later(diff), &line);
}

static void others(struct diff *diff)
{
    const struct mpr_comparison *comparison = diff->comparison;
    mpr_buf_putc(out_of(diff), '\n');
    list(diff, "New", is_new);
    list(diff, "Gone", is_gone);
    list(diff, "Renamed", is_renamed);
    list(diff, "Called otherwise", is_called_otherwise);
    list(diff, "Moved", is_moved);
    if (comparison->small) {
        struct mpr_buf line;
        mpr_buf_init(&line);
        mpr_buf_printf(&line, "%zu function%s changed by less than %s %s: --unit B shows %s",
            comparison->small, comparison->small == 1 ? "" : "s",
            mpr_number_half(&comparison->size), comparison->size.label,
            comparison->small == 1 ? "it" : "them");
        wrapped(diff, &line);
    }
    struct mpr_buf line;
    size_t same = comparison->fates[MPR_FATE_SAME];
    mpr_buf_init(&line);
    if (same == comparison->function_count && comparison->site_count == 0)
        mpr_buf_printf(&line, "No difference in %zu function%s%s.", same, same == 1 ? "" : "s",
            comparison->heap_off ? "" : ", nor where memory is allocated");
    else
        mpr_buf_printf(&line, "%zu function%s: the same in %zu.", comparison->function_count,
            comparison->function_count == 1 ? "" : "s", same);
    wrapped(diff, &line);
}

/* --- sites --- */

static void draw_site(struct diff *diff, const struct mpr_compared_site *compared)
{
    static const char *const labels[] = {"at the peak", "at the end"};
    enum mpr_side side = compared->site[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
    const struct mpr_profile_site *site = compared->site[side];
    const struct mpr_profile_site *was = compared->site[MPR_BEFORE];
    const struct mpr_profile_site *is = compared->site[MPR_AFTER];
    const int64_t changes[] = {mpr_subtract(is ? is->live_at_peak : 0, was ? was->live_at_peak : 0),
        mpr_subtract(is ? is->live_at_end : 0, was ? was->live_at_end : 0)};
    struct mpr_text *text = &diff->text[side];
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        struct mpr_figure figure = mpr_compared_size(diff->comparison, changes[i]);
        char cell[MPR_NUMBER_MAX + 4];
        mpr_text_figure(text, &figure, cell);
        right(diff, cell, 12);
    }
    mpr_buf_puts(out_of(diff), "  ");
    mpr_text_name(text, site->function, out_of(diff));
    if (site->file) {
        mpr_buf_puts(out_of(diff), "  ");
        mpr_text_path(text, site->file, PLACE_MAX, out_of(diff));
        mpr_buf_printf(out_of(diff), ":%u", (unsigned)site->line);
    }
    if (site->domain != MPR_DOMAIN_PYTHON)
        mpr_buf_printf(out_of(diff), "  %s", mpr_domain_name(site->domain));
    if (!was || !is)
        mpr_buf_printf(out_of(diff), "  %s", was ? "gone" : "new");
    mpr_buf_putc(out_of(diff), '\n');
}

static void sites(struct diff *diff)
{
    const struct mpr_comparison *comparison = diff->comparison;
    size_t seen = 0;
    for (size_t i = 0; i < comparison->sites_shown; i++) {
        const struct mpr_compared_site *site = &comparison->sites[i];
        if (mpr_number_vanishes(mpr_magnitude(site->growth), &comparison->size))
            continue;
        if (seen++ == 0)
            mpr_buf_printf(out_of(diff),
                "\nWhere memory is allocated, worst first   %s\n%12s%12s\n", comparison->size.label,
                "At peak", "At end");
        draw_site(diff, site);
    }
}

static void legend(struct diff *diff)
{
    const struct mpr_comparison *comparison = diff->comparison;
    struct mpr_buf line;
    char noise[MPR_NUMBER_MAX];
    if (!later(diff)->options->legend)
        return;
    mpr_buf_init(&line);
    mpr_number_size(noise, mpr_magnitude(comparison->rss_noise));
    mpr_buf_puts(&line, "Figures are what was after less what was before. "
                        "+  new line, -  gone, !  edited. ");
    if (!comparison->rss_off)
        mpr_buf_printf(
            &line, "RSS differs from run to run: ~  up to %s, which says nothing. ", noise);
    mpr_buf_puts(&line, "Time differs, too.");
    mpr_buf_putc(out_of(diff), '\n');
    mpr_text_style(later(diff), MPR_STYLE_DIM);
    wrapped(diff, &line);
    mpr_text_plain(later(diff));
}

int mpr_compare_text(const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err)
{
    struct diff diff = {.comparison = comparison};
    (void)err;
    for (size_t side = 0; side < MPR_SIDES; side++)
        diff.text[side] = (struct mpr_text){
            .profile = comparison->profile[side],
            .options = options,
            .out = &sink->out,
            .glyphs = mpr_text_glyphs(options->unicode),
        };
    mpr_comparison_plan(comparison, options->width, &diff.plan);
    diff.rule = options->width == 0 ? WIDE : options->width < RULE_MAX ? options->width : RULE_MAX;
    head(&diff);
    tables(&diff);
    others(&diff);
    sites(&diff);
    legend(&diff);
    return 0;
}
