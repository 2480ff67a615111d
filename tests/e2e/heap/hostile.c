/* SPDX-License-Identifier: MIT */
/* An extension module that calls every allocator entry point with sizes that nothing else asks for,
 * and keeps what it got, so that a test finds each of them by its size. hostile.run(what) calls one
 * group of them; the groups stand in `groups`. */
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <errno.h>
#include <frameobject.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE ((size_t)4096)

/* The compiler may not leave pairs of malloc and free out. */
static void *volatile sink;

static void *keep(void *block)
{
    sink = block;
    return block;
}

static void fail(const char *what)
{
    fprintf(stderr, "hostile: %s\n", what);
    abort();
}

static void check(bool good, const char *what)
{
    if (!good)
        fail(what);
}

/* Functions that the loader fills in as data. */
static void *(*volatile by_table[])(void *, size_t) = {realloc};

static void entries(void)
{
    void *block;
    keep(malloc(1000003));
    keep(calloc(7, 142859)); /* 1000013 */
    keep(by_table[0](NULL, 1000033));
    block = keep(malloc(11));
    keep(realloc(block, 1000037));
    keep(reallocarray(NULL, 3, 333359)); /* 1000077 */
    block = keep(memalign(4096, 1000081));
    check((uintptr_t)block % 4096 == 0, "memalign");
    check(posix_memalign(&block, 1 << 16, 1000099) == 0 && (uintptr_t)block % (1 << 16) == 0,
        "posix_memalign");
    block = keep(aligned_alloc(64, 1000128));
    check((uintptr_t)block % 64 == 0, "aligned_alloc");
    keep(valloc(1000117));
    keep(pvalloc(1000121));
    keep(PyMem_RawMalloc(1000151));
    keep(PyMem_RawCalloc(1, 1000159));
    keep(PyMem_Malloc(1000171));
    keep(PyMem_Calloc(1, 1000183));
    keep(PyObject_Malloc(1000187));
    keep(PyObject_Calloc(1, 1000193));
    keep(PyMem_Realloc(PyMem_Malloc(5), 1000199));
    keep(PyObject_Realloc(PyObject_Malloc(600), 1000211));
    keep(PyMem_RawRealloc(PyMem_RawMalloc(5), 1000213));
}

/* What must leave nothing behind. */
static void nothing(void)
{
    void *block = keep(malloc(2000003));
    errno = 77;
    free(block);
    check(errno == 77, "free changes errno");
    free(NULL);
    block = keep(malloc(2000029));
    errno = 0;
    check(!realloc(block, (size_t)PTRDIFF_MAX) && errno == ENOMEM, "realloc that must fail");
    memset(block, 1, 2000029);
    free(block);
    block = keep(malloc(2000039));
    check(!realloc(block, 0), "realloc to 0 frees here");
    check(!reallocarray(NULL, SIZE_MAX / 2, 3) && errno == ENOMEM, "reallocarray overflow");
    check(!calloc(SIZE_MAX / 2, 3), "calloc overflow");
    errno = 0;
    check(!malloc((size_t)PTRDIFF_MAX) && errno == ENOMEM, "malloc that must fail");
    check(!PyMem_Malloc((size_t)PY_SSIZE_T_MAX), "PyMem_Malloc that must fail");
    block = PyMem_Malloc(2000081);
    check(block && !PyMem_Realloc(block, (size_t)PY_SSIZE_T_MAX), "PyMem_Realloc that must fail");
    PyMem_Free(block);
    block = PyObject_Malloc(0);
    PyObject_Free(block);
    block = keep(malloc(0));
    free(block);
    block = PyMem_RawMalloc(2000083);
    PyMem_RawFree(block);
}

