# SPDX-License-Identifier: MIT
"""Libraries that check or replace malloc: what stands behind mprun's is what would stand there
without it."""

import signal
import subprocess

import pytest

import harness

# Writes behind the end of a block that was asked for as the interpreter asks.
OVERFLOW = """
import ctypes, sys
api = ctypes.pythonapi
api.PyMem_RawMalloc.restype = ctypes.c_void_p
api.PyMem_RawMalloc.argtypes = [ctypes.c_size_t]
api.PyMem_RawRealloc.restype = ctypes.c_void_p
api.PyMem_RawRealloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
api.PyMem_RawFree.argtypes = [ctypes.c_void_p]
def work(size):
    block = api.PyMem_RawRealloc(api.PyMem_RawMalloc(100), size)
    ctypes.memset(block, 1, size + int(sys.argv[1]))
    api.PyMem_RawFree(block)
work(1000)
work(5_000_000)
print("done", flush=True)
"""


def test_malloc_check(tmp_path, host):
    """libc_malloc_debug.so finds what it finds under the plain interpreter."""
    script = harness.write_program(tmp_path, OVERFLOW)
    env = {"LD_PRELOAD": "libc_malloc_debug.so.0", "MALLOC_CHECK_": "3"}
    if harness.run_python([script, "1"], env=env).status != -signal.SIGABRT:
        pytest.skip("there is no libc_malloc_debug.so.0 here")
    for beyond in "0", "1":
        bare = harness.run_python([script, beyond], env=env)
        result = harness.run_mprun([script, beyond], tmp_path / "out.json", host=host, env=env,
                                   options=harness.EVERYTHING)
        assert (result.status, result.stdout) == (bare.status, bare.stdout), str(result)
        assert result.foreign_stderr == bare.stderr, f"{bare}\n{result}"
        harness.assert_armed(result, host)
    result = harness.run_mprun([script, "0"], tmp_path / "out.json", host=host, env=env,
                               options=harness.EVERYTHING)
    rows = result.function("work")["rows"]
    assert sum(row["heap_allocated"] for row in rows) > 5_000_000
    assert abs(result.function("work")["heap_delta"]) < 10_000


def sanitizer():
    """gcc's libasan, as LD_PRELOAD names it."""
    asked = subprocess.run(["gcc", "-print-file-name=libasan.so"], stdout=subprocess.PIPE,
                           check=True, text=True).stdout.strip()
    found = subprocess.run(["objdump", "-p", asked], stdout=subprocess.PIPE, check=False, text=True)
    words = found.stdout.split()
    if "SONAME" not in words:
        pytest.skip("there is no libasan here")
    return words[words.index("SONAME") + 1]


WORK = """
import os
def work():
    return len([bytearray(1_000_000) for i in range(5)])
work()
print(os.environ.get("LD_PRELOAD"), flush=True)
"""


def assert_works(result, host, preloaded):
    """Python's own memory is counted, and a note says whose is not."""
    assert result.stdout.decode() == f"{preloaded}\n" and not result.foreign_stderr, str(result)
    assert result.status == 0, str(result)
    harness.assert_armed(result, host)
    taken = sum(row["heap_allocated"] for row in result.function("work")["rows"])
    assert taken > 5_000_000, taken
    noted = any("malloc of its own" in note for note in result.profile["notes"])
    assert noted == (host == "interpreter"), result.profile["notes"]


def test_preloaded_sanitizer(tmp_path, host):
    """It stays the first library, and nothing is left of mprun's beside it."""
    script = harness.write_program(tmp_path, WORK)
    name = sanitizer()
    for preloaded in (name, f"{name} libm.so.6"):
        env = {"LD_PRELOAD": preloaded, "ASAN_OPTIONS": "detect_leaks=0"}
        result = harness.run_mprun([script], tmp_path / "out.json", host=host, env=env,
                                   options=harness.EVERYTHING)
        assert_works(result, host, preloaded)


SANITIZED = """
int Py_BytesMain(int argc, char **argv);
int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }
"""


def test_sanitized_interpreter(tmp_path):
    """Refused with the way out, which is one."""
    linked = harness.link_with_python()
    name, python = sanitizer(), tmp_path / "python3"
    (tmp_path / "python3.c").write_text(SANITIZED, encoding="utf-8")
    subprocess.run(["gcc", "-fsanitize=address", "-o", python, "python3.c", *linked], cwd=tmp_path, check=True)
    script = harness.write_program(tmp_path, WORK)
    env = {"ASAN_OPTIONS": "detect_leaks=0", "PYTHONHOME": harness.PREFIX}
    result = harness.run_mprun([script], tmp_path / "out.json", python=str(python), env=env)
    assert (result.status, result.stdout, len(result.own_lines)) == (125, b"", 1), str(result)
    other = harness.run_mprun([script], tmp_path / "out.json", python=str(python),
                              env={**env, "LD_PRELOAD": "libubsan.so.1"})
    assert other.status == 125 and other.own_lines == result.own_lines, str(other)
    assert f"LD_PRELOAD={name}" in result.own_lines[0] and not result.foreign_stderr, str(result)
    result = harness.run_mprun([script], tmp_path / "out.json", python=str(python),
                               env={**env, "LD_PRELOAD": name}, options=harness.EVERYTHING)
    assert_works(result, "interpreter", name)
    result = harness.run_mprun([script], tmp_path / "out.json", python=str(python), env=env,
                               host="embedded", options=harness.EVERYTHING)
    assert_works(result, "embedded", None)
