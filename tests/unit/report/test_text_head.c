/* SPDX-License-Identifier: MIT */
/* The head of the report and of a table. */
#include "made_text.h"

/* A program by the words of its command line. */
static struct mpr_profile *made_command(char *const *words)
{
    struct mpr_profile *made = made_profile();
    struct mpr_profile_process *process = &made->process[0];
    size_t count = 0;
    free(process->command[0]);
    while (words[count])
        count++;
    process->command = made_array(process->command, count + 1, sizeof *process->command);
    for (size_t i = 0; i <= count; i++)
        process->command[i] = made_text(words[i]);
    return made;
}

static void assert_command(char *const *words, const char *expected)
{
    how.width = 0;
    make_text(made_command(words));
    const char *head = draw(mpr_text_head);
    size_t len = strcspn(head, "\n");
    const char *end =
        strstr(head, ": exit 0 in 0.41 s   CPython 3.11.2 /usr/bin/python3   RSS to ");
    assert_non_null(end);
    assert_true(end < head + len);
    assert_int_equal(end - head, strlen(expected));
    assert_memory_equal(head, expected, strlen(expected));
    free_text();
}

static void test_text_head_names_what_was_asked_for(void **state)
{
    static const struct {
        char *const words[8];
        const char *shown;
    } rows[] = {
        {{"orders.py", "--year", "2025"}, "orders.py"},
        {{"/home/ann/shop/orders.py"}, "orders.py"},
        {{"/home/ann/shopping/orders.py"}, "/home/ann/shopping/orders.py"},
        {{"-m", "json.tool", "x.json"}, "-m json.tool"},
        {{"-c", "print(1)"}, "-c print(1)"},
        {{"-c", "a = 1\\x0ab = 2"}, "-c a = 1…"},
        {{"-"}, "standard input"},
        {{"-m"}, "-m"},
        {{"/usr/bin/python3", "-X", "dev", "orders.py", "x"},
            "/usr/bin/python3 -X dev orders.py x"},
        {{"-c", "print('a very long program that fills the whole line of a head')"},
            "-c print('a very long program that fill…"},
        {{"日本\xc2\x9b.py"}, "日本\\x9b.py"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_command(rows[i].words, rows[i].shown);
    make_text(made_command((char *const[]){"", NULL}));
    assert_begins(draw(mpr_text_head), "exit 0 in ");
    free_text();
    make_text(made_command((char *const[]){NULL}));
    assert_begins(draw(mpr_text_head), "exit 0 in ");
}

static void test_text_head_of_each_end(void **state)
{
    (void)state;
    how.width = 0;
    make_text(made_profile());
    struct mpr_profile_process *process = &profile->process[0];
    process->exit_signal = 9;
    process->duration_ns = 61000000000;
    assert_begins(draw(mpr_text_head), "orders.py: killed by signal 9 (SIGKILL) in 61.00 s   ");
    process->exit_signal = 200;
    assert_begins(draw(mpr_text_head), "orders.py: killed by signal 200 in ");
    process->exit_signal = 0;
    process->exit_status = 255;
    process->duration_ns = 9999999;
    assert_begins(draw(mpr_text_head), "orders.py: exit 255 in 10.0 ms   ");
    process->duration_ns = 10000000;
    assert_begins(draw(mpr_text_head), "orders.py: exit 255 in 0.01 s   ");
    process->end = MPR_END_NOT;
    assert_begins(draw(mpr_text_head), "orders.py: still running after 0.01 s   ");
}

static void test_text_head_breaks_between_its_parts(void **state)
{
    (void)state;
    make_text(made_profile());
    profile->process[0].container = MPR_CONTAINER_EMBEDDED;
    assert_drawn(mpr_text_head,
        "orders.py: exit 0 in 0.41 s   CPython 3.11.2 embedded /usr/bin/python3\n"
        "RSS to 4 KiB (rusage)\n");
    how.width = 40;
    assert_drawn(mpr_text_head,
        "orders.py: exit 0 in 0.41 s\nCPython 3.11.2 embedded /usr/bin/python3\n"
        "RSS to 4 KiB (rusage)\n");
    view->rss_off = true;
    profile->process[0].interpreter[0] = '\0';
    assert_drawn(mpr_text_head, "orders.py: exit 0 in 0.41 s\nCPython 3.11.2 embedded   RSS off\n");
}

static void test_text_head_names_as_patterns_are_written(void **state)
{
    (void)state;
    make_text(made_profile());
    mpr_text_name(&text, "load.<locals>.inner.<locals>.<lambda>", &drawn);
    assert_string_equal(drawn.data, "load.inner.<lambda>");
    mpr_buf_clear(&drawn);
    mpr_text_name(&text, "", &drawn);
    assert_string_equal(drawn.data, "");
}

static void test_text_head_paths_lose_their_first_folders(void **state)
{
    static const struct {
        const char *file;
        size_t limit;
        const char *shown;
    } rows[] = {
        {"/home/ann/shop/a.py", 40, "a.py"},
        {"/usr/lib/python3.11/json/decoder.py", 40, "/usr/lib/python3.11/json/decoder.py"},
        {"/usr/lib/python3.11/json/decoder.py", 34, "…/lib/python3.11/json/decoder.py"},
        {"/usr/lib/python3.11/json/decoder.py", 16, "…/json/decoder.py"},
        {"/usr/lib/python3.11/json/decoder.py", 0, "…/json/decoder.py"},
        {"/a/an_only_name_that_is_too_long.py", 16, "…/an_only_name_that_is_too_long.py"},
        {"<string>", 16, "<string>"},
    };
    (void)state;
    make_text(made_profile());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mpr_buf_clear(&drawn);
        mpr_text_path(&text, rows[i].file, rows[i].limit, &drawn);
        assert_string_equal(drawn.data, rows[i].shown);
    }
}

static void test_text_head_of_a_table(void **state)
{
    (void)state;
    how.width = 60;
    make_text(made_orders());
    struct mpr_profile_function *load = &profile->functions[0];
    mpr_text_function_head(&text, load, true);
    assert_string_equal(
        drawn.data, "\nload   orders.py:4   1 call   268 ms              sizes: MiB\n\n");
    mpr_buf_clear(&drawn);
    load->calls = 1234567;
    mpr_text_function_head(&text, load, false);
    assert_string_equal(drawn.data, "\nload   orders.py:4   1,234,567 calls   268 ms\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_head_names_what_was_asked_for),
        TEXT_CASE(test_text_head_of_each_end),
        TEXT_CASE(test_text_head_breaks_between_its_parts),
        TEXT_CASE(test_text_head_names_as_patterns_are_written),
        TEXT_CASE(test_text_head_paths_lose_their_first_folders),
        TEXT_CASE(test_text_head_of_a_table),
    };
    return cmocka_run_group_tests_name("text_head", tests, NULL, NULL);
}
