/* SPDX-License-Identifier: MIT */
/* Fork and exec of any command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/launch.h"

static char folder[] = "/tmp/mprun-command-XXXXXX";

static void make_file(const char *name, mode_t mode, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    make_file("plain", 0644, "exit 3\n");
    make_file("bare", 0755, "test \"$0 $1\" = \"$WANTED one\" && exit 4\n");
    make_file("lost", 0755, "#!/nowhere/none\n");
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* Its exit status, or why it did not start. */
static int start(const char *const *args, struct mpr_error *err)
{
    char path[128], wanted[128];
    struct mpr_inherited inherited = {0};
    pid_t pid;
    int status;
    snprintf(path, sizeof path, "PATH=/nowhere:%s:/usr/bin:/bin", folder);
    snprintf(wanted, sizeof wanted, "WANTED=%s/bare", folder);
    char *const environment[] = {path, wanted, "LD_PRELOAD=", NULL};
    mpr_inherited_signals(&inherited);
    int rc = mpr_launch_command(args, environment, &inherited, &pid, err);
    if (rc < 0)
        return rc;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

#define START(err, ...) start((const char *const[]){__VA_ARGS__, NULL}, err)

static void test_command_is_found_on_path(void **state)
{
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(START(&err, "sh", "-c", "test \"$0\" = x && exit 7", "x"), 7);
    assert_int_equal(START(&err, "/bin/sh", "-c", "exit 8"), 8);
}

/* The environment is the user's, to the last variable. */
static void test_command_has_nothing_of_mprun(void **state)
{
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(START(&err, "sh", "-c",
                         "tr '\\0' '\\n' </proc/$$/environ | grep -c = | grep -qx 3 && exit 5"),
        5);
}

static void test_command_without_a_format_is_a_shell_s(void **state)
{
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(START(&err, "bare", "one"), 4);
}

static void test_command_that_is_not_there(void **state)
{
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(START(&err, "no-such-command"), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "'no-such-command'"));
    assert_int_equal(START(&err, "/nowhere/none"), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "/nowhere/none"));
    assert_int_equal(START(&err, ""), MPR_ERR_NOTFOUND);
    assert_int_equal(START(&err, "lost"), MPR_ERR_NOTFOUND); /* its interpreter, as shells say */
}

static void test_command_that_cannot_be_run(void **state)
{
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(START(&err, "plain"), MPR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "ermission"));
    assert_int_equal(START(&err, folder), MPR_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_is_found_on_path),
        cmocka_unit_test(test_command_has_nothing_of_mprun),
        cmocka_unit_test(test_command_without_a_format_is_a_shell_s),
        cmocka_unit_test(test_command_that_is_not_there),
        cmocka_unit_test(test_command_that_cannot_be_run),
    };
    return cmocka_run_group_tests_name("command", tests, set_up, tear_down);
}
