/* SPDX-License-Identifier: MIT */
/* The version seam: what mprun needs of CPython's frames and code objects. What depends on the
 * version stands in one header a family of versions (python_3_11.h and so on), which meson chooses;
 * nobody else looks inside. GIL held in all calls; none runs Python code or leaves an exception
 * set. What they allocate of the program's memory is temporary, but for the word. */
#ifndef MPRUN_PYTHON_H
#define MPRUN_PYTHON_H

#include MPR_PYTHON_FAMILY /* python_3_11.h and so on, by meson; first: it is CPython's own */

#include <stdbool.h>
#include <stdint.h>

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

/* Reserve mprun's word in each code object; call once after initialisation. -1 if none is free.
 * `died` is told the word of a code object that dies. */
int mpr_code_reserve_word(void (*died)(void *word));
void mpr_code_set_word(PyCodeObject *code, uintptr_t word);

/* Objects/codeobject.c keeps this to itself; the function that reads it (PyUnstable_Code_GetExtra)
 * costs a call and a look-up of the interpreter at each start of a function. */
struct mpr_code_extra {
    Py_ssize_t size;
    void *word[];
};

static inline void *mpr_code_extra(const PyCodeObject *code, Py_ssize_t index)
{
    const struct mpr_code_extra *extra = (const struct mpr_code_extra *)code->co_extra;
    return extra && extra->size > index ? extra->word[index] : NULL;
}

extern Py_ssize_t mpr_code_word_index;

/* The word, 0 if never set. It dies with the code object, so it cannot go stale. */
static inline uintptr_t mpr_code_word(const PyCodeObject *code)
{
    return (uintptr_t)mpr_code_extra(code, mpr_code_word_index);
}

#endif
