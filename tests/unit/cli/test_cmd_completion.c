/* SPDX-License-Identifier: MIT */
/* Completions for shells. */
#include "topic_texts.h"

static void test_cmd_completion_shells_get_every_option(void **state)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    const struct mpr_option *row;
    (void)state;
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        char *text = text_of(mpr_shells, shells[i]);
        for (size_t k = 0; (row = mpr_option_at(k)); k++) {
            char *form = row->name ? mpr_asprintf("%s%s", i == 2 ? "-l " : "--", row->name) : NULL;
            if (form)
                assert_holds(text, form);
            free(form);
        }
        assert_holds(text, "user-faults rusage");
        assert_holds(text, "columns heap rss patterns exit man");
        assert_holds(text, "doctor help completion run");
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cmd_completion_shells_get_every_option),
    };
    return cmocka_run_group_tests_name("cmd_completion", tests, NULL, NULL);
}