static char *map(size_t size, int protection, int flags, void *at)
{
    char *start = mmap(at, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    check(start != MAP_FAILED, "mmap");
    return start;
}

/* What is left of each is a number of pages that only it has. */
static void maps(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    map(PAGE * 301 - 17, rw, 0, NULL);
    char *start = map(PAGE * 1000, rw, 0, NULL); /* a hole in the middle: 307 left */
    check(munmap(start + PAGE * 200, PAGE * 693) == 0, "munmap");
    start = map(PAGE * 400, rw, 0, NULL);
    map(PAGE * 89, PROT_NONE, MAP_FIXED, start); /* 311 writable ones left */
    start = map(PAGE * 100, rw, 0, NULL);
    check(mremap(start, PAGE * 100, PAGE * 313, MREMAP_MAYMOVE) != MAP_FAILED, "mremap grows");
    start = map(PAGE * 700, rw, 0, NULL);
    check(mremap(start, PAGE * 700, PAGE * 317, 0) == start, "mremap shrinks");
    start = map(PAGE * 500, rw, 0, NULL);
    char *target = map(PAGE * 331, rw, 0, NULL); /* moves 331 of 500, over a map, and splits */
    check(mremap(start + PAGE * 100, PAGE * 331, PAGE * 331, MREMAP_MAYMOVE | MREMAP_FIXED,
              target) == target,
        "mremap fixed");
    check(munmap(start, PAGE * 100) == 0 && munmap(start + PAGE * 431, PAGE * 69) == 0, "munmap");
    check(munmap(start + 1, PAGE) != 0 && errno == EINVAL, "munmap that must fail");
    map(PAGE * 5000, PROT_NONE, MAP_NORESERVE, NULL);
    check(mmap(NULL, PAGE * 6000, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED, "shared");
    map(PAGE * 7000, PROT_READ, 0, NULL);
}

static void *foreign(void *unused)
{
    (void)unused;
    keep(malloc(3000017));
    free(keep(malloc(3000029)));
    PyGILState_STATE state = PyGILState_Ensure();
    keep(PyMem_Malloc(3000047));
    keep(malloc(3000061));
    PyGILState_Release(state);
    keep(malloc(3000073));
    return NULL;
}

static pthread_key_t key;

static void at_exit_of_thread(void *value)
{
    free(value);
    keep(malloc(3000089));
}

static void *exits(void *unused)
{
    (void)unused;
    pthread_setspecific(key, malloc(3000103));
    return NULL;
}

static void run_thread(void *(*start)(void *))
{
    pthread_t thread;
    check(pthread_create(&thread, NULL, start, NULL) == 0, "pthread_create");
    pthread_join(thread, NULL);
}

static void threads(void)
{
    pthread_key_create(&key, at_exit_of_thread);
    Py_BEGIN_ALLOW_THREADS keep(malloc(3000131));
    run_thread(foreign);
    run_thread(exits);
    Py_END_ALLOW_THREADS
}

static void child(void)
{
    void *block = malloc(4000009);
    pid_t pid = fork();
    if (pid == 0) {
        free(block);
        keep(malloc(4000037));
        keep(PyMem_Malloc(4000057));
        for (int i = 0; i < 10000; i++)
            free(keep(malloc((size_t)i)));
        _exit(munmap(mmap(NULL, PAGE * 10, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                  PAGE * 10) == 0
                  ? 0
                  : 1);
    }
    int status = -1;
    check(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "the child died");
}

/* calloc gives untouched pages, realloc of a map moves none, memmove may overlap. */
static void speed(void)
{
    char *block = keep(calloc(1, (size_t)512 << 20));
    check(block[0] == 0 && block[300 << 20] == 0, "calloc");
    free(block);
    block = keep(malloc(1 << 20));
    for (size_t size = 1 << 20; size <= (size_t)256 << 20; size += 1 << 20)
        block = keep(realloc(block, size));
    for (int i = 0; i < 4096; i++)
        block[i] = (char)i;
    memmove(block + 7, block, 4000);
    check(block[7] == 0 && block[1007] == (char)1000, "memmove");
    free(block);
}

/* What Cython makes with line tracing calls the trace function, with frames that do not run. */
#if PY_VERSION_HEX < 0x030c0000
static void compiled(void)
{
    static const int events[] = {
        PyTrace_CALL, PyTrace_LINE, PyTrace_LINE, PyTrace_EXCEPTION, PyTrace_RETURN};
    PyThreadState *ts = PyThreadState_Get();
    PyCodeObject *code = PyCode_NewEmpty("made.pyx", "compiled", 10);
    PyFrameObject *frame = PyFrame_New(ts, code, PyEval_GetGlobals(), NULL);
    for (size_t i = 0; ts->c_tracefunc && i < sizeof events / sizeof *events; i++)
        ts->c_tracefunc(ts->c_traceobj, frame, events[i], Py_None);
    keep(PyMem_Malloc(50021));
    Py_DECREF(frame);
    Py_DECREF(code);
}
#else
static void compiled(void)
{
    keep(PyMem_Malloc(50021));
}
#endif

static const struct {
    const char *name;
    void (*run)(void);
} groups[] = {{"entries", entries}, {"nothing", nothing}, {"maps", maps}, {"threads", threads},
    {"child", child}, {"speed", speed}, {"compiled", compiled}};

static PyObject *run(PyObject *self, PyObject *argument)
{
    const char *name = PyUnicode_AsUTF8(argument);
    (void)self;
    for (size_t i = 0; name && i < sizeof groups / sizeof *groups; i++) {
        if (strcmp(groups[i].name, name) == 0) {
            groups[i].run();
            Py_RETURN_NONE;
        }
    }
    PyErr_Format(PyExc_ValueError, "no group is called %R", argument);
    return NULL;
}

static PyMethodDef methods[] = {{"run", run, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "hostile", NULL, -1, methods};

PyMODINIT_FUNC PyInit_hostile(void)
{
    return PyModule_Create(&module);
}
