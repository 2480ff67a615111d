/* SPDX-License-Identifier: MIT */
/* How a report looks where it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "terminal.h"

static const char *const variables[] = {
    "COLUMNS", "NO_COLOR", "TERM", "LC_ALL", "LC_CTYPE", "LANG"};

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    return 0;
}

/* A terminal of so many columns; its descriptor. */
static int open_terminal(unsigned short columns)
{
    const struct winsize size = {.ws_col = columns, .ws_row = 24};
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        return -1;
    int fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    ioctl(fd, TIOCSWINSZ, &size);
    return fd;
}

static struct mpr_report_options report_options(const struct mpr_options *options, int fd)
{
    struct mpr_report_options how;
    mpr_terminal_report_options(options, fd, &how);
    return how;
}

static size_t width_with(const char *columns, int fd)
{
    const struct mpr_options options = {.no_legend = true};
    setenv("COLUMNS", columns, 1);
    return report_options(&options, fd).width;
}

static void test_terminal_width_by_columns(void **state)
{
    (void)state;
    int fd = memfd_create("report", MFD_CLOEXEC);
    assert_int_equal(width_with("120", fd), 120);
    assert_int_equal(width_with("10000", fd), 10000);
    assert_int_equal(width_with("10001", fd), 80);
    assert_int_equal(width_with("5", fd), 40);
    assert_int_equal(width_with("0", fd), 80);
    assert_int_equal(width_with("-7", fd), 80);
    assert_int_equal(width_with("wide", fd), 80);
    assert_int_equal(width_with("", fd), 80);
    close(fd);
}

static void test_terminal_width_that_was_asked_for(void **state)
{
    const struct mpr_options options = {.width_given = true, .width = 0};
    (void)state;
    setenv("COLUMNS", "120", 1);
    assert_int_equal(report_options(&options, STDIN_FILENO).width, 0);
}

static void test_terminal_of_its_own_width_and_color(void **state)
{
    const struct mpr_options options = {.color = MPR_COLOR_AUTO};
    (void)state;
    int fd = open_terminal(97);
    if (fd < 0) {
        print_message("there are no terminals here\n");
        return;
    }
    setenv("TERM", "xterm", 1);
    struct mpr_report_options how = report_options(&options, fd);
    assert_int_equal(how.width, 97);
    assert_true(how.color && how.legend);
    setenv("NO_COLOR", "", 1); /* says nothing */
    assert_true(report_options(&options, fd).color);
    setenv("NO_COLOR", "1", 1);
    assert_false(report_options(&options, fd).color);
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_false(report_options(&options, fd).color);
    unsetenv("TERM");
    assert_false(report_options(&options, fd).color);
    close(fd);
}

static void test_terminal_color_that_was_asked_for(void **state)
{
    (void)state;
    int fd = memfd_create("report", MFD_CLOEXEC);
    setenv("NO_COLOR", "1", 1);
    assert_true(report_options(&(struct mpr_options){.color = MPR_COLOR_ALWAYS}, fd).color);
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    assert_false(report_options(&(struct mpr_options){.color = MPR_COLOR_NEVER}, fd).color);
    assert_false(report_options(&(struct mpr_options){.color = MPR_COLOR_AUTO}, fd).color);
    close(fd);
}

/* Also by a locale's name that is not installed; the first variable that is set decides. */
static void test_terminal_alphabet(void **state)
{
    (void)state;
    mpr_terminal_init();
    assert_false(mpr_terminal_unicode());
    setenv("LANG", "xx_XX.UTF-8", 1);
    assert_true(mpr_terminal_unicode());
    setenv("LC_CTYPE", "xx_XX.utf8", 1);
    assert_true(mpr_terminal_unicode());
    setenv("LC_ALL", "xx_XX.ISO-8859-1", 1);
    assert_false(mpr_terminal_unicode());
    setenv("LC_ALL", "", 1);
    assert_true(mpr_terminal_unicode());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_terminal_width_by_columns, clear),
        cmocka_unit_test_setup(test_terminal_width_that_was_asked_for, clear),
        cmocka_unit_test_setup(test_terminal_of_its_own_width_and_color, clear),
        cmocka_unit_test_setup(test_terminal_color_that_was_asked_for, clear),
        cmocka_unit_test_setup(test_terminal_alphabet, clear),
    };
    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
