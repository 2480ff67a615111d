# SPDX-License-Identifier: MIT
"""malloc and free that are not found by the search which finds mprun's first: by a handle of the C
library, or in the interpreter itself."""

import subprocess

import pytest

import harness

MIB = 1 << 20

HANDLE = """
import ctypes
libc, own = ctypes.CDLL("libc.so.6"), ctypes.CDLL({library!r})
libc.malloc.restype = libc.realloc.restype = libc.mmap.restype = ctypes.c_void_p
own.give.restype = ctypes.c_void_p
own.give.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
libc.realloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
def keeps():
    return libc.malloc(10 << 20)
def by_version(name, version=b"GLIBC_2.2.5"):
    find = ctypes.CDLL(None).dlvsym
    find.restype, find.argtypes = ctypes.c_void_p, [ctypes.c_void_p] + [ctypes.c_char_p] * 2
    return find(libc._handle, name, version)
def versioned():
    give = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_size_t)(by_version(b"malloc"))
    take = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(by_version(b"free"))
    take(own.give(10 << 20))
    take(give(10 << 20))
    libc.free(give(10 << 20))
def passes_on():
    block = own.give(10 << 20)
    libc.free(block)
def resizes():
    block = own.give(10 << 20)
    block = libc.realloc(block, 20 << 20)
    libc.free(block)
def maps():
    start = libc.mmap(None, 10 << 20, 3, 0x22, -1, 0)
    libc.munmap(start, 10 << 20)
keeps()
for i in range(3):
    passes_on(); resizes(); maps(); versioned()
assert ctypes.CDLL(None).free and not hasattr(libc, "no_such_name")
assert not by_version(b"free", b"GLIBC_1.9") and not by_version(b"no_such_name")
"""

LIBRARY = """
#include <stdlib.h>
#include <string.h>
void *give(size_t size) { return memset(malloc(size), 1, size); }
"""

# Somebody else's malloc of the same name stays what it is.
OTHER = """
#include <stddef.h>
void *malloc(size_t size) { return (void *)(size + 1); }
"""

INTERPRETER = """
#include <string.h>
#include <stddef.h>
int Py_BytesMain(int argc, char **argv);
static char pool[512 << 20] __attribute__((aligned(16)));
static size_t used;
static void *take(size_t align, size_t size)
{
    if (align < 16)
        align = 16;
    size_t at = (__atomic_fetch_add(&used, size + 2 * align, __ATOMIC_RELAXED) + 2 * align - 1) / align * align;
    ((size_t *)(pool + at))[-1] = size;
    return pool + at;
}
void *malloc(size_t size) { return take(16, size); }
void *calloc(size_t n, size_t size) { return take(16, n * size); }
void free(void *block) { (void)block; }
void *memalign(size_t align, size_t size) { return take(align, size); }
void *aligned_alloc(size_t align, size_t size) { return take(align, size); }
int posix_memalign(void **ret, size_t align, size_t size) { *ret = take(align, size); return 0; }
void *realloc(void *old, size_t size)
{
    void *block = take(16, size);
    size_t had = old ? ((size_t *)old)[-1] : 0;
    return old ? memcpy(block, old, had < size ? had : size) : block;
}
int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }
"""


def build(folder, text, name, *options):
    """A program or library of gcc's."""
    (folder / f"{name}.c").write_text(text, encoding="utf-8")
    subprocess.run(["gcc", "-O1", "-fno-builtin", "-o", name, f"{name}.c", *options], cwd=folder,
                   check=True)
    return str(folder / name)


def test_by_handle(tmp_path, host):
    """Given by one and freed by the other: nothing is left, and what is kept is seen."""
    library = build(tmp_path, LIBRARY, "give.so", "-shared", "-fPIC")
    result = harness.profile_program(tmp_path, HANDLE.format(library=library),
                                     *harness.EVERYTHING, host=host)
    left = {name: result.function(name)["heap_delta"]
            for name in ("keeps", "passes_on", "resizes", "maps", "versioned")}
    assert abs(left.pop("keeps") - 10 * MIB) < 10_000, left
    assert all(abs(value) < 100_000 for value in left.values()), left
    taken = {name: sum(row["heap_allocated"] for row in result.function(name)["rows"])
             for name in left}
    assert abs(taken["maps"] - 30 * MIB) < 30_000, taken
    assert abs(taken["resizes"] - 90 * MIB) < 100_000, taken
    assert abs(taken["versioned"] - 90 * MIB) < 200_000, taken


