/* SPDX-License-Identifier: MIT */
/* The line that an allocation belongs to, asked from within a running Python: the program's own
 * frame says which it is. Whatever is in the cache: the line of dead code, of another context, of a
 * thread without the GIL. */
#include "embedded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>

#include "mprun/heap.h"
#include "mprun/python_heap.h"
#include "mprun/runtime.h"
#include "nodes.h"

#define LEFT 77

/* What `here` has seen; it cannot fail a test from within Python. */
static struct {
    unsigned calls, wrong;
    struct mpr_rec_node *node;
    bool release; /* asks without the GIL */
    int left;     /* errno afterwards */
} seen;

static struct mpr_rec_node *ask(bool held)
{
    struct mpr_thread *thread = &mpr_thread_block;
    return held ? mpr_node_of(thread, mpr_gil_holder(), MPR_HEAP_PYTHON)
                : mpr_heap_node_any(thread, MPR_HEAP_PYTHON);
}

/* here(line): is an allocation of that line's? */
static PyObject *here(PyObject *self, PyObject *line)
{
    (void)self;
    errno = LEFT;
    if (seen.release) {
        Py_BEGIN_ALLOW_THREADS;
        seen.node = ask(false);
        Py_END_ALLOW_THREADS;
    } else {
        seen.node = ask(true);
    }
    seen.left = errno;
    seen.calls++;
    seen.wrong += mpr_node_site(seen.node)->line != (uint32_t)PyLong_AsLong(line);
    Py_RETURN_NONE;
}

static PyMethodDef here_method = {"here", here, METH_O, NULL};

/* Runs a file's text, in which `here` and `line()`, its own line by a frame object, are known. */
static void run_file(const char *text, const char *file)
{
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyCodeObject *code = compile_file(text, file);
    assert_non_null(code);
    PyObject *result = PyEval_EvalCode((PyObject *)code, globals, globals);
    if (!result)
        PyErr_Print();
    bool ran = result != NULL;
    Py_XDECREF(result);
    Py_DECREF(code);
    assert_true(ran);
}

static void forget(void)
{
    memset(&seen, 0, sizeof seen);
}

/* A place has one number, whoever asks for it. */
static void assert_place(
    const struct mpr_rec_node *node, const char *file, const char *qualname, uint32_t first_line)
{
    uint32_t number = mpr_node_place(file, qualname, first_line, first_line);
    assert_int_not_equal(number, 0);
    assert_int_equal(mpr_node_site(node)->place, number);
}

static const char program[] = "def one():\n"
                              "    here(line())\n"
                              "    for _ in range(5):\n"
                              "        here(line())\n"
                              "        here(line()); here(line())\n"
                              "class Some:\n"
                              "    here(line())\n"
                              "    def two(self):\n"
                              "        here(\n"
                              "            10 if line() else 0)\n"
                              "one(); here(line())\n"
                              "Some()\n"
                              "[here(line()) for _ in range(3)]\n"
                              "def three():\n"
                              "    here(line())\n"
                              "    yield here(line())\n"
                              "    here(line())\n"
                              "list(three())\n"
                              "try:\n"
                              "    raise ValueError(here(line()))\n"
                              "except ValueError:\n"
                              "    here(line())\n";

static void test_lines_of_a_program(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        forget();
        seen.release = round == 1;
        run_file(program, "program.py");
        assert_int_equal(seen.calls, 26);
        assert_int_equal(seen.wrong, 0);
        assert_int_equal(seen.left, LEFT);
    }
}

static void test_lines_of_a_call_over_several(void **state)
{
    (void)state;
    forget();
    run_file("here(\n    1)\n", "several.py"); /* CPython gives the call its first line */
    assert_int_equal(seen.wrong, 0);
}

static void test_lines_same_line_same_node(void **state)
{
    (void)state;
    run_file("def again():\n    here(2)\n", "again.py");
    run_file("again()\n", "first.py");
    struct mpr_rec_node *node = seen.node;
    run_file("again()\n", "second.py");
    assert_ptr_equal(seen.node, node);
    seen.release = true;
    run_file("again()\n", "third.py");
    assert_ptr_equal(seen.node, node);
    seen.release = false;
    assert_place(node, "again.py", "again", 1);
}

/* What the import system allocates belongs to the line that imports. */
static void test_lines_pass_over_the_import_system(void **state)
{
    (void)state;
    static const char *const files[] = {
        "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"};
    for (size_t i = 0; i < 2; i++) {
        forget();
        run_file("def load(n):\n    here(n)\n", files[i]);
        run_file("\n\nload(3)\n", "imports.py");
        assert_int_equal(seen.calls, 1);
        assert_int_equal(seen.wrong, 0);
        assert_place(seen.node, "imports.py", "<module>", 1);
    }
}

