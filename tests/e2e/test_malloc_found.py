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
    passes_on(); resizes(); maps()
assert ctypes.CDLL(None).free and not hasattr(libc, "no_such_name")
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
            for name in ("keeps", "passes_on", "resizes", "maps")}
    assert abs(left.pop("keeps") - 10 * MIB) < 10_000, left
    assert all(abs(value) < 10_000 for value in left.values()), left
    taken = {name: sum(row["heap_allocated"] for row in result.function(name)["rows"])
             for name in left}
    assert abs(taken["maps"] - 30 * MIB) < 30_000, taken
    assert abs(taken["resizes"] - 90 * MIB) < 100_000, taken


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
    asked = subprocess.run([harness.PYTHON, "-c", "import sysconfig as s; print(s.get_config_var("
                            "'LIBDIR'), s.get_config_var('INSTSONAME'))"],
                           stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    if ".so" not in asked[1]:
        pytest.skip("this Python has no shared library")
    python = build(tmp_path, INTERPRETER, "python3", "-rdynamic", f"-L{asked[0]}",
                   f"-l:{asked[1]}", f"-Wl,-rpath,{asked[0]}")
    text = "def work():\n    return [bytearray(1_000_000) for i in range(10)], [0] * 1000\nwork()\n"
    result = harness.profile_program(tmp_path, text, python=python,
                                     env={"PYTHONHOME": harness.PREFIX})
    assert [n for n in result.profile["notes"] if "malloc of its own" in n], result.profile["notes"]
    assert result.function("work")["rows"][1]["heap_allocated"] > 10_000_000
    plain = harness.profile_program(tmp_path, text)
    assert not [n for n in plain.profile["notes"] if "malloc" in n], plain.profile["notes"]