STARTS = """
import ctypes, os, sys
libc = ctypes.CDLL("libc.so.6")
code = "import builtins; print(hasattr(builtins, 'profile'))"
words = (ctypes.c_char_p * 4)(*map(os.fsencode, (sys.executable, "-c", code)), None)
none = (ctypes.c_char_p * 1)(None)
pid = ctypes.c_int()
assert libc.posix_spawn(ctypes.byref(pid), words[0], None, None, words, none) == 0
os.waitpid(pid.value, 0)
libc.system(b"%s -c '%s'" % (words[0], code.replace("'", '"').encode()))
if os.fork() == 0:
    libc.execve(words[0], words, none)
os.wait()
if os.fork() == 0:
    libc.execl(words[0], *words)
os.wait()
"""


def test_starts_by_handle(tmp_path, host):
    """Programs that are started by a handle of libc have the builtins, and are counted."""
    result = harness.profile_program(tmp_path, STARTS, host=host)
    assert result.stdout == b"True\n" * 4 and not result.foreign_stderr, str(result)
    assert any("started 4 processes" in n for n in result.profile["notes"]), result.profile["notes"]


SEARCH = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
void *opens(void) { return dlopen("libinner.so", RTLD_NOW); }
void *free_next(void) { return dlsym(RTLD_NEXT, "free"); }
void *free_of_version(void) { return dlvsym(RTLD_NEXT, "free", "GLIBC_2.2.5"); }
int of_itself(void) { return dlsym(RTLD_NEXT, "of_itself") == NULL; }
int by_default(void) { return dlsym(RTLD_DEFAULT, "by_default") != NULL; }
"""


def test_search_is_the_callers(tmp_path, host):
    """dlopen looks where the calling library says; RTLD_NEXT is next to that, never mprun's."""
    (tmp_path / "inner").mkdir()
    build(tmp_path / "inner", "int inner;", "libinner.so", "-shared", "-fPIC")
    library = build(tmp_path, SEARCH, "search.so", "-shared", "-fPIC",
                    "-Wl,-rpath,$ORIGIN/inner")
    text = f"""
import ctypes
own, libc = ctypes.CDLL({library!r}), ctypes.CDLL("libc.so.6")
for name in "opens", "free_next", "free_of_version":
    getattr(own, name).restype = ctypes.c_void_p
assert own.opens() and own.of_itself() and own.by_default()
print(own.free_next() == own.free_of_version())
"""
    bare = harness.run_python([harness.write_program(tmp_path, text)])
    result = harness.profile_program(tmp_path, text, host=host)
    assert bare.status == 0 and result.stdout == bare.stdout, f"{bare}\n{result}"


def test_leak_budget(tmp_path):
    """A healthy program passes."""
    library = build(tmp_path, LIBRARY, "give.so", "-shared", "-fPIC")
    text = HANDLE.format(library=library).replace("\nkeeps()\n", "\n")
    harness.profile_program(tmp_path, text, "--max-leak", "5MiB")


def test_of_another_library(tmp_path, host):
    """By its own handle it is found as ever."""
    library = build(tmp_path, OTHER, "other.so", "-shared", "-fPIC", "-nostdlib")
    text = (f"import ctypes\nother = ctypes.CDLL({library!r})\n"
            "other.malloc.restype = ctypes.c_void_p\nassert other.malloc(41) == 42\n")
    harness.profile_program(tmp_path, text, host=host)


def test_of_the_interpreter(tmp_path):
    """An interpreter with an allocator in it: a note says what is not seen; the rest holds."""
    linked = harness.link_with_python()
    python = build(tmp_path, INTERPRETER, "python3", "-rdynamic", *linked)
    text = "def work():\n    return [bytearray(1_000_000) for i in range(10)], [0] * 1000\nwork()\n"
    result = harness.profile_program(tmp_path, text, python=python,
                                     env={"PYTHONHOME": harness.PREFIX})
    assert [n for n in result.profile["notes"] if "malloc of its own" in n], result.profile["notes"]
    assert result.function("work")["rows"][1]["heap_allocated"] > 10_000_000
    plain = harness.profile_program(tmp_path, text)
    assert not [n for n in plain.profile["notes"] if "malloc" in n], plain.profile["notes"]