/* Where code dies, other code comes to its address. */
static void test_lines_of_code_that_died_are_forgotten(void **state)
{
    (void)state;
    static const char churn[] = "def churn(gap):\n"
                                "    text = '\\n' * gap + 'here(%d)' % (gap + 1)\n"
                                "    exec(compile(text, 'made.py', 'exec'))\n"
                                "for gap in range(2000):\n"
                                "    churn(gap * 7 % 97)\n";
    for (int round = 0; round < 2; round++) {
        forget();
        seen.release = round == 1;
        run_file(churn, "churn.py");
        assert_int_equal(seen.calls, 2000);
        assert_int_equal(seen.wrong, 0);
    }
}

static void test_lines_dead_code_gives_its_memory_back(void **state)
{
    (void)state;
    static const char churn[] = "for _ in range(1000):\n"
                                "    exec(compile('here(1)', 'made.py', 'exec'))\n";
    forget();
    run_file(churn, "churn.py");
    int64_t own = mpr_probe->header->rss.own;
    for (int round = 0; round < 5; round++)
        run_file(churn, "churn.py");
    assert_int_equal(mpr_probe->header->rss.own, own);
    assert_int_equal(seen.calls, 6000);
    assert_int_equal(seen.wrong, 0);
}

/* The same line inside a row is another node, a child of the row's. */
static void test_lines_in_a_context(void **state)
{
    (void)state;
    struct mpr_thread *thread = &mpr_thread_block;
    run_file("def inside():\n    here(2)\n", "inside.py");
    run_file("inside()\n", "a.py");
    struct mpr_rec_node *outside = seen.node;
    uint32_t place = mpr_node_place("row.py", "row", 1, 9);
    thread->heap.context = mpr_node_row(0, place, 5);
    assert_int_not_equal(thread->heap.context, 0);
    run_file("inside()\n", "a.py");
    struct mpr_rec_node *node = seen.node;
    assert_ptr_not_equal(node, outside);
    assert_ptr_equal(mpr_node_site(node), mpr_node_site(outside));
    assert_int_equal(node->parent, thread->heap.context);
    assert_int_equal(outside->parent, 0);
    thread->heap.context = 0;
    run_file("inside()\n", "a.py");
    assert_ptr_equal(seen.node, outside);
}

/* In UTF-8; what was undecodable as the bytes that it stands for. */
static void test_lines_of_names_that_are_not_ascii(void **state)
{
    (void)state;
    run_file(
        "def \u00e9\u4e2d\U00010400():\n    here(2)\n"
        "made = compile('h = \u00e9\u4e2d\U00010400()\\nhere(2)', 'f\\udcff\u00e9.py', 'exec')\n",
        "names.py");
    run_file("\u00e9\u4e2d\U00010400()\n", "a.py");
    assert_place(seen.node, "names.py", "\u00e9\u4e2d\U00010400", 1);
    run_file("exec(made)\n", "a.py");
    assert_place(seen.node, "f\xff\u00e9.py", "<module>", 1);
}

/* --- no line --- */

static uint32_t special(const struct mpr_rec_node *node)
{
    return mpr_node_site(node)->place;
}

static void test_lines_none_runs(void **state)
{
    (void)state;
    assert_int_equal(special(ask(true)), MPR_PLACE_INTERPRETER);
    assert_int_equal(special(ask(false)), MPR_PLACE_INTERPRETER);
    mpr_probe->program_runs = 0;
    assert_int_equal(special(ask(true)), MPR_PLACE_STARTUP);
    mpr_probe->program_runs = 1;
}

static void *ask_in_a_thread(void *result)
{
    mpr_thread_counts(&mpr_thread_block);
    *(uint32_t *)result = special(ask(false));
    return NULL;
}

static void test_lines_of_a_thread_that_python_does_not_know(void **state)
{
    (void)state;
    pthread_t thread;
    uint32_t place = 0;
    assert_int_equal(pthread_create(&thread, NULL, ask_in_a_thread, &place), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(place, MPR_PLACE_NATIVE_THREAD);
}

static int start(void **state)
{
    (void)state;
    if (start_python(NULL, 0, 0) < 0 || mpr_heap_start(&(struct mpr_heap_config){0}, NULL) < 0 ||
        mpr_python_heap_start() < 0)
        return -1;
    mpr_probe->program_runs = 1;
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *function = PyCFunction_New(&here_method, NULL);
    if (!function || PyDict_SetItemString(globals, "here", function) < 0)
        return -1;
    Py_DECREF(function);
    return PyRun_SimpleString("import sys\nline = lambda: sys._getframe(1).f_lineno\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_of_a_program),
        cmocka_unit_test(test_lines_of_a_call_over_several),
        cmocka_unit_test(test_lines_same_line_same_node),
        cmocka_unit_test(test_lines_pass_over_the_import_system),
        cmocka_unit_test(test_lines_of_code_that_died_are_forgotten),
        cmocka_unit_test(test_lines_dead_code_gives_its_memory_back),
        cmocka_unit_test(test_lines_in_a_context),
        cmocka_unit_test(test_lines_of_names_that_are_not_ascii),
        cmocka_unit_test(test_lines_none_runs),
        cmocka_unit_test(test_lines_of_a_thread_that_python_does_not_know),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
