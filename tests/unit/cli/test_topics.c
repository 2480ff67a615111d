/* SPDX-License-Identifier: MIT */
/* Topics of the help, the manual and the completions: they hold what the tables hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/report.h"
#include "option_table.h"
#include "options.h"
#include "topic_texts.h"

static void test_topics_fit_eighty_columns(void **state)
{
    (void)state;
    for (const struct mpr_topic *topic = mpr_topics; topic->title; topic++) {
        char *text = text_of(mpr_topics, topic->name);
        size_t lines = 0;
        for (const char *at = text; *at; lines++) {
            size_t len = strcspn(at, "\n");
            if (len > 80)
                fail_msg("%s: too wide: %.*s", topic->name, (int)len, at);
            assert_int_equal(at[len], '\n');
            at += len + 1;
        }
        assert_in_range(lines, 5, 30);
        free(text);
    }
}

static void test_topics_columns_are_the_tables(void **state)
{
    static const char *const words[] = {"  Hits     hits       how often the line was reached.\n",
        "  +RSS     rss_delta  change of resident memory over all hits, callees included.\n",
        "  Time     time       wall clock"};
    (void)state;
    char *text = text_of(mpr_topics, "columns");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_holds(text, words[i]);
    free(text);
}

static void test_topics_rss_names_every_tier(void **state)
{
    (void)state;
    char *text = text_of(mpr_topics, "rss");
    for (enum mpr_rss_tier tier = MPR_RSS_FAULTS; tier < MPR_RSS_TIERS; tier++)
        assert_holds(text, mpr_rss_tier_name(tier));
    free(text);
}

/* What a shell offers for an option's value is what the option takes, and the help names it. */
static void test_topics_values_are_those_that_are_taken(void **state)
{
    (void)state;
    const struct mpr_option *row;
    const char *word;
    char *help = text_of_help();
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
        for (size_t k = 0; row->word && (word = row->word(k)); k++) {
            struct mpr_options options = {0};
            struct mpr_error err = {""};
            if (row->take(row, word, &options, &err) < 0)
                fail_msg("--%s %s: %s", row->name, word, err.message);
            assert_holds(help, word);
        }
    }
    for (size_t i = 0; mpr_format_name(i); i++)
        assert_holds(help, mpr_format_name(i));
    free(help);
}

static void test_topics_options_name_topics_that_there_are(void **state)
{
    (void)state;
    const struct mpr_option *row;
    size_t named = 0;
    for (size_t i = 0; (row = mpr_option_at(i)); i++) {
        if (!row->topic)
            continue;
        const struct mpr_topic *topic = mpr_topic_by_name(mpr_topics, row->topic);
        if (!topic || !topic->title)
            fail_msg("--%s: there is no section on %s", row->name, row->topic);
        named++;
    }
    assert_true(named > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topics_fit_eighty_columns),
        cmocka_unit_test(test_topics_columns_are_the_tables),
        cmocka_unit_test(test_topics_rss_names_every_tier),
        cmocka_unit_test(test_topics_values_are_those_that_are_taken),
        cmocka_unit_test(test_topics_options_name_topics_that_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
