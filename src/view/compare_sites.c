/* SPDX-License-Identifier: MIT */
/* Which allocation site is which. In a function that is compared, by its row; elsewhere by file,
 * function, domain and how many lines below the function's first one it stands. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "mprun/number.h"

/* A site, by what it is in the later profile, where it is there. */
struct named {
    const struct mpr_profile_site *site;
    const char *file; /* without the folders of this machine; "" where it is no code */
    const char *function;
    int64_t line; /* of the later table, from IN_TABLE on; below 0: gone from it; else how deep */
    enum mpr_domain domain;
};

#define IN_TABLE ((int64_t)1 << 32) /* deeper than any line */

/* What became of each row of a profile: a function's stand from `first` of it on; and of each file
 * whose functions are in both. */
struct rows {
    const struct mpr_compared_function **function; /* by the function's index */
    size_t *first;
    const struct mpr_compared_row **row;
    const struct mpr_compared_function **file; /* one for each function, by the file before */
    size_t file_count;
    bool depths; /* how deep a site stands in its function is known on both sides */
};

static void rows_release(struct rows *rows)
{
    free(rows->function);
    free(rows->first);
    free(rows->row);
    free(rows->file);
}

static const char *file_on(const struct mpr_compared_function *function, enum mpr_side side)
{
    return function->function[side]->file;
}

static int by_file(const void *left, const void *right)
{
    const struct mpr_compared_function *const *a = left, *const *b = right;
    int order = strcmp(file_on(*a, MPR_BEFORE), file_on(*b, MPR_BEFORE));
    return order ? order : strcmp(file_on(*a, MPR_AFTER), file_on(*b, MPR_AFTER));
}

/* One for each file; none for a file whose functions have gone to several. */
static void drop_equal(struct rows *rows)
{
    size_t kept = 0;
    for (size_t i = 0, end; i < rows->file_count; i = end) {
        bool one = true;
        for (end = i + 1; end < rows->file_count && strcmp(file_on(rows->file[i], MPR_BEFORE),
                                                        file_on(rows->file[end], MPR_BEFORE)) == 0;
             end++)
            one = one && strcmp(file_on(rows->file[i], MPR_AFTER),
                             file_on(rows->file[end], MPR_AFTER)) == 0;
        if (one)
            rows->file[kept++] = rows->file[i];
    }
    rows->file_count = kept;
}

static int by_later_file(const void *left, const void *right)
{
    const struct mpr_compared_function *const *a = left, *const *b = right;
    return strcmp(file_on(*a, MPR_AFTER), file_on(*b, MPR_AFTER));
}

/* None of those that have come to one file from several. */
static void drop_shared(struct rows *rows)
{
    size_t kept = 0;
    qsort(rows->file, rows->file_count, sizeof *rows->file, by_later_file);
    for (size_t i = 0, end; i < rows->file_count; i = end) {
        for (end = i + 1;
             end < rows->file_count && by_later_file(&rows->file[i], &rows->file[end]) == 0; end++)
            ;
        if (end == i + 1)
            rows->file[kept++] = rows->file[i];
    }
    rows->file_count = kept;
    qsort(rows->file, rows->file_count, sizeof *rows->file, by_file);
}

static bool find_files(struct rows *rows, const struct mpr_comparison *comparison)
{
    rows->file = calloc(comparison->function_count + 1, sizeof *rows->file);
    if (!rows->file)
        return false;
    for (size_t i = 0; i < comparison->function_count; i++) {
        const struct mpr_compared_function *function = &comparison->functions[i];
        if (function->function[MPR_BEFORE] && function->function[MPR_AFTER] && !function->renamed)
            rows->file[rows->file_count++] = function;
    }
    qsort(rows->file, rows->file_count, sizeof *rows->file, by_file);
    drop_equal(rows);
    drop_shared(rows);
    return true;
}

static int at_file(const void *key, const void *element)
{
    const struct mpr_compared_function *const *function = element;
    return strcmp(key, file_on(*function, MPR_BEFORE));
}

/* What a file of the earlier profile is called in the later one, if that is known. */
static const char *later_file(const struct rows *rows, const char *file)
{
    const struct mpr_compared_function *const *found =
        bsearch(file, rows->file, rows->file_count, sizeof *rows->file, at_file);
    return found ? file_on(*found, MPR_AFTER) : NULL;
}

