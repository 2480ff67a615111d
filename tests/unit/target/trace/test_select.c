/* SPDX-License-Identifier: MIT */
/* Selection, on code of a real Python: what patterns, decorators, blocks and the default select,
 * that a verdict is kept until its generation is over, and that nothing of dead code stays. */
#include "embedded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "select.h"

static const char source[] = "def load(n):\n"
                             "    return list(str(i) for i in range(n))\n"
                             "def other():\n"
                             "    def inner():\n"
                             "        return 1\n"
                             "    return inner\n"
                             "class Reader:\n"
                             "    def read(self):\n"
                             "        return 2\n"
                             "    def __getitem__(self, index):\n"
                             "        return index\n";

static const char *const patterns[] = {"load", "Reader.*", "json:dumps"};
enum { BY_LOAD, BY_READER, BY_DUMPS };

/* --- a backend that counts --- */

static struct {
    unsigned selected, unselected, forgotten;
    unsigned taken, given; /* serials */
} told;
static unsigned char serial_in_use[1 << 16];

static uint32_t take_serial(PyCodeObject *code)
{
    (void)code;
    uint32_t serial = 1;
    while (serial_in_use[serial])
        serial++;
    serial_in_use[serial] = 1;
    told.taken++;
    return serial;
}

static void give_serial_back(uint32_t serial)
{
    told.given += serial_in_use[serial];
    serial_in_use[serial] = 0;
}

static void on_selected(PyCodeObject *code)
{
    (void)code;
    told.selected++;
}

static void on_unselected(PyCodeObject *code)
{
    (void)code;
    told.unselected++;
}

static void on_forgotten(PyCodeObject *code)
{
    (void)code;
    told.forgotten++;
}

static void each_judged(void (*visit)(PyCodeObject *code))
{
    (void)visit;
}

static const struct mpr_select_ops ops = {
    each_judged, take_serial, give_serial_back, on_selected, on_unselected, on_forgotten};
static const struct mpr_trace_watch nobody;

/* --- a module that was loaded --- */

struct module {
    PyCodeObject *code;
    PyObject *globals;
};

static struct module load_module(const char *file, const char *name, const char *globals_file)
{
    struct module module = {compile_file(source, file), PyDict_New()};
    PyObject *text = PyUnicode_FromString(name);
    assert_true(module.code && module.globals && text);
    assert_int_equal(PyDict_SetItemString(module.globals, "__name__", text), 0);
    Py_DECREF(text);
    if (globals_file) {
        text = PyUnicode_FromString(globals_file);
        assert_int_equal(PyDict_SetItemString(module.globals, "__file__", text), 0);
        Py_DECREF(text);
    }
    return module;
}

static void unload(struct module *module)
{
    Py_CLEAR(module->code);
    Py_CLEAR(module->globals);
}

static PyCodeObject *code_of(const struct module *module, const char *name)
{
    PyCodeObject *code = nested_code(module->code, name);
    assert_non_null(code);
    return code;
}

static const struct mpr_selected *judge(const struct module *module, const char *name)
{
    return mpr_select(code_of(module, name), module->globals);
}

static void assert_table(
    const struct mpr_selected *selected, const char *qualname, uint32_t selected_by)
{
    assert_non_null(selected);
    const struct mpr_rec_function *fn = selected->table->fn;
    assert_string_equal((const char *)fn + fn->id.qualname, qualname);
    assert_int_equal(fn->id.selected_by, selected_by);
}

/* --- patterns --- */

static void test_select_by_pattern(void **state)
{
    (void)state;
    struct module app = load_module("/home/app.py", "app", NULL);
    const struct mpr_selected *load = judge(&app, "load");
    assert_table(load, "load", BY_LOAD);
    assert_true(load->own);
    assert_false(load->subscript);
    assert_table(judge(&app, "read"), "Reader.read", BY_READER);
    const struct mpr_selected *item = judge(&app, "__getitem__");
    assert_table(item, "Reader.__getitem__", BY_READER);
    assert_true(item->subscript);
    assert_null(judge(&app, "other"));
    assert_null(judge(&app, "inner"));
    assert_null(judge(&app, "Reader"));
    assert_null(mpr_select(app.code, app.globals));
    unload(&app);
}

/* What a generator expression does is the function's around it. */
static void test_select_comprehension_shares_the_table(void **state)
{
    (void)state;
    struct module app = load_module("/home/app.py", "app", NULL);
    const struct mpr_selected *load = judge(&app, "load");
    const struct mpr_selected *inner = judge(&app, "<genexpr>");
    assert_non_null(load);
    assert_non_null(inner);
    assert_ptr_equal(inner->table, load->table);
    assert_false(inner->own);
    unload(&app);
}

