/* SPDX-License-Identifier: MIT */
/* The version seam: what mprun needs of CPython's frames and code objects. What depends on the
 * version stands in one header a family of versions (python_3_11.h and so on), which meson chooses;
 * nobody else looks inside. GIL held in all calls; none runs Python code or leaves an exception
 * set. What they allocate of the program's memory is temporary, but for what 3.11 has a
 * code object's slots in. */
#ifndef MPRUN_PYTHON_H
#define MPRUN_PYTHON_H

#include MPR_PYTHON_FAMILY /* python_3_11.h and so on, by meson; first: it is CPython's own */

#include <stdbool.h>
#include <stdint.h>

/* Others may have a GIL, a registry of tools and exit handlers of their own: none is mprun's. */
static inline bool mpr_in_main_interpreter(void)
{
    return PyInterpreterState_Get() == PyInterpreterState_Main();
}

/* What identifies a code object, as text. Borrowed until mpr_code_forget. */
struct mpr_code {
    PyCodeObject *code; /* borrowed */
    const char *file;   /* file-system bytes */
    const char *qualname;
    const char *module; /* __name__ of the globals, "" if unknown */
    uint32_t first_line;
    uint32_t last_line; /* largest line of it and of the code nested in it */
    bool comprehension; /* its lines belong to the function around it */
    bool is_module;
    PyObject *held[3]; /* encoded text, owned */
};

/* Fill it; `globals` may be NULL. An exception that is set stays set. */
void mpr_code_describe(PyCodeObject *code, PyObject *globals, struct mpr_code *ret);
void mpr_code_forget(struct mpr_code *described);

/* <listcomp>, <setcomp>, <dictcomp>, <genexpr>. */
bool mpr_is_comprehension_name(const char *name);

/* Call `visit` for each code object among the constants. */
void mpr_code_each_nested(
    PyCodeObject *code, void (*visit)(PyCodeObject *nested, void *data), void *data);

/* Call `visit` for each line of the code and of what is nested in it, some of them often, in no
 * order. */
void mpr_code_each_line(PyCodeObject *code, void (*visit)(uint32_t line, void *data), void *data);

/* Where a search of a code object's location table stands: what asks for the lines of a large
 * module in their order reads its table once. Forget it (zero) when that code dies. */
struct mpr_line_walk {
    const PyCodeObject *code;
    Py_ssize_t at; /* byte of the table */
    int unit;      /* first code unit of the entry there */
    int line;      /* before it */
};

/* The line of a code unit, as PyCode_Addr2Line has it; 0: it has none. */
uint32_t mpr_code_line(const PyCodeObject *code, int unit, struct mpr_line_walk *walk);

/* The exit handler that was registered last is to run as if it had been the first. Nothing happens
 * if `callback` is not that, or where the interpreter's state is not the one mprun was built for.
 */
void mpr_atexit_make_last(const PyObject *callback);

/* The code that runs in this thread, borrowed, and its line (0: it has none); NULL: none does. */
PyCodeObject *mpr_code_running(uint32_t *ret_line);

/* Are these the globals of __main__? */
bool mpr_code_in_main(PyObject *globals);

/* __file__ of the globals, file-system bytes; "" if there is none. */
void mpr_globals_file(PyObject *globals, char *path, size_t size);

/* Text that the interpreter keeps of code without a file. */
struct mpr_kept_text {
    PyObject *lines; /* list or tuple of strings, or one string; borrowed until Python runs */
    bool of_file;    /* it was read from a file, of this size and time (seconds): */
    int64_t size;
    double mtime;
};

/* linecache.c: what linecache has for that code or that file name, without a call of the program's.
 * False if there is none. */
bool mpr_kept_text_find(const struct mpr_code *code, struct mpr_kept_text *ret);
bool mpr_kept_text_find_file(const char *file, struct mpr_kept_text *ret);
/* Its size as UTF-8, each line with an end; 0 if it is no text. The bytes to `to` unless NULL. */
size_t mpr_kept_text_put(const struct mpr_kept_text *text, char *to);

/* What mprun keeps of each code object, a pointer a slot. No slot goes stale: it dies with the
 * code. 3.11 has them in co_extra, later versions in a table of mprun's own, since programs can see
 * that a code object has extra data (3.14 calls no such function stateless). In the main
 * interpreter. */
enum mpr_code_slot {
    MPR_SLOT_VERDICT, /* of trace: see trace/select.h */
    MPR_SLOT_PLACE,   /* of the heap: see python/lines.c */
    MPR_CODE_SLOTS
};

/* Before the slot is used, once; after initialisation. `died` is told a slot that is not NULL when
 * its code object dies. -1 if CPython has no room. */
int mpr_code_reserve(enum mpr_code_slot slot, void (*died)(void *value));

/* False, and the slot is as it was, where there is no memory. Allocates nothing of the program's:
 * callable inside of an allocator. An exception that is set stays set. */
bool mpr_code_set(PyCodeObject *code, enum mpr_code_slot slot, void *value);

/* Nothing is kept any more: no code object has a slot that is not NULL, or, from 3.12 on, has any.
 * `died` is not called. */
void mpr_code_slots_stop(void);

/* In the families' headers: mpr_code_slot(code, slot) is what was set last, NULL before; and
 * mpr_code_slot_unlocked is the same in a thread without the GIL that runs this code, where NULL
 * may also mean that it could not be found out. */

#endif
