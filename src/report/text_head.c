/* SPDX-License-Identifier: MIT */
/* The head line of the report, and the one above each table. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "width.h"

#define COMMAND_MAX ((size_t)40)
#define PATH_MIN ((size_t)16)

/* Without `<locals>.`, as patterns are written. */
void mpr_text_name(const struct mpr_text *text, const char *qualname, struct mpr_buf *out)
{
    static const char locals[] = "<locals>.";
    struct mpr_buf name;
    mpr_buf_init(&name);
    while (*qualname) {
        if (mpr_has_prefix(qualname, locals)) {
            qualname += sizeof locals - 1;
            continue;
        }
        mpr_buf_putc(&name, *qualname++);
    }
    mpr_width_append(out, name.data, 0, text->options->unicode);
    mpr_text_done(text, &name);
}

void mpr_text_calls(const struct mpr_profile_function *function, struct mpr_buf *out)
{
    char count[MPR_NUMBER_MAX];
    mpr_number_count(count, function->calls);
    mpr_buf_printf(out, "%s call%s", count, function->calls == 1 ? "" : "s");
}

/* "orders.py", "-m json.tool", "python3 -X dev orders.py": what was asked for, in short. */
void mpr_text_command(const struct mpr_text *text, struct mpr_buf *out)
{
    char *const *words = text->view->process->command;
    if (!words || !words[0])
        return;
    struct mpr_buf line;
    mpr_buf_init(&line);
    const char *slash = strrchr(words[0], '/');
    bool interpreter = mpr_has_prefix(slash ? slash + 1 : words[0], "python");
    bool tree = text->profile->kind == MPR_PROFILE_TREE;
    bool option = !tree && words[0][0] == '-' && words[0][1];
    size_t count = tree ? SIZE_MAX : option ? 2 : 1;
    for (size_t i = 0; words[i] && (i < count || interpreter) && line.len < 4 * COMMAND_MAX; i++)
        mpr_buf_printf(
            &line, "%s%s", i ? " " : "", mpr_path_relative(text->profile->cwd, words[i]));
    /* Of -c's code the first line; its end is escaped, as all control characters are. */
    char *end = option ? strstr(line.data, "\\x0a") : NULL;
    if (end) {
        line.len = (size_t)(end - line.data);
        mpr_buf_puts(&line, text->glyphs->ellipsis);
    }
    if (strcmp(line.data, "-") == 0) {
        mpr_buf_clear(&line);
        mpr_buf_puts(&line, "standard input");
    }
    mpr_width_append(
        out, line.data, interpreter || option || tree ? COMMAND_MAX : 0, text->options->unicode);
    mpr_text_done(text, &line);
}

void mpr_text_outcome(const struct mpr_text *text, struct mpr_buf *out)
{
    const struct mpr_profile_process *process = text->view->process;
    char time[MPR_NUMBER_MAX];
    if (process->exit_signal) {
        const char *name = sigabbrev_np(process->exit_signal);
        mpr_buf_printf(out, "killed by signal %d", process->exit_signal);
        if (name)
            mpr_buf_printf(out, " (SIG%s)", name);
    } else if (process->end == MPR_END_NOT) {
        mpr_buf_puts(out, "still running");
    } else if (process->end == MPR_END_UNSEEN) {
        mpr_buf_puts(out, "ended, nobody saw how,");
    } else {
        mpr_buf_printf(out, "exit %d", process->exit_status);
    }
    mpr_number_duration(time, process->duration_ns, text->options->unicode);
    if (process->duration_ns >= 10000000 && process->duration_ns < 999500000)
        snprintf(time, sizeof time, "%.2f s", (double)process->duration_ns / 1e9);
    mpr_buf_printf(out, " %s %s", process->end == MPR_END_NOT ? "after" : "in", time);
}

static void program(const struct mpr_text *text, struct mpr_buf *out)
{
    mpr_text_command(text, out);
    mpr_buf_puts(out, out->len ? ": " : "");
    mpr_text_outcome(text, out);
}

static void interpreter(const struct mpr_text *text, struct mpr_buf *out)
{
    const struct mpr_profile_process *process = text->view->process;
    mpr_buf_puts(out, "CPython ");
    mpr_width_append(out, process->python, 0, text->options->unicode);
    if (process->container == MPR_CONTAINER_EMBEDDED)
        mpr_buf_puts(out, " embedded");
    if (process->interpreter[0])
        mpr_buf_putc(out, ' ');
    mpr_width_append(out, process->interpreter, 0, text->options->unicode);
}

