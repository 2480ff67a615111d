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
    int64_t
        line; /* of the later text; below 0: one that is gone; else below the function's first */
    enum mpr_domain domain;
};

/* What became of each row of a profile: a function's stand from `first` of it on; and of each file
 * whose functions are in both. */
struct rows {
    const struct mpr_compared_function **function; /* by the function's index */
    size_t *first;
    const struct mpr_compared_row **row;
    const struct mpr_compared_function **file; /* one for each function, by the file before */
    size_t file_count;
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

static bool rows_init(
    struct rows *rows, const struct mpr_comparison *comparison, enum mpr_side side)
{
    const struct mpr_profile *profile = comparison->profile[side];
    size_t count = 0;
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

static struct named name_site(const struct mpr_comparison *comparison, enum mpr_side side,
    const struct rows *rows, const struct mpr_profile_site *site)
{
    const struct mpr_profile *profile = comparison->profile[side];
    const struct mpr_profile_place *place =
        site->place == MPR_NONE ? NULL : &profile->places[site->place];
    bool has_rows = place && place->function != MPR_NONE;
    const struct mpr_compared_row *row =
        has_rows ? row_of(rows, profile, place->function, site->line) : NULL;
    struct named named = {
        .site = site,
        .file = file_of(comparison, side, rows, site),
        .function = site->function,
        .line = place ? (int64_t)site->line - place->first_line : site->line,
        .domain = site->domain,
    };
    if (!row)
        return named;
    const struct mpr_profile_row *later = row->row[MPR_AFTER];
    const struct mpr_profile_function *after = rows->function[place->function]->function[MPR_AFTER];
    named.line = later ? (int64_t)later->line : -(int64_t)site->line - 1;
    if (after) {
        named.function = after->qualname;
        named.file = portable(comparison->profile[MPR_AFTER]->cwd, after->file);
    }
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
    qsort(named, profile->site_count, sizeof *named, by_name);
    return named;
}

static void add(struct mpr_comparison *comparison, const struct mpr_profile_site *before,
    const struct mpr_profile_site *after)
{
    int64_t peak = mpr_subtract(after ? after->live_at_peak : 0, before ? before->live_at_peak : 0);
    int64_t end = mpr_subtract(after ? after->live_at_end : 0, before ? before->live_at_end : 0);
    int64_t all = mpr_subtract(after ? after->allocated : 0, before ? before->allocated : 0);
    int64_t count = mpr_subtract(after ? after->allocations : 0, before ? before->allocations : 0);
    if (peak || end || all || count)
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

bool mpr_compare_sites(struct mpr_comparison *comparison)
{
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
