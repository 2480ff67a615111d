/* SPDX-License-Identifier: MIT */
/* Options of a comparison. */
#include "option_table.h"
#include "options.h"

static int take_allowance(const struct mpr_option *row, const char *value,
    struct mpr_options *options, struct mpr_error *err)
{
    (void)row;
    if (mpr_allowance_parse(value, &options->allowance) < 0)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is neither a share nor a size; write 5%% or 1MiB", value);
    return 0;
}

/* clang-format off */
const struct mpr_option mpr_options_diff[] = {
    {.name = "fail-above", .argument = "MORE", .topic = "exit", .rare = true, .take = take_allowance,
        .help = "of diff: end with 3 if the peak of the heap, what is live at the end or what a line "
                "holds grew by more: 5%, 1MiB"},
    {0},
};
/* clang-format on */
