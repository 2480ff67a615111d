/* SPDX-License-Identifier: MIT */
/* What is easily given in the place of a program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mistakes.h"
#include "own_folder.h"

/* Is the word refused as a program, with that in the message? NULL: it is not refused. */
static void assert_mistake(const char *word, const char *says)
{
    const char *args[] = {word, NULL};
    const struct mpr_options options = {.args = args};
    struct mpr_error err = {""};
    bool refused = mpr_mistakes_program(&options, &err);
    if (refused != (says != NULL) || (says && !strstr(err.message, says)))
        fail_msg("%s: %s", word, refused ? err.message : "not refused");
}

static void test_mistakes_a_name_that_is_no_file(void **state)
{
    (void)state;
    write_file("s.py", "", 0600);
    assert_int_equal(mkdir("pkg", 0700) | mkdir("pkg/sub", 0700), 0);
    write_file("pkg/cli.py", "", 0600);
    write_file("pkg/sub/__main__.py", "", 0600);
    assert_mistake("s", "there is no file s; is s.py meant?");
    assert_mistake("pkg/cli", "is pkg/cli.py meant?");
    assert_mistake("pkg.cli", "as a module: mprun -m pkg.cli");
    assert_mistake("pkg.sub", "as a module: mprun -m pkg.sub");
    assert_mistake("sh", "for the command: mprun \"$(command -v sh)\"");
    assert_mistake("docter", "is the command meant? mprun doctor");
    assert_mistake("nothing_like_it", NULL);
    assert_mistake(".pkg.cli", NULL);
    assert_mistake("pkg.c-li", NULL);
    assert_mistake("", NULL);
}

static void test_mistakes_a_file_that_is_no_program(void **state)
{
    (void)state;
    write_file("n.ipynb", " \n{\"cells\": []}", 0600);
    write_file("list.ipynb", "[]", 0600);
    write_file("data.json", "{\"cells\": []}", 0600);
    write_file("r.json", "{\n  \"schema\": 1,\n  \"mprun\": \"0.1.0\"", 0600);
    write_file("r.txt", "a.py: exit 0 in 2 s   CPython 3.11.2 /p", 0600);
    write_file("run.sh", "#!/bin/sh\nexec x\n", 0600);
    write_file("both.sh", "#!/bin/sh\n\"exec\" python3 \"$0\"\n", 0600);
    write_file("s.py", "#!/bin/sh\n", 0600);
    write_file("empty", "", 0600);
    assert_mistake("/bin/sh", "/bin/sh is a compiled program, no Python script; if it is a Python");
    assert_mistake("n.ipynb", "jupyter nbconvert --to script n.ipynb");
    assert_mistake("list.ipynb", NULL);
    assert_mistake("data.json", NULL);
    assert_mistake(
        "r.json", "r.json is a report, no Python script; to write it anew: mprun -o r.json");
    assert_mistake("r.txt", "r.txt is a report");
    assert_mistake("run.sh", "where it says python3, let run.sh say mprun");
    assert_mistake("both.sh", NULL);
    assert_mistake("s.py", NULL);
    assert_mistake("empty", NULL);
    assert_mistake(".", NULL);
}

/* Nobody writes into it: it must not be waited for. */
static void test_mistakes_never_waits_for_a_pipe(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_mistake("pipe", NULL);
}

static void test_mistakes_only_files_are_looked_at(void **state)
{
    static const struct {
        const char *args[4], *code;
        size_t program;
        const char *script;
    } rows[] = {
        {{"s.py", "x"}, NULL, 0, "s.py"},
        {{"-u", "s.py"}, NULL, 1, "s.py"},
        {{"-m", "sh"}, NULL, 1, NULL},
        {{"-c", "sh"}, "sh", 1, NULL},
        {{"-"}, NULL, 0, NULL},
        {{NULL}, NULL, 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mpr_options options = {
            .args = (const char **)rows[i].args, .code = rows[i].code, .program = rows[i].program};
        const char *script = mpr_script_of(&options);
        assert_int_equal(script != NULL, rows[i].script != NULL);
        if (script)
            assert_string_equal(script, rows[i].script);
        else
            assert_false(mpr_mistakes_program(&options, NULL));
    }
}

static void test_mistakes_an_option_took_the_program(void **state)
{
    struct mpr_error err = {""};
    (void)state;
    assert_true(mpr_mistakes_value("output", "s.py", &err));
    assert_non_null(strstr(err.message, "s.py is the value of --output;"));
    assert_false(mpr_mistakes_value("output", "s.txt", &err));
    assert_false(mpr_mistakes_value("output", "", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_mistakes_a_name_that_is_no_file, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_mistakes_a_file_that_is_no_program, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_mistakes_never_waits_for_a_pipe, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_mistakes_only_files_are_looked_at, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_mistakes_an_option_took_the_program, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("mistakes", tests, NULL, NULL);
}
