# SPDX-License-Identifier: MIT
"""A C extension that asks every allocator for sizes that nobody else asks for: each must stand at the line
that called it, in its domain; what fails, is freed or happens in a child must not. Also loaded with
RTLD_DEEPBIND, under other allocators, and under every PYTHONMALLOC."""

import os
import pathlib
import subprocess
import sysconfig

import pytest

import harness

HERE = pathlib.Path(__file__).parent
PAGE = 4096
NATIVE = (1000003, 1000013, 1000033, 1000037, 1000077, 1000081, 1000099, 1000128, 1000117, 1000121)
PYTHON = (1000151, 1000159, 1000171, 1000183, 1000187, 1000193, 1000199, 1000211, 1000213)
MAPS = (301, 307, 311, 313, 317, 331)

SCRIPT = """
import os, sys
sys.path.insert(0, {folder!r})
sys.setdlopenflags(os.RTLD_NOW | {flags})
import hostile

def call(name):
    hostile.run(name)
    return 1

for name in sys.argv[1:]:
    call(name)
"""


@pytest.fixture(scope="module")
def extension(tmp_path_factory):
    """The folder with the built extension."""
    folder = tmp_path_factory.mktemp("extension")
    subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-fno-builtin", "-Wall", "-Werror",
                    "-Wno-alloc-size-larger-than",
                    "-I" + sysconfig.get_path("include"), "-o", str(folder / "hostile.so"),
                    str(HERE / "heap" / "hostile.c"), "-lpthread"], check=True)
    return folder


def run(extension, tmp_path, *groups, host=None, flags=0, env=None, options=()):
    """mprun over the script; returns the result, and the sites of `hostile.run(name)` by domain."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(folder=str(extension), flags=flags), encoding="utf-8")
    result = harness.run_mprun([str(script), *groups], tmp_path / "out.json", host,
                               ("-f", "call", *options), env=env)
    assert result.status == 0, str(result)
    sites = {site["domain"]: site for site in result.profile["sites"] or ()
             if site["function"] == "call" and site["line"] == 8}
    return result, sites


ENVIRONMENTS = ({}, {"PYTHONMALLOC": "malloc"}, {"PYTHONMALLOC": "pymalloc_debug"},
                {"PYTHONMALLOC": "malloc_debug"}, {"PYTHONDEVMODE": "1"})


@pytest.mark.parametrize("env", ENVIRONMENTS, ids=lambda env: "".join(env.values()) or "default")
def test_every_entry_point(extension, tmp_path, host, env):
    """Each block counts with the size that was asked for, at the line that runs."""
    result, sites = run(extension, tmp_path, "entries", host=host, env=env)
    row = result.function("call")["rows"][1]
    assert abs(sites["native"]["live_at_end"] - sum(NATIVE)) < 100, sites
    assert abs(sites["python"]["live_at_end"] - sum(PYTHON)) < 1000, sites
    assert sites["native"]["blocks_at_end"] == len(NATIVE)
    assert abs(row["heap_delta"] - sum(NATIVE) - sum(PYTHON)) < 1000
    assert row["live_at_end"] >= sum(NATIVE) + sum(PYTHON)


def test_failures_and_frees_leave_nothing(extension, tmp_path, host):
    """A reallocation that fails leaves its block, one to 0 frees it, errno stays."""
    result, sites = run(extension, tmp_path, "nothing", host=host)
    row = result.function("call")["rows"][1]
    assert abs(row["heap_delta"]) < 1000 and row["heap_allocated"] > 10_000_000
    assert sites["native"]["live_at_end"] == 0 and sites["native"]["blocks_at_end"] == 0
    assert sites["python"]["live_at_end"] < 1000


def test_maps(extension, tmp_path, host):
    """Holes, maps over maps, moves that grow, shrink and split; only writable private ones."""
    result, sites = run(extension, tmp_path, "maps", host=host)
    assert sites["mmap"]["live_at_end"] == sum(MAPS) * PAGE, sites
    row = result.function("call")["rows"][1]
    assert abs(row["heap_delta"] - sum(MAPS) * PAGE) < 1000


def test_compiled_functions_have_no_rows(extension, tmp_path, host):
    """Trace events for a frame in which nothing runs are not a function's; what it took is its
    caller's."""
    result, sites = run(extension, tmp_path, "compiled", host=host, options=("-f", "*:*"))
    assert "compiled" not in {f["name"] for f in result.profile["functions"]}
    assert sites["python"]["live_at_end"] >= 50021 and not result.profile["dropped"]
    assert [row["hits"] for row in result.function("call")["rows"]] == [0, 1, 1]
    assert 50021 <= result.function("call")["rows"][1]["heap_delta"] < 52_000