static void test_select_reload_shares_the_table(void **state)
{
    (void)state;
    struct module first = load_module("/home/app.py", "app", NULL);
    struct module second = load_module("/home/app.py", "app", NULL);
    const struct mpr_selected *one = judge(&first, "load"), *two = judge(&second, "load");
    assert_ptr_not_equal(one, two);
    assert_ptr_equal(one->table, two->table);
    assert_int_not_equal(one->serial, two->serial);
    unload(&first);
    unload(&second);
}

static void test_select_verdict_is_kept(void **state)
{
    (void)state;
    struct module app = load_module("/home/kept.py", "app", NULL);
    unsigned before = told.selected;
    const struct mpr_selected *load = judge(&app, "load");
    assert_null(judge(&app, "other"));
    unsigned taken = told.taken;
    assert_int_equal(told.selected, before + 1);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(judge(&app, "load"), load);
        assert_null(judge(&app, "other"));
    }
    assert_int_equal(told.selected, before + 1);
    assert_int_equal(told.taken, taken);
    uintptr_t unselected = mpr_code_extra(code_of(&app, "other"));
    assert_true(mpr_select_is_unselected(unselected));
    assert_false(mpr_select_is_selected(unselected));
    assert_true(mpr_select_is_selected(mpr_code_extra(code_of(&app, "load"))));
    assert_int_not_equal(mpr_select_serial(code_of(&app, "other")), 0);
    assert_int_equal(mpr_select_serial(code_of(&app, "load")), load->serial);
    unload(&app);
}