static void enter(struct rows *rows, const struct mpr_profile *profile,
    const struct mpr_compared_function *compared, enum mpr_side side)
{
    const struct mpr_profile_function *function = compared->function[side];
    if (!function)
        return;
    size_t index = (size_t)(function - profile->functions);
    rows->function[index] = compared;
    for (size_t i = 0; i < compared->row_count; i++) {
        const struct mpr_profile_row *row = compared->rows[i].row[side];
        if (row)
            rows->row[rows->first[index] + (size_t)(row - function->rows)] = &compared->rows[i];
    }
}

/* A report in JSON has no first lines of code without a table. */
static bool knows_depths(const struct mpr_profile *profile)
{
    for (size_t i = 0; i < profile->place_count; i++)
        if (profile->places[i].kind == MPR_AT_CODE && profile->places[i].first_line == 0)
            return false;
    return true;
}

static bool rows_init(
    struct rows *rows, const struct mpr_comparison *comparison, enum mpr_side side)
{
    const struct mpr_profile *profile = comparison->profile[side];
    size_t count = 0;
    rows->depths = knows_depths(comparison->profile[MPR_BEFORE]) &&
                   knows_depths(comparison->profile[MPR_AFTER]);
    rows->function = calloc(profile->function_count + 1, sizeof *rows->function);
    rows->first = calloc(profile->function_count + 1, sizeof *rows->first);
    for (size_t i = 0; rows->first && i < profile->function_count; i++) {
        rows->first[i] = count;
        count += profile->functions[i].row_count;
    }
    rows->row = calloc(count + 1, sizeof *rows->row);
    if (!rows->function || !rows->first || !rows->row || !find_files(rows, comparison))
        return false;
    for (size_t i = 0; i < comparison->function_count; i++)
        enter(rows, profile, &comparison->functions[i], side);
    return true;
}

static int by_line(const void *key, const void *element)
{
    uint32_t line = *(const uint32_t *)key, here = ((const struct mpr_profile_row *)element)->line;
    return (line > here) - (line < here);
}

/* NULL: the function has no row of that line. */
static const struct mpr_compared_row *row_of(
    const struct rows *rows, const struct mpr_profile *profile, size_t index, uint32_t line)
{
    const struct mpr_profile_function *function = &profile->functions[index];
    const struct mpr_profile_row *row =
        function->row_count
            ? bsearch(&line, function->rows, function->row_count, sizeof *function->rows, by_line)
            : NULL;
    return row ? rows->row[rows->first[index] + (size_t)(row - function->rows)] : NULL;
}

/* What of a path is the same on another machine, or in another environment. */
static const char *portable(const char *cwd, const char *path)
{
    static const char *const folders[] = {"/site-packages/", "/dist-packages/"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !found; i++) {
        found = strstr(path, folders[i]);
        if (found)
            return found + strlen(folders[i]);
    }
    found = strstr(path, "/lib/python3.");
    if (found && strchr(found + 5, '/'))
        return strchr(found + 5, '/') + 1;
    return mpr_path_relative(cwd, path);
}

/* The file of a site, as the later profile would have it. */
static const char *file_of(const struct mpr_comparison *comparison, enum mpr_side side,
    const struct rows *rows, const struct mpr_profile_site *site)
{
    const char *later = site->file && side == MPR_BEFORE ? later_file(rows, site->file) : NULL;
    if (!site->file)
        return "";
    return later ? portable(comparison->profile[MPR_AFTER]->cwd, later)
                 : portable(comparison->profile[side]->cwd, site->file);
}

/* Below the first line of its function; 0 for all where that is not known of a profile. */
static int64_t depth_of(
    const struct rows *rows, const struct mpr_profile *profile, const struct mpr_profile_site *site)
{
    if (site->place == MPR_NONE)
        return site->line;
    return rows->depths ? (int64_t)site->line - profile->places[site->place].first_line : 0;
}

static struct named name_site(const struct mpr_comparison *comparison, enum mpr_side side,
    const struct rows *rows, const struct mpr_profile_site *site)
{
    const struct mpr_profile *profile = comparison->profile[side];
    size_t function = site->place == MPR_NONE ? MPR_NONE : profile->places[site->place].function;
    const struct mpr_compared_function *compared =
        function == MPR_NONE ? NULL : rows->function[function];
    struct named named = {
        .site = site,
        .file = file_of(comparison, side, rows, site),
        .function = site->function,
        .line = depth_of(rows, profile, site),
        .domain = site->domain,
    };
    if (!compared || !compared->function[MPR_BEFORE] || !compared->function[MPR_AFTER])
        return named;
    const struct mpr_profile_function *after = compared->function[MPR_AFTER];
    const struct mpr_compared_row *row = row_of(rows, profile, function, site->line);
    named.function = after->qualname;
    named.file = portable(comparison->profile[MPR_AFTER]->cwd, after->file);
    if (row && row->row[MPR_AFTER])
        named.line = (int64_t)row->row[MPR_AFTER]->line + IN_TABLE;
    else if (row)
        named.line = -(int64_t)site->line - 1;
    return named;
}

