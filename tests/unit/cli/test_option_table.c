/* SPDX-License-Identifier: MIT */
/* What can be asked of every row. */
#include "parsed_options.h"

static void test_option_table_rows_by_number_and_letter(void **state)
{
    size_t count = 0;
    (void)state;
    for (const struct mpr_option *row; (row = mpr_option_at(count)); count++) {
        assert_true(row->name || row->letter);
        if (row->letter)
            assert_ptr_equal(mpr_option_by_letter(row->letter), row);
        if (row->help)
            assert_non_null(row->take);
    }
    assert_true(count > 20);
    assert_null(mpr_option_at(count));
    assert_null(mpr_option_at(SIZE_MAX));
    assert_null(mpr_option_by_letter('z'));
}

/* No two have one name, none begins like a word that ends the options. */
static void test_option_table_names_are_unique(void **state)
{
    const struct mpr_option *row, *other;
    (void)state;
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
        for (size_t j = 0; j < i && (other = mpr_option_at(j)); j++) {
            assert_true(!row->name || !other->name || strcmp(row->name, other->name) != 0);
            assert_true(!row->letter || row->letter != other->letter);
        }
    }
}

static void test_option_table_refusals_name_the_words(void **state)
{
    struct mpr_error err = {""};
    const struct mpr_option *row;
    size_t with_words = 0;
    (void)state;
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
        if (!row->word)
            continue;
        with_words++;
        assert_int_equal(mpr_option_refuse(row, "zz", &err), MPR_ERR_INVALID);
        assert_non_null(strstr(err.message, "'zz' is none of "));
        for (size_t w = 0; row->word(w); w++)
            assert_non_null(strstr(err.message, row->word(w)));
    }
    assert_true(with_words > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_table_rows_by_number_and_letter),
        cmocka_unit_test(test_option_table_names_are_unique),
        cmocka_unit_test(test_option_table_refusals_name_the_words),
    };
    return cmocka_run_group_tests_name("option_table", tests, NULL, NULL);
}
