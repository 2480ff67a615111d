/* SPDX-License-Identifier: MIT */
/* Budgets against a profile: a row for each limit. Says what was exceeded, prints nothing. */
#include "budget.h"

#include <stdio.h>
#include <string.h>

struct budget {
    const char *option;
    const char *what;
    bool heap;
    int64_t (*limit)(const struct mpr_limits *limits);
    int64_t (*value)(const struct mpr_profile *profile);
    void (*worst)(const struct mpr_profile *profile, struct mpr_buf *out);
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

static int64_t peak_heap(const struct mpr_profile *profile)
{
    return profile->process[0].heap.tracked ? profile->process[0].heap.all.peak : MPR_UNKNOWN;
}

static int64_t peak_rss(const struct mpr_profile *profile)
{
    return profile->process[0].rss_peak;
}

/* Only what was allocated after the program's first line. */
static int64_t leaked(const struct mpr_profile *profile)
{
    if (!profile->process[0].heap.tracked)
        return MPR_UNKNOWN;
    int64_t left;
    if (__builtin_sub_overflow(
            profile->process[0].heap.all.end, profile->process[0].heap.before, &left))
        return MPR_UNKNOWN;
    return left;
}

static void size_text(int64_t bytes, char *out, size_t size)
{
    if (bytes < 1024)
        snprintf(out, size, "%lld bytes", (long long)bytes);
    else if (bytes < 1024 * 1024)
        snprintf(out, size, "%.1f KiB", (double)bytes / 1024);
    else
        snprintf(out, size, "%.1f MiB", (double)bytes / (1024.0 * 1024.0));
}

/* A line has a site for each domain. */
static int64_t whole_line(
    const struct mpr_profile *profile, const struct mpr_profile_site *line, bool at_end)
{
    int64_t sum = 0;
    for (size_t i = 0; i < profile->site_count; i++) {
        const struct mpr_profile_site *site = &profile->sites[i];
        int64_t value = at_end ? site->live_at_end : site->live_at_peak;
        if (site->line == line->line && strcmp(site->function, line->function) == 0 &&
            strcmp(site->file ? site->file : "", line->file ? line->file : "") == 0 &&
            __builtin_add_overflow(sum, value, &sum))
            return INT64_MAX;
    }
    return sum;
}

/* The line with the largest value, of those after the program's first. */
static void name_site(
    const struct mpr_profile *profile, bool at_end, const char *verb, struct mpr_buf *out)
{
    const struct mpr_profile_site *worst = NULL;
    int64_t most = 0;
    char size[64];
    for (size_t i = 0; i < profile->site_count; i++) {
        const struct mpr_profile_site *site = &profile->sites[i];
        int64_t value = at_end ? site->live_at_end : site->live_at_peak;
        if (site->before || value <= most)
            continue;
        worst = site;
        most = value;
    }
    if (!worst)
        return;
    most = whole_line(profile, worst, at_end);
    size_text(most, size, sizeof size);
    if (worst->file)
        mpr_buf_printf(out, "; %s:%u (%s) %s %s of it", worst->file, (unsigned)worst->line,
            worst->function, verb, size);
    else
        mpr_buf_printf(out, "; %s %s %s of it", worst->function, verb, size);
}

static void worst_at_peak(const struct mpr_profile *profile, struct mpr_buf *out)
{
    name_site(profile, false, "held", out);
}

static void worst_leak(const struct mpr_profile *profile, struct mpr_buf *out)
{
    name_site(profile, true, "left", out);
}

static void worst_rss(const struct mpr_profile *profile, struct mpr_buf *out)
{
    if (profile->process[0].peak_line == 0 ||
        profile->process[0].peak_function >= profile->function_count) {
        name_site(profile, false, "held at the heap's peak", out);
        return;
    }
    const struct mpr_profile_function *function =
        &profile->functions[profile->process[0].peak_function];
    mpr_buf_printf(out, "; reached in %s:%u (%s)", function->file,
        (unsigned)profile->process[0].peak_line, function->qualname);
}

static const struct budget budgets[] = {
    {"--max-peak-heap", "the heap's peak", true, limit_peak_heap, peak_heap, worst_at_peak},
    {"--max-peak-rss", "the peak of RSS", false, limit_peak_rss, peak_rss, worst_rss},
    {"--max-leak", "what is still live at the end", true, limit_leak, leaked, worst_leak},
};

#define BUDGETS (sizeof budgets / sizeof *budgets)

int mpr_limits_check(
    const struct mpr_limits *limits, bool heap_off, bool rss_off, struct mpr_error *err)
{
    for (size_t i = 0; i < BUDGETS; i++) {
        if (budgets[i].limit(limits) == MPR_NO_LIMIT || !(budgets[i].heap ? heap_off : rss_off))
            continue;
        return mpr_error_set(err, MPR_ERR_INVALID, "%s needs what %s switches off",
            budgets[i].option, budgets[i].heap ? "--no-heap" : "--rss off");
    }
    return 0;
}

static void tell(const struct budget *budget, const struct mpr_profile *profile, int64_t value,
    int64_t limit, struct mpr_buf *out)
{
    char is[64], may[64];
    size_text(value, is, sizeof is);
    size_text(limit, may, sizeof may);
    if (strcmp(is, may) == 0) { /* close: to the byte */
        snprintf(is, sizeof is, "%lld bytes", (long long)value);
        snprintf(may, sizeof may, "%lld", (long long)limit);
    }
    mpr_buf_printf(out, "%s%s: %s is %s, above %s", out->len ? "\n" : "", budget->option,
        budget->what, is, may);
    budget->worst(profile, out);
}

int mpr_limits_exceeded(const struct mpr_limits *limits, const struct mpr_profile *profile,
    struct mpr_buf *out, struct mpr_error *err)
{
    for (size_t i = 0; i < BUDGETS; i++) {
        int64_t limit = budgets[i].limit(limits), value = budgets[i].value(profile);
        if (limit == MPR_NO_LIMIT)
            continue;
        if (value == MPR_UNKNOWN)
            return mpr_error_set(err, MPR_ERR_UNSUPPORTED, "%s: %s was not measured in this run",
                budgets[i].option, budgets[i].what);
        if (value > limit)
            tell(&budgets[i], profile, value, limit, out);
    }
    return 0;
}
