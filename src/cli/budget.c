/* SPDX-License-Identifier: MIT */
/* Budgets against a view: a row for each limit. Says what was exceeded, prints nothing. */
#include "budget.h"

#include <string.h>

struct budget {
    const char *option;
    const char *what;
    bool heap;
    int64_t (*limit)(const struct mpr_limits *limits);
    void (*worst)(const struct mpr_view *view, struct mpr_buf *out);
};

static int64_t limit_peak_heap(const struct mpr_limits *limits)
{
    return limits->peak_heap;
}

static int64_t limit_peak_rss(const struct mpr_limits *limits)
{
    return limits->peak_rss;
}

static int64_t limit_leak(const struct mpr_limits *limits)
{
    return limits->leak;
}

static void name_site(
    const struct mpr_view *view, enum mpr_top top, const char *verb, struct mpr_buf *out)
{
    struct mpr_view_worst worst;
    char size[MPR_NUMBER_MAX];
    if (!mpr_view_worst(view, top, &worst))
        return;
    mpr_number_size(size, mpr_magnitude(worst.bytes));
    if (worst.site->file)
        mpr_buf_printf(out, "; %s:%u (%s) %s %s of it", worst.site->file,
            (unsigned)worst.site->line, worst.site->function, verb, size);
    else
        mpr_buf_printf(out, "; %s %s %s of it", worst.site->function, verb, size);
}

static void worst_at_peak(const struct mpr_view *view, struct mpr_buf *out)
{
    name_site(view, MPR_TOP_PEAK, "held", out);
}

static void worst_leak(const struct mpr_view *view, struct mpr_buf *out)
{
    name_site(view, MPR_TOP_END, "left", out);
}

static void worst_rss(const struct mpr_view *view, struct mpr_buf *out)
{
    const struct mpr_profile_process *process = view->process;
    if (process->peak_line == 0 || process->peak_function >= view->profile->function_count) {
        name_site(view, MPR_TOP_PEAK, "held at the heap's peak", out);
        return;
    }
    const struct mpr_profile_function *function = &view->profile->functions[process->peak_function];
    mpr_buf_printf(out, "; reached in %s:%u (%s)", function->file, (unsigned)process->peak_line,
        function->qualname);
}

static const struct budget budgets[MPR_BUDGETS] = {
    [MPR_BUDGET_PEAK_HEAP] = {"--max-peak-heap", "the heap's peak", true, limit_peak_heap,
        worst_at_peak},
    [MPR_BUDGET_PEAK_RSS] = {"--max-peak-rss", "the peak of RSS", false, limit_peak_rss, worst_rss},
    [MPR_BUDGET_LEAK] = {"--max-leak", "what is still live at the end", true, limit_leak,
        worst_leak},
};

int mpr_limits_check(
    const struct mpr_limits *limits, bool heap_off, bool rss_off, struct mpr_error *err)
{
    for (size_t i = 0; i < MPR_BUDGETS; i++) {
        if (budgets[i].limit(limits) == MPR_NO_LIMIT || !(budgets[i].heap ? heap_off : rss_off))
            continue;
        return mpr_error_set(err, MPR_ERR_INVALID, "%s needs what %s switches off",
            budgets[i].option, budgets[i].heap ? "--no-heap" : "--rss off");
    }
    return 0;
}

/* Odd ones: no whole number of units, so that both have a decimal. */
static bool look_alike(uint64_t a, uint64_t b)
{
    char one[MPR_NUMBER_MAX], other[MPR_NUMBER_MAX];
    mpr_number_size(one, a | 1);
    mpr_number_size(other, b | 1);
    return strcmp(one, other) == 0;
}

static void tell(const struct budget *budget, const struct mpr_view *view, uint64_t value,
    uint64_t limit, struct mpr_buf *out)
{
    bool to_the_byte = look_alike(value, limit);
    void (*write)(char *, uint64_t) = to_the_byte ? mpr_number_count : mpr_number_size;
    char is[MPR_NUMBER_MAX], may[MPR_NUMBER_MAX];
    write(is, value);
    write(may, limit);
    mpr_buf_printf(out, "%s%s: %s is %s%s, above %s", out->len ? "\n" : "", budget->option,
        budget->what, is, to_the_byte ? " bytes" : "", may);
    budget->worst(view, out);
}

int mpr_limits_exceeded(const struct mpr_limits *limits, const struct mpr_view *view,
    struct mpr_buf *out, struct mpr_error *err)
{
    for (size_t i = 0; i < MPR_BUDGETS; i++) {
        int64_t limit = budgets[i].limit(limits), value = mpr_view_budget(view, (enum mpr_budget)i);
        if (limit == MPR_NO_LIMIT)
            continue;
        if (value == MPR_UNKNOWN)
            return mpr_error_set(err, MPR_ERR_UNSUPPORTED, "%s: %s was not measured in this run",
                budgets[i].option, budgets[i].what);
        if (value > limit)
            tell(&budgets[i], view, mpr_magnitude(value), mpr_magnitude(limit), out);
    }
    return 0;
}
