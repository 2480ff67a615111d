/* SPDX-License-Identifier: MIT */
/* What has grown by more than is allowed. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mprun/compare.h"
#include "mprun/number.h"

static int parse_percent(const char *text, struct mpr_allowance *ret)
{
    char *end;
    if (strspn(text, "0123456789.") + 1 != strlen(text))
        return MPR_ERR_INVALID;
    errno = 0;
    double percent = strtod(text, &end);
    if (errno || end == text || strcmp(end, "%") != 0 || !isfinite(percent))
        return MPR_ERR_INVALID;
    *ret = (struct mpr_allowance){.given = true, .percent = true, .share = percent / 100};
    return 0;
}

int mpr_allowance_parse(const char *text, struct mpr_allowance *ret)
{
    uint64_t bytes;
    if (mpr_has_suffix(text, "%"))
        return parse_percent(text, ret);
    if (mpr_parse_size(text, &bytes) < 0 || bytes > INT64_MAX)
        return MPR_ERR_INVALID;
    *ret = (struct mpr_allowance){.given = true, .bytes = (int64_t)bytes};
    return 0;
}

/* By more than is allowed, where `whole` is what a share is of. */
static bool exceeds(const struct mpr_allowance *allowance, int64_t change, int64_t whole)
{
    if (change == MPR_UNKNOWN || change <= 0 || whole == MPR_UNKNOWN)
        return false;
    if (!allowance->percent)
        return change > allowance->bytes;
    return (double)change > allowance->share * (double)(whole > 0 ? whole : 0);
}

static void tell(struct mpr_buf *out, const char *what, int64_t before, int64_t after)
{
    char was[MPR_NUMBER_MAX], is[MPR_NUMBER_MAX], more[MPR_NUMBER_MAX];
    mpr_number_size(was, mpr_magnitude(before));
    mpr_number_size(is, mpr_magnitude(after));
    mpr_number_size(more, mpr_magnitude(mpr_subtract(after, before)));
    mpr_buf_printf(out, "%s grew by %s, from %s%s to %s%s\n", what, more, before < 0 ? "-" : "",
        was, after < 0 ? "-" : "", is);
}

static int exceeding_totals(const struct mpr_comparison *comparison,
    const struct mpr_allowance *allowance, struct mpr_buf *out)
{
    static const struct {
        const char *name, *what;
    } held[] = {{"heap_peak", "the heap's peak"}, {"live_at_end", "the heap at the end"}};
    int found = 0;
    for (size_t i = 0; i < MPR_COMPARED_TOTALS; i++) {
        const struct mpr_compared_total *total = &comparison->total[i];
        int64_t before = total->value[MPR_BEFORE], after = total->value[MPR_AFTER];
        for (size_t k = 0; k < sizeof held / sizeof *held; k++) {
            if (strcmp(total->name, held[k].name) != 0 ||
                !exceeds(allowance, mpr_change(before, after), before))
                continue;
            tell(out, held[k].what, before, after);
            found++;
        }
    }
    return found;
}

/* The worst of what a row holds or needs. */
static const struct mpr_column *worst_of(
    const struct mpr_comparison *comparison, const struct mpr_compared_row *row)
{
    static const char *const names[] = {"live_at_peak", "live_at_end", "spike"};
    const struct mpr_column *worst = NULL;
    int64_t most = 0;
    for (const struct mpr_column *column = mpr_columns; column->name; column++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            int64_t change = mpr_compared_change(comparison, column, row);
            if (strcmp(column->name, names[i]) != 0 || change == MPR_UNKNOWN || change <= most)
                continue;
            most = change;
            worst = column;
        }
    return worst;
}

static void tell_row(const struct mpr_comparison *comparison, struct mpr_buf *out,
    const struct mpr_compared_function *function, const struct mpr_compared_row *row,
    const struct mpr_column *column)
{
    const char *cwd = comparison->profile[MPR_AFTER]->cwd;
    const struct mpr_profile_function *after = function->function[MPR_AFTER];
    struct mpr_buf what;
    mpr_buf_init(&what);
    const char *file = mpr_path_relative(cwd, after->file);
    mpr_text_append(&what, file, strlen(file)); /* a line of its own, whatever the names hold */
    mpr_buf_printf(&what, ":%u in ", (unsigned)row->row[MPR_AFTER]->line);
    mpr_text_append(&what, after->qualname, strlen(after->qualname));
    mpr_buf_printf(&what, ": %s",
        strcmp(column->name, "spike") == 0         ? "its spike"
        : strcmp(column->name, "live_at_end") == 0 ? "what it holds at the end"
                                                   : "what it holds at the peak");
    tell(out, what.data ? what.data : "", mpr_compared_value(comparison, column, row, MPR_BEFORE),
        mpr_compared_value(comparison, column, row, MPR_AFTER));
    out->failed |= what.failed;
    mpr_buf_release(&what);
}

int mpr_comparison_exceeds(const struct mpr_comparison *comparison,
    const struct mpr_allowance *allowance, struct mpr_buf *out, struct mpr_error *err)
{
    if (comparison->heap_off)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--fail-above compares the heap, and one of the two was measured without it");
    int64_t peak = comparison->profile[MPR_BEFORE]->process[0].heap.all.peak;
    int found = exceeding_totals(comparison, allowance, out);
    for (size_t i = 0; i < comparison->function_count; i++) {
        const struct mpr_compared_function *function = &comparison->functions[i];
        for (size_t k = 0; k < function->row_count; k++) {
            const struct mpr_compared_row *row = &function->rows[k];
            const struct mpr_column *column =
                row->row[MPR_AFTER] ? worst_of(comparison, row) : NULL;
            if (!column || !exceeds(allowance, mpr_compared_change(comparison, column, row), peak))
                continue;
            tell_row(comparison, out, function, row, column);
            found++;
        }
    }
    return out->failed ? mpr_error_set(err, MPR_ERR_NOMEM, "out of memory") : found;
}