/* A pattern looks in the user's own code; one with a scope everywhere. */
static void test_select_whose_code(void **state)
{
    (void)state;
    static const struct {
        const char *file, *name, *globals_file;
        bool selected;
    } cases[] = {
        {"/home/a.py", "a", NULL, true},
        {"/stdlib/a.py", "a", NULL, false},
        {"/stdlibs/a.py", "a", NULL, true},
        {"/venv/lib/site-packages/a.py", "a", NULL, false},
        {"/usr/lib/python3/dist-packages/a.py", "a", NULL, false},
        {"<frozen a>", "a", NULL, false},
        {"<frozen a>", "__main__", NULL, false},
        {"<string>", "__main__", NULL, true},
        {"<string>", "a", "/home/a.py", true},
        {"<string>", "a", "/stdlib/a.py", false},
        {"<string>", "a", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct module module = load_module(cases[i].file, cases[i].name, cases[i].globals_file);
        if ((judge(&module, "load") != NULL) != cases[i].selected)
            fail_msg("%s of %s", cases[i].file, cases[i].name);
        unload(&module);
    }
    struct module json = load_module("/stdlib/json/a.py", "json", NULL);
    PyCodeObject *dumps = compile_file("def dumps():\n    pass\n", "/stdlib/json/b.py");
    assert_table(mpr_select(nested_code(dumps, "dumps"), json.globals), "dumps", BY_DUMPS);
    assert_null(judge(&json, "load"));
    Py_DECREF(dumps);
    unload(&json);
}

/* --- the default, and decorators --- */

static struct module script, library;

static void test_select_the_script_by_default(void **state)
{
    (void)state;
    PyObject *main = PyModule_GetDict(PyImport_AddModule("__main__"));
    script = load_module("/home/script.py", "__main__", NULL);
    Py_SETREF(script.globals, Py_NewRef(main));
    library = load_module("/home/library.py", "library", NULL);
    assert_table(mpr_select(script.code, script.globals), "<module>", MPR_REC_BY_DEFAULT);
    assert_table(judge(&script, "other"), "other", MPR_REC_BY_DEFAULT);
    assert_table(judge(&script, "load"), "load", BY_LOAD);
    assert_null(mpr_select(library.code, library.globals));
    assert_null(judge(&library, "other"));
    assert_null(judge(&library, "inner"));
}

static void test_select_decorate(void **state)
{
    (void)state;
    uint32_t generation = mpr_probe->trace.selection_generation;
    const struct mpr_selected *load = judge(&script, "load");
    unsigned forgotten = told.forgotten, unselected = told.unselected;
    mpr_select_decorate(code_of(&library, "other"), library.globals);
    /* The default is over, and with it all verdicts. */
    assert_int_equal(mpr_probe->trace.selection_generation, generation + 2);
    assert_int_equal(told.forgotten, forgotten + 2); /* the function and the one in it */
    assert_false(mpr_select_is_unselected(mpr_code_extra(code_of(&library, "Reader"))));
    assert_table(judge(&library, "other"), "other", MPR_REC_BY_DECORATOR);
    assert_table(judge(&library, "inner"), "other.<locals>.inner", MPR_REC_BY_DECORATOR);
    assert_null(mpr_select(library.code, library.globals));
    assert_null(judge(&script, "other"));
    assert_null(mpr_select(script.code, script.globals));
    assert_int_equal(told.unselected, unselected + 2);
    assert_ptr_equal(judge(&script, "load"), load);
    assert_table(load, "load", BY_LOAD);
}

/* The next one has no default to end: other code keeps its verdicts. */
static void test_select_decorate_again(void **state)
{
    (void)state;
    uint32_t generation = mpr_probe->trace.selection_generation;
    assert_null(judge(&script, "other"));
    mpr_select_decorate(code_of(&script, "other"), script.globals);
    mpr_select_decorate(code_of(&script, "other"), script.globals);
    assert_int_equal(mpr_probe->trace.selection_generation, generation);
    assert_table(judge(&script, "other"), "other", MPR_REC_BY_DECORATOR);
    assert_null(mpr_select(script.code, script.globals));
}

/* What code.replace() makes has file, name and line of the decorated one. */
static void test_select_copies_of_the_decorated(void **state)
{
    (void)state;
    PyObject *replace = PyObject_GetAttrString((PyObject *)code_of(&library, "other"), "replace");
    PyObject *nothing = PyTuple_New(0), *names = Py_BuildValue("{s:i}", "co_stacksize", 9);
    PyObject *copy = PyObject_Call(replace, nothing, names);
    assert_non_null(copy);
    assert_ptr_not_equal(copy, code_of(&library, "other"));
    const struct mpr_selected *selected = mpr_select((PyCodeObject *)copy, library.globals);
    assert_table(selected, "other", MPR_REC_BY_DECORATOR);
    assert_ptr_equal(selected->table, judge(&library, "other")->table);
    Py_DECREF(copy);
    Py_DECREF(names);
    Py_DECREF(nothing);
    Py_DECREF(replace);
    unload(&script);
    unload(&library);
}

/* --- blocks --- */

static void test_select_block(void **state)
{
    (void)state;
    struct module before = load_module("/home/before.py", "app", NULL);
    struct module inside = load_module("/home/inside.py", "app", NULL);
    struct module after = load_module("/home/after.py", "app", NULL);
    assert_null(judge(&before, "other"));
    uint32_t generation = mpr_probe->trace.selection_generation;
    assert_true(mpr_select_block(true)); /* that one is to be judged again */
    assert_int_equal(mpr_probe->trace.selection_generation, generation + 2);
    assert_table(judge(&before, "other"), "other", MPR_REC_BY_DECORATOR);
    assert_table(judge(&inside, "other"), "other", MPR_REC_BY_DECORATOR);
    assert_table(judge(&inside, "load"), "load", BY_LOAD);
    assert_null(judge(&inside, "Reader")); /* a class body is no function */
    assert_null(mpr_select(inside.code, inside.globals));
    assert_false(mpr_select_block(false));
    assert_false(mpr_select_block(true)); /* nobody was passed over */
    assert_false(mpr_select_block(false));
    assert_null(judge(&after, "other"));
    assert_non_null(judge(&inside, "other"));
    assert_true(mpr_select_block(true));
    assert_non_null(judge(&after, "other"));
    assert_false(mpr_select_block(false));
    unload(&before);
    unload(&inside);
    unload(&after);
}

/* --- the end of code --- */

static void test_select_keeps_nothing_of_dead_code(void **state)
{
    (void)state;
    int64_t own = 0;
    for (int i = 0; i < 3000; i++) {
        struct module module = load_module("/home/again.py", "app", NULL);
        assert_non_null(judge(&module, "load"));
        assert_null(judge(&module, "other"));
        unload(&module);
        if (i == 100)
            own = mpr_probe->header->rss.own;
    }
    assert_int_equal(mpr_probe->header->rss.own, own);
    assert_int_equal(told.taken, told.given);
}

static int start(void **state)
{
    (void)state;
    if (start_python(patterns, sizeof patterns / sizeof *patterns, MPR_REC_SELECT_DEFAULT) < 0)
        return -1;
    const struct mpr_trace_config config = {.stdlib = "/stdlib",
        .patterns = patterns,
        .pattern_count = sizeof patterns / sizeof *patterns,
        .by_default = true,
        .watch = &nobody};
    return mpr_select_start(&config, &ops, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select_by_pattern),
        cmocka_unit_test(test_select_comprehension_shares_the_table),
        cmocka_unit_test(test_select_reload_shares_the_table),
        cmocka_unit_test(test_select_verdict_is_kept),
        cmocka_unit_test(test_select_whose_code),
        cmocka_unit_test(test_select_the_script_by_default),
        cmocka_unit_test(test_select_decorate),
        cmocka_unit_test(test_select_decorate_again),
        cmocka_unit_test(test_select_copies_of_the_decorated),
        cmocka_unit_test(test_select_block),
        cmocka_unit_test(test_select_keeps_nothing_of_dead_code),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
