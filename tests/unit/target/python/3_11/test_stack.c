/* SPDX-License-Identifier: MIT */
/* Stack depths, held against CPython's compiler: the deepest that is found in a code object must be
 * what the compiler has put into co_stacksize. Over the modules of the standard library. */
#define Py_BUILD_CORE_MODULE 1
#include <Python.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <opcode.h>

#include "mprun/python.h"
#include "stack.h"

static size_t codes_seen, calls_seen;

static const char compile_some[] =
    "import glob, os\n"
    "def codes():\n"
    "    for path in sorted(glob.glob(os.path.dirname(os.__file__) + '/*.py'))[::3]:\n"
    "        with open(path, 'rb') as file:\n"
    "            yield compile(file.read(), path, 'exec')\n"
    "codes = list(codes())\n";

static void check_code(PyCodeObject *code, void *data)
{
    const int16_t *depths = mpr_code_depths(code);
    int deepest = 0;
    codes_seen++;
    assert_non_null(depths);
    for (int i = 0; i < (int)Py_SIZE(code); i++) {
        int depth = depths[i];
        assert_true(depth >= -1 && depth <= code->co_stacksize);
        deepest = depth > deepest ? depth : deepest;
        calls_seen += depth >= 0 && _Py_OPCODE(_PyCode_CODE(code)[i]) == CALL;
    }
    /* The last push of a path may be followed by no instruction that could show it. */
    assert_in_range(
        deepest, code->co_stacksize > 0 ? code->co_stacksize - 1 : 0, code->co_stacksize);
    mpr_code_each_nested(code, check_code, data);
}

static void test_stack_depth_agrees_with_the_compiler(void **state)
{
    (void)state;
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    assert_int_equal(PyRun_SimpleString(compile_some), 0);
    PyObject *codes = PyDict_GetItemString(globals, "codes");
    assert_true(PyList_Check(codes));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(codes); i++)
        check_code((PyCodeObject *)PyList_GET_ITEM(codes, i), NULL);
    assert_true(codes_seen > 500);
    assert_true(calls_seen > 3000);
}

/* In order, as a program runs, and backwards. */
static void check_lines(PyCodeObject *code, void *data)
{
    struct mpr_line_walk walk = {NULL, 0, 0, 0};
    int units = (int)Py_SIZE(code);
    (void)data;
    for (int i = 0; i < 2 * units; i++) {
        int unit = i < units ? i : 2 * units - 1 - i;
        int line = PyCode_Addr2Line(code, unit * (int)sizeof(_Py_CODEUNIT));
        assert_int_equal(mpr_code_line(code, unit, &walk), line > 0 ? line : 0);
        if (i >= units && i > units + 100)
            break;
    }
    assert_int_equal(mpr_code_line(code, -1, &walk), code->co_firstlineno);
    assert_int_equal(mpr_code_line(code, units + 1, &walk), 0);
    mpr_code_each_nested(code, check_lines, NULL);
}

static void test_stack_lines_agree_with_cpython(void **state)
{
    (void)state;
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *codes = PyDict_GetItemString(globals, "codes");
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(codes); i++)
        check_lines((PyCodeObject *)PyList_GET_ITEM(codes, i), NULL);
}

static void test_stack_depth_of_long_code_is_not_asked(void **state)
{
    static const char compile_long[] = "small = compile('x = 1\\n' * 100, 'f', 'exec')\n"
                                       "large = compile('x = 1\\n' * 20000, 'f', 'exec')\n";
    (void)state;
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    assert_int_equal(PyRun_SimpleString(compile_long), 0);
    PyObject *small = PyDict_GetItemString(globals, "small");
    PyObject *large = PyDict_GetItemString(globals, "large");
    const int16_t *depths = mpr_code_depths((PyCodeObject *)small);
    assert_int_equal(depths[0], 0);
    assert_null(mpr_code_depths((PyCodeObject *)large));
}

/* For the leak sanitizer: an interpreter keeps what it has until the process ends. */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}

static int start_python(void **state)
{
    (void)state;
    Py_InitializeEx(0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stack_depth_agrees_with_the_compiler),
        cmocka_unit_test(test_stack_lines_agree_with_cpython),
        cmocka_unit_test(test_stack_depth_of_long_code_is_not_asked),
    };
    return cmocka_run_group_tests(tests, start_python, NULL);
}
