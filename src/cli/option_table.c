/* SPDX-License-Identifier: MIT */
/* The table of options: its groups, and what can be asked of every row. */
#include "option_table.h"

#include "options.h"
#include "words.h"

const struct mpr_option *const mpr_option_groups[] = {
    mpr_options_selection,
    mpr_options_output,
    mpr_options_report,
    mpr_options_saved,
    mpr_options_diff,
    mpr_options_measure,
    mpr_options_sampling,
    mpr_options_budget,
    mpr_options_launch,
    mpr_options_general,
    mpr_options_program,
    NULL,
};

const struct mpr_option *mpr_option_in(const struct mpr_option *const *groups, size_t index)
{
    for (; *groups; groups++)
        for (const struct mpr_option *row = *groups; row->letter || row->name; row++)
            if (index-- == 0)
                return row;
    return NULL;
}

const struct mpr_option *mpr_option_at(size_t index)
{
    return mpr_option_in(mpr_option_groups, index);
}

const struct mpr_option *mpr_option_by_letter(char letter)
{
    const struct mpr_option *row;
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        if (row->letter == letter)
            return row;
    return NULL;
}

int mpr_option_refuse(const struct mpr_option *row, const char *value, struct mpr_error *err)
{
    return mpr_words_refuse(row->word, "", value, " is none of ", err);
}

int mpr_option_take_flag(const struct mpr_option *row, const char *value,
    struct mpr_options *options, struct mpr_error *err)
{
    (void)value, (void)err;
    *(bool *)((char *)options + row->field) = true;
    return 0;
}
