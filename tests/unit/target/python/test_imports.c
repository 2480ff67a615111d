/* SPDX-License-Identifier: MIT */
/* Whose code is the import system's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/imports.h"

static bool imports(const char *file)
{
    return mpr_imports_file(file, strlen(file));
}

static void test_imports_frozen(void **state)
{
    (void)state;
    mpr_imports_start("");
    assert_true(imports("<frozen importlib._bootstrap>"));
    assert_true(imports("<frozen importlib._bootstrap_external>"));
    assert_true(imports("<frozen importlib.util>"));
    assert_true(imports("<frozen zipimport>"));
    assert_false(imports("<frozen zipimporter>"));
    assert_false(imports("<frozen runpy>"));
    assert_false(imports("<frozen os>"));
    assert_false(imports("<string>"));
    assert_false(imports(""));
    assert_false(imports("/importlib/__init__.py"));
    assert_false(imports("/usr/lib/python3.11/importlib/__init__.py"));
}

static void test_imports_files(void **state)
{
    (void)state;
    mpr_imports_start("/usr/lib/python3.11");
    assert_true(imports("/usr/lib/python3.11/importlib/__init__.py"));
    assert_true(imports("/usr/lib/python3.11/importlib/util.py"));
    assert_true(imports("<frozen importlib._bootstrap>"));
    assert_false(imports("/usr/lib/python3.11/importlib/metadata/__init__.py"));
    assert_false(imports("/usr/lib/python3.11/importlib/"));
    assert_false(imports("/usr/lib/python3.12/importlib/__init__.py"));
    assert_false(imports("/home/me/my/project/importlib/__init__.py"));
    assert_false(imports("/usr/lib/python3.11/re/__init__.py"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_imports_frozen),
        cmocka_unit_test(test_imports_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
