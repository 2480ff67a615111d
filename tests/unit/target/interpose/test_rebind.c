/* SPDX-License-Identifier: MIT */
/* One object's calls are redirected; another's are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "mprun/rebind.h"

static pid_t nobodys_parent(void)
{
    return 12345;
}

static int here; /* an address in this program */

/* The program is linked so that its slots are read-only. */
static void test_redirect_calls_of_this_object(void **state)
{
    (void)state;
    pid_t parent = getppid();
    pid_t (*others)(void);
    *(void **)&others = dlsym(RTLD_DEFAULT, "getppid");
    assert_int_not_equal(parent, 12345);
    assert_true(mpr_rebind(&here, "getppid", (mpr_function *)nobodys_parent));
    assert_int_equal(getppid(), 12345);
    assert_int_equal(others(), parent);
}

static void test_redirect_of_another_object(void **state)
{
    (void)state;
    assert_false(
        mpr_rebind((const void *)(uintptr_t)free, "getppid", (mpr_function *)nobodys_parent));
}

static void test_redirect_of_what_is_not_called(void **state)
{
    (void)state;
    assert_false(mpr_rebind(&here, "no_function_of_that_name", (mpr_function *)nobodys_parent));
    assert_false(mpr_rebind(NULL, "getppid", (mpr_function *)nobodys_parent));
    assert_false(mpr_rebind(&state, "getppid", (mpr_function *)nobodys_parent));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_redirect_calls_of_this_object),
        cmocka_unit_test(test_redirect_of_another_object),
        cmocka_unit_test(test_redirect_of_what_is_not_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
