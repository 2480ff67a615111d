/* SPDX-License-Identifier: MIT */
/* Whose code a file is, and what its top package is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/origin.h"

#define STDLIB "/usr/lib/python3.11"

static const struct {
    const char *file;
    const char *stdlib;
    enum mpr_origin origin;
    const char *package; /* NULL: none */
} rows[] = {
    {"/home/ann/shop.py", STDLIB, MPR_ORIGIN_USER, NULL},
    {"shop.py", STDLIB, MPR_ORIGIN_USER, NULL},
    {"", STDLIB, MPR_ORIGIN_USER, NULL},
    {"<string>", STDLIB, MPR_ORIGIN_USER, NULL},
    {STDLIB "/json/decoder.py", STDLIB, MPR_ORIGIN_STDLIB, "json"},
    {STDLIB "/random.py", STDLIB, MPR_ORIGIN_STDLIB, "random"},
    {STDLIB "/lib-dynload/_json.so", STDLIB, MPR_ORIGIN_STDLIB, "_json"},
    {STDLIB "/random.py", "", MPR_ORIGIN_USER, NULL},
    {STDLIB, STDLIB, MPR_ORIGIN_USER, NULL},
    {STDLIB "-mine/random.py", STDLIB, MPR_ORIGIN_USER, NULL},
    /* A user's folder that is called like one of an interpreter. */
    {"/home/ann/lib/python3.9/shop.py", STDLIB, MPR_ORIGIN_USER, NULL},
    {"/home/ann/lib/python3.9/shop.py", "/home/ann/lib/python3.9", MPR_ORIGIN_STDLIB, "shop"},
    {STDLIB "/site-packages/six.py", STDLIB, MPR_ORIGIN_PACKAGE, "six"},
    {"/v/lib/python3.11/site-packages/numpy/core/x.py", STDLIB, MPR_ORIGIN_PACKAGE, "numpy"},
    {"/usr/lib/python3/dist-packages/yaml/__init__.py", STDLIB, MPR_ORIGIN_PACKAGE, "yaml"},
    {"/v/site-packages/foo-1.2.egg/foo/a.py", STDLIB, MPR_ORIGIN_PACKAGE, "foo-1.2.egg"},
    {"<frozen importlib._bootstrap>", STDLIB, MPR_ORIGIN_FROZEN, "importlib"},
    {"<frozen os>", STDLIB, MPR_ORIGIN_FROZEN, "os"},
    {"<frozen>", STDLIB, MPR_ORIGIN_FROZEN, NULL},
};

static void test_origin_of_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t inside = 4711;
        const char *file = rows[i].file;
        enum mpr_origin origin = mpr_origin_of(file, rows[i].stdlib, &inside);
        if (origin != rows[i].origin || (inside != 0) != (rows[i].package != NULL))
            fail_msg("%s: origin %d, inside %zu", file, (int)origin, inside);
        if (!rows[i].package)
            continue;
        size_t len = mpr_origin_package_len(origin, file + inside);
        if (len != strlen(rows[i].package) || strncmp(file + inside, rows[i].package, len) != 0)
            fail_msg("%s: package %.*s", file, (int)len, file + inside);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_origin_of_files)};
    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
