/* SPDX-License-Identifier: MIT */
/* A name for a folder that the loader takes as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "own_folder.h"
#include "plain_name.h"

static void test_plain_name_is_the_folders_own(void **state)
{
    char *name = NULL;
    int fd = -7;
    (void)state;
    assert_int_equal(mpr_plain_name("/srv/it's", &name, &fd, NULL), 0);
    assert_string_equal(name, "/srv/it's");
    assert_int_equal(fd, -7);
    free(name);
}

/* Each leads to the folder as long as the descriptor is open, and through no standard stream. */
static void test_plain_name_of_a_folder_that_has_none(void **state)
{
    static const char *const folders[] = {"a b", "a:b", "$ORIGIN"};
    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *name = NULL;
        int fd = -1;
        assert_int_equal(mkdir(folders[i], 0700) | chdir(folders[i]), 0);
        write_file("here", "", 0600);
        assert_int_equal(chdir(".."), 0);
        int kept = dup(STDIN_FILENO);
        close(STDIN_FILENO);
        int status = mpr_plain_name(folders[i], &name, &fd, NULL);
        dup2(kept, STDIN_FILENO);
        close(kept);
        assert_int_equal(status, 0);
        assert_true(fd > STDERR_FILENO);
        assert_null(strpbrk(name, " :$"));
        char *inside = mpr_asprintf("%s/here", name);
        assert_int_equal(access(inside, F_OK), 0);
        assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        close(fd);
        assert_int_not_equal(access(inside, F_OK), 0);
        free(inside);
        free(name);
    }
}

static void test_plain_name_of_what_is_no_folder(void **state)
{
    char *name = NULL;
    int fd = -7;
    struct mpr_error err;
    (void)state;
    write_file("a file", "", 0600);
    assert_int_equal(mpr_plain_name("a file", &name, &fd, &err), MPR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "a file"));
    assert_int_equal(mpr_plain_name("not there:", &name, &fd, &err), MPR_ERR_UNSUPPORTED);
    assert_null(name);
    assert_int_equal(fd, -7);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_name_is_the_folders_own),
        CASE(test_plain_name_of_a_folder_that_has_none),
        CASE(test_plain_name_of_what_is_no_folder),
    };
    return cmocka_run_group_tests_name("plain_name", tests, NULL, NULL);
}
