/* SPDX-License-Identifier: MIT */
/* What a shim says that it runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "find.h"
#include "own_folder.h"

static void test_shim_is_asked_once(void **state)
{
    char *const environment[] = {"WHICH=/b/python3.11", NULL};
    char *path = NULL;
    (void)state;
    write_file("shim",
        "#!/bin/sh\n"
        "test \"$1 $2 $3\" = '-I -S -c' || exit 1\n"
        "echo run >>asked\n"
        "echo $WHICH\n",
        0700);
    assert_int_equal(mpr_shim_resolve("./shim", environment, &path, NULL), 0);
    assert_string_equal(path, "/b/python3.11");
    struct stat st;
    assert_int_equal(stat("asked", &st), 0);
    assert_int_equal(st.st_size, 4);
    free(path);
}

static void test_shim_without_answer_is_refused(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "#!/bin/sh\nexit 0\n",
        "#!/bin/sh\necho relative/python3\n",
        "#!/bin/sh\necho /bin/sh\nexit 3\n",
        "#!/bin/sh\necho /one; echo /two\n",
        "#!/bin/sh\nkill -9 $$\n",
        "#!/bin/nothing\n",
    };
    char *const environment[] = {NULL};
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        char *path = NULL;
        struct mpr_error err;
        write_file("shim", scripts[i], 0700);
        assert_true(mpr_shim_resolve("./shim", environment, &path, &err) < 0);
        assert_non_null(strstr(err.message, "./shim"));
        assert_null(path);
    }
}

/* Who has its output does not keep mprun waiting, and nothing of it is left. */
static void test_shim_children_do_not_hold_it_up(void **state)
{
    char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
    char *path = NULL;
    (void)state;
    write_file("shim", "#!/bin/sh\nsleep 1000 &\necho $! >child\necho /b/python3\n", 0700);
    assert_int_equal(mpr_shim_resolve("./shim", environment, &path, NULL), 0);
    assert_string_equal(path, "/b/python3");
    free(path);
    long child = 0;
    FILE *file = fopen("child", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld", &child), 1);
    fclose(file);
    for (int i = 0; i < 200 && kill((pid_t)child, 0) == 0; i++)
        usleep(10000); /* until whoever inherits it has reaped it */
    char name[64], text[256] = "";
    snprintf(name, sizeof name, "/proc/%ld/stat", child);
    file = fopen(name, "r");
    if (file)
        assert_non_null(fgets(text, sizeof text, file));
    if (file)
        fclose(file);
    assert_true(!file || strstr(text, ") Z ")); /* gone, or dead and nobody's yet */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shim_is_asked_once, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_shim_without_answer_is_refused, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_shim_children_do_not_hold_it_up, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("shim", tests, NULL, NULL);
}