def test_threads(extension, tmp_path, host):
    """A thread that Python knows has its line also without the GIL; one that it does not know has
    none, but while it calls into Python."""
    result, sites = run(extension, tmp_path, "threads", host=host)
    assert abs(sites["native"]["live_at_end"] - 3000131) < 1000, sites
    foreign = {(s["function"], s["domain"]): s["live_at_end"] for s in result.profile["sites"]
               if s["file"] is None}
    assert abs(foreign["<native thread>", "native"] - (3000017 + 3000073 + 3000089)) < 1000, foreign
    assert abs(foreign["<interpreter>", "python"] - 3000047) < 20_000, foreign
    assert abs(foreign["<interpreter>", "native"] - 3000061) < 20_000, foreign


def test_forked_child(extension, tmp_path, host):
    """What a child does with its copy is not in the parent's figures, and does no harm."""
    result, sites = run(extension, tmp_path, "child", host=host)
    assert abs(sites["native"]["live_at_end"] - 4000009) < 1000, sites
    assert result.function("call")["rows"][1]["heap_delta"] < 4_100_000


def test_deepbind(extension, tmp_path, host):
    """An object that binds malloc past mprun is bound to mprun all the same."""
    result, sites = run(extension, tmp_path, "entries", "nothing", "maps", "child", host=host,
                        flags=os.RTLD_DEEPBIND)
    assert abs(sites["native"]["live_at_end"] - sum(NATIVE) - 4000009) < 1000, (sites, str(result))
    assert sites["mmap"]["live_at_end"] == sum(MAPS) * PAGE


ALLOCATORS = ("libjemalloc", "libmimalloc")


@pytest.mark.parametrize("name", ALLOCATORS)
def test_users_own_allocator(extension, tmp_path, host, name):
    """A preloaded allocator stays the program's, is tracked, and is named."""
    path = next(pathlib.Path("/usr/lib/x86_64-linux-gnu").glob(f"{name}.so.?"), None)
    assert path, f"{name} is missing: ./bootstrap packages test"
    probe = tmp_path / "maps.py"
    probe.write_text("print(open('/proc/self/maps').read())\n"
                     "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.malloc.restype = "
                     "ctypes.c_void_p\nx = [libc.malloc(8) for i in range(1000)]\n"
                     "print(len(set(i // 16 for i in x)) < 999)\n", encoding="utf-8")
    env = {"LD_PRELOAD": str(path)}
    result = harness.run_mprun([str(probe)], tmp_path / "probe.json", host, env=env)
    assert result.status == 0 and name in result.stdout.decode(), str(result)
    assert result.profile["heap"]["allocator"].startswith(name)
    assert any(name in note for note in result.profile["notes"])
    small = [s for s in result.profile["sites"] if s["domain"] == "native" and s["line"] == 5]
    assert small and small[0]["live_at_end"] >= 8000, small
    script_result, sites = run(extension, tmp_path, "entries", "threads", host=host, env=env)
    assert abs(sites["native"]["live_at_end"] - sum(NATIVE) - 3000131) < 2000, sites
    assert abs(sites["python"]["live_at_end"] - sum(PYTHON)) < 1000, sites
    assert script_result.function("call")["calls"] == 2


def test_speed_and_rss_stay(extension, tmp_path, host):
    """calloc stays unresident, a growing realloc and memmove keep their speed."""
    result, _ = run(extension, tmp_path, "speed", host=host)
    row = result.function("call")["rows"][1]
    assert row["rss_max"] - result.profile["rss"]["start"] < 16 << 20
    assert result.profile["rss"]["peak"] - result.profile["rss"]["start"] < 16 << 20
    assert row["time_ns"] < 100_000_000
    assert row["spike"] >= 512 << 20
