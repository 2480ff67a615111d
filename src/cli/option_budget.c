/* SPDX-License-Identifier: MIT */
/* Options that set a budget. */
#include "option_table.h"
#include "options.h"

static int take_size(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    uint64_t size;
    if (mpr_parse_size(value, &size) < 0 || size > INT64_MAX)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is not a size; write 100MiB, 1.5G or 4096", value);
    *(int64_t *)((char *)options + row->field) = (int64_t)size;
    return 0;
}

/* clang-format off */
const struct mpr_option mpr_options_budget[] = {
    {.name = "max-peak-heap", .argument = "SIZE", .topic = "exit",
        .field = offsetof(struct mpr_options, limits.peak_heap), .take = take_size,
        .help = "end with 3 if the heap's peak is above SIZE: 100MiB"},
    {.name = "max-peak-rss", .argument = "SIZE", .topic = "exit",
        .field = offsetof(struct mpr_options, limits.peak_rss), .take = take_size,
        .help = "the same for the peak of RSS"},
    {.name = "max-leak", .argument = "SIZE", .topic = "exit",
        .field = offsetof(struct mpr_options, limits.leak), .take = take_size,
        .help = "the same for what is still live at the end"},
    {0},
};
/* clang-format on */
