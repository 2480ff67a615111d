# SPDX-License-Identifier: MIT
"""Libraries that check or replace malloc: what stands behind mprun's is what would stand there
without it."""

import signal

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