static int by_name(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    if (order == 0)
        order = strcmp(a->function, b->function);
    if (order == 0)
        order = (a->line > b->line) - (a->line < b->line);
    return order ? order : (int)a->domain - (int)b->domain;
}

/* Equal ones in the order of their lines. */
static int by_name_and_line(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = by_name(a, b);
    return order ? order : (a->site->line > b->site->line) - (a->site->line < b->site->line);
}

/* Of all sites, in order. NULL: no memory. */
static struct named *names(const struct mpr_comparison *comparison, enum mpr_side side)
{
    const struct mpr_profile *profile = comparison->profile[side];
    struct named *named = calloc(profile->site_count + 1, sizeof *named);
    struct rows rows = {.row = NULL};
    bool ok = rows_init(&rows, comparison, side) && named;
    for (size_t i = 0; ok && i < profile->site_count; i++)
        named[i] = name_site(comparison, side, &rows, &profile->sites[i]);
    rows_release(&rows);
    if (!ok) {
        free(named);
        return NULL;
    }
    qsort(named, profile->site_count, sizeof *named, by_name_and_line);
    return named;
}

static int64_t known(int64_t change)
{
    return change == MPR_UNKNOWN ? 0 : change;
}

static void add(struct mpr_comparison *comparison, const struct mpr_profile_site *before,
    const struct mpr_profile_site *after)
{
    static const struct mpr_profile_site nothing = {.place = MPR_NONE};
    const struct mpr_profile_site *was = before ? before : &nothing, *is = after ? after : &nothing;
    int64_t peak = known(mpr_change(was->live_at_peak, is->live_at_peak));
    int64_t end = known(mpr_change(was->live_at_end, is->live_at_end));
    if (peak || end || known(mpr_change(was->allocated, is->allocated)) ||
        known(mpr_change(was->allocations, is->allocations)))
        comparison->sites[comparison->site_count++] =
            (struct mpr_compared_site){{before, after}, mpr_worse(peak, end)};
}

static void merge(
    struct mpr_comparison *comparison, const struct named *before, const struct named *after)
{
    size_t before_count = comparison->profile[MPR_BEFORE]->site_count;
    size_t after_count = comparison->profile[MPR_AFTER]->site_count;
    for (size_t i = 0, j = 0; i < before_count || j < after_count;) {
        int order = i == before_count ? 1 : j == after_count ? -1 : by_name(&before[i], &after[j]);
        const struct mpr_profile_site *was = order <= 0 ? before[i++].site : NULL;
        const struct mpr_profile_site *is = order >= 0 ? after[j++].site : NULL;
        add(comparison, was, is);
    }
}

static int by_growth(const void *left, const void *right)
{
    const struct mpr_compared_site *a = left, *b = right;
    return (a->growth < b->growth) - (a->growth > b->growth);
}

/* Both have them. */
static bool has_sites(const struct mpr_comparison *comparison)
{
    return !comparison->heap_off && comparison->profile[MPR_BEFORE]->detail < MPR_DETAIL_NO_SITES &&
           comparison->profile[MPR_AFTER]->detail < MPR_DETAIL_NO_SITES;
}

bool mpr_compare_sites(struct mpr_comparison *comparison)
{
    if (!has_sites(comparison))
        return true;
    struct named *before = NULL, *after = NULL;
    size_t all =
        comparison->profile[MPR_BEFORE]->site_count + comparison->profile[MPR_AFTER]->site_count;
    comparison->sites = calloc(all + 1, sizeof *comparison->sites);
    bool ok = comparison->sites && (before = names(comparison, MPR_BEFORE)) &&
              (after = names(comparison, MPR_AFTER));
    if (ok) {
        merge(comparison, before, after);
        qsort(comparison->sites, comparison->site_count, sizeof *comparison->sites, by_growth);
    }
    free(before);
    free(after);
    return ok;
}