void mpr_text_engine(const struct mpr_text *text, struct mpr_buf *out)
{
    const struct mpr_profile_process *process = text->view->process;
    char size[MPR_NUMBER_MAX];
    if (text->view->rss_off) {
        mpr_buf_puts(out, "RSS off");
        return;
    }
    mpr_number_size(size, mpr_magnitude(process->rss_resolution));
    mpr_buf_printf(out, "RSS to %s (%s)", size, mpr_tier_name(process->tier));
}

void mpr_text_head(struct mpr_text *text)
{
    static void (*const lines[])(const struct mpr_text *, struct mpr_buf *) = {
        program, interpreter, mpr_text_engine};
    static void (*const tree[])(const struct mpr_text *, struct mpr_buf *) = {
        program, mpr_text_tree_processes, mpr_text_tree_samples};
    bool is_tree = text->profile->kind == MPR_PROFILE_TREE;
    struct mpr_buf part;
    size_t column = 0;
    mpr_buf_init(&part);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        mpr_buf_clear(&part);
        (is_tree ? tree : lines)[i](text, &part);
        size_t width = mpr_width(part.data, true);
        if (column && text->options->width && column + 3 + width > text->options->width) {
            mpr_buf_putc(text->out, '\n');
            column = 0;
        } else if (column) {
            mpr_buf_puts(text->out, "   ");
            column += 3;
        }
        mpr_buf_append(text->out, part.data, part.len);
        column += width;
    }
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &part);
}

void mpr_text_path(const struct mpr_text *text, const char *file, size_t limit, struct mpr_buf *out)
{
    struct mpr_buf path;
    mpr_buf_init(&path);
    mpr_width_append(&path, mpr_path_relative(text->profile->cwd, file), 0, text->options->unicode);
    const char *shown = path.data;
    limit = limit < PATH_MIN ? PATH_MIN : limit;
    while (text->options->width && mpr_width(shown, true) > limit) {
        const char *slash = strchr(shown + 1, '/');
        if (!slash)
            break;
        shown = slash;
    }
    if (shown != path.data)
        mpr_buf_puts(out, text->glyphs->ellipsis);
    mpr_buf_puts(out, shown);
    mpr_text_done(text, &path);
}

void mpr_text_place(const struct mpr_text *text, const struct mpr_profile_function *function,
    size_t limit, struct mpr_buf *out)
{
    mpr_text_path(text, function->file, limit, out);
    mpr_buf_printf(out, ":%u", (unsigned)function->first_line);
}

void mpr_text_units(const struct mpr_text *text, struct mpr_buf *out)
{
    if (text->plan.has_sizes)
        mpr_buf_printf(out, "sizes: %s", text->view->size.label);
    if (text->plan.has_times)
        mpr_buf_printf(
            out, "%stimes: %s", text->plan.has_sizes ? ", " : "", text->view->time.label);
}

void mpr_text_function_head(
    struct mpr_text *text, const struct mpr_profile_function *function, bool first)
{
    char time[MPR_NUMBER_MAX];
    struct mpr_buf left;
    struct mpr_buf right;
    struct mpr_buf counts;
    mpr_buf_init(&left);
    mpr_buf_init(&right);
    mpr_buf_init(&counts);
    mpr_text_calls(function, &counts);
    mpr_number_duration(time, mpr_magnitude(function->time_ns), text->options->unicode);
    mpr_buf_printf(&counts, "   %s", time);
    if (first)
        mpr_text_units(text, &right);
    mpr_text_name(text, function->qualname, &left);
    mpr_buf_puts(&left, "   ");
    size_t used = mpr_width(left.data, true) + mpr_width(counts.data, true) + right.len + 17;
    mpr_text_place(text, function, text->rule > used ? text->rule - used : 0, &left);
    mpr_buf_printf(&left, "   %s", counts.data);
    size_t column = mpr_width(left.data, true);
    mpr_buf_putc(text->out, '\n');
    mpr_buf_append(text->out, left.data, left.len);
    if (right.len) {
        bool fits = column + 3 + right.len <= text->rule;
        mpr_buf_repeat(text->out, " ", fits ? text->rule - column - right.len : 3);
        mpr_buf_append(text->out, right.data, right.len);
    }
    mpr_buf_puts(text->out, "\n\n");
    mpr_text_done(text, &left);
    mpr_text_done(text, &right);
    mpr_text_done(text, &counts);
}
