/* SPDX-License-Identifier: MIT */
/* Functions without a table: those in which nothing changed, and those that were never called. */
#include <string.h>

#include "text.h"
#include "width.h"

#define QUIET_LIMIT ((size_t)200)
#define NEVER_LIMIT ((size_t)20)
#define NAME_MAX ((size_t)40)
#define PATH_MAX_SHOWN ((size_t)40)
/* What stands beside a path: a colon, a line, an ellipsis. */
#define LINE_NUMBER_WIDTH ((size_t)9)

void mpr_text_cut(struct mpr_text *text)
{
    size_t total = text->view->listed[MPR_LISTING_CUT];
    char count[MPR_NUMBER_MAX];
    if (total == 0)
        return;
    struct mpr_buf line;
    mpr_buf_init(&line);
    mpr_number_count(count, total);
    mpr_buf_printf(&line, "and %s more function%s with smaller %s: -o FILE --format json has %s",
        count, total == 1 ? "" : "s",
        text->view->rss_off && text->view->heap_off ? "times" : "changes",
        total == 1 ? "it" : "them");
    mpr_buf_putc(text->out, '\n');
    mpr_width_wrap(text->out, line.data, 0, 2, text->prose, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &line);
}

/* "  3 calls  1.2 ms" */
static void counts(
    const struct mpr_text *text, const struct mpr_profile_function *function, struct mpr_buf *out)
{
    char time[MPR_NUMBER_MAX];
    mpr_number_duration(time, mpr_magnitude(function->time_ns), text->options->unicode);
    mpr_buf_puts(out, "  ");
    mpr_text_calls(function, out);
    mpr_buf_printf(out, "  %s", time);
}

static void quiet_line(
    struct mpr_text *text, const struct mpr_profile_function *function, size_t name_width)
{
    struct mpr_buf line;
    struct mpr_buf tail;
    mpr_buf_init(&line);
    mpr_buf_init(&tail);
    counts(text, function, &tail);
    mpr_text_name(text, function->qualname, &line);
    size_t width = mpr_width(line.data, true);
    mpr_buf_repeat(&line, " ", width < name_width ? name_width - width : 0);
    mpr_buf_puts(&line, "  ");
    size_t limit = text->options->width > 2 ? text->options->width - 2 : 0;
    size_t used = mpr_width(line.data, true) + mpr_width(tail.data, true) + LINE_NUMBER_WIDTH;
    mpr_text_place(text, function, limit > used ? limit - used : 0, &line);
    mpr_buf_puts(&line, tail.data);
    mpr_buf_puts(text->out, "  ");
    mpr_width_append(text->out, line.data, limit, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &line);
    mpr_text_done(text, &tail);
}

static size_t widest_name(const struct mpr_text *text)
{
    size_t widest = 0;
    struct mpr_buf name;
    mpr_buf_init(&name);
    for (size_t i = 0; i < text->view->function_count; i++) {
        if (text->view->functions[i].listing != MPR_LISTING_QUIET)
            continue;
        mpr_buf_clear(&name);
        mpr_text_name(text, text->view->functions[i].function->qualname, &name);
        size_t width = mpr_width(name.data, true);
        if (width <= NAME_MAX && width > widest)
            widest = width;
    }
    mpr_text_done(text, &name);
    return widest;
}

static void quiet_title(struct mpr_text *text)
{
    const char *what = text->view->rss_off ? "No change in heap" : "No change in RSS or heap";
    if (text->view->heap_off)
        what = text->view->rss_off ? "Too short to matter" : "No change in RSS";
    mpr_buf_printf(text->out, "\n%s", what);
    if (text->view->small_folded)
        mpr_buf_printf(text->out, " (under %s %s in every line)",
            mpr_number_half(&text->view->size), text->view->size.label);
    mpr_buf_puts(text->out, ":\n");
}

void mpr_text_quiet(struct mpr_text *text)
{
    size_t total = text->view->listed[MPR_LISTING_QUIET];
    size_t left = total;
    if (total == 0)
        return;
    size_t width = widest_name(text);
    quiet_title(text);
    for (size_t i = 0; i < text->view->function_count && total - left < QUIET_LIMIT; i++) {
        if (text->view->functions[i].listing != MPR_LISTING_QUIET)
            continue;
        quiet_line(text, text->view->functions[i].function, width);
        left--;
    }
    if (left) {
        char count[MPR_NUMBER_MAX];
        mpr_number_count(count, left);
        mpr_buf_printf(text->out, "  and %s more; --all-lines shows them\n", count);
    }
}

void mpr_text_never(struct mpr_text *text)
{
    size_t left = text->view->listed[MPR_LISTING_NEVER];
    struct mpr_buf names;
    size_t shown = 0;
    if (left == 0)
        return;
    mpr_buf_init(&names);
    mpr_buf_puts(&names, "Matched, never called: ");
    for (size_t i = 0; i < text->view->function_count && shown < NEVER_LIMIT; i++) {
        const struct mpr_profile_function *function = text->view->functions[i].function;
        if (text->view->functions[i].listing != MPR_LISTING_NEVER)
            continue;
        mpr_buf_puts(&names, shown++ ? ", " : "");
        mpr_text_name(text, function->qualname, &names);
        mpr_buf_puts(&names, " (");
        mpr_text_place(text, function, PATH_MAX_SHOWN, &names);
        mpr_buf_putc(&names, ')');
        left--;
    }
    if (left) {
        char count[MPR_NUMBER_MAX];
        mpr_number_count(count, left);
        mpr_buf_printf(&names, " and %s more", count);
    }
    mpr_buf_putc(text->out, '\n');
    mpr_width_wrap(text->out, names.data, 0, 2, text->prose, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &names);
}
