# SPDX-License-Identifier: MIT
"""The heap's figures against oracles that are not mprun's: tracemalloc for Python's allocations, arithmetic
for arrays, the kernel for what is resident, plain runs for what the program can notice."""

import json
import pathlib

import pytest

import harness

HERE = pathlib.Path(__file__).parent
MIB = 1 << 20


def rows(result, function="work"):
    """{line: row} of a function."""
    return {row["line"]: row for row in result.function(function)["rows"]}


# --- tracemalloc

def oracle_lines():
    """{line: [change, spike]} as tracemalloc sees them under plain python3."""
    argv = [harness.PYTHON, str(HERE / "heap" / "instrument.py"), str(HERE / "heap" / "lines.py")]
    result = harness.run(argv)
    assert result.status == 0, str(result)
    return {int(line): found for line, found in json.loads(result.stdout).items()}


@pytest.mark.parametrize("env", ({}, {"PYTHONMALLOC": "malloc"}, {"PYTHONDEVMODE": "1"}),
                         ids=lambda env: "".join(env) or "default")
def test_lines_equal_tracemalloc(tmp_path, host, env):
    """Every line of a function, change and spike, to the byte."""
    oracle = oracle_lines()
    result = harness.run_mprun([str(HERE / "heap" / "lines.py")], tmp_path / "out.json", host,
                               ("--func", "measured"), env=env)
    assert result.status == 0, str(result)
    found = rows(result, "measured")
    wrong, compared = [], 0
    for line, (change, spike) in oracle.items():
        row = found[line]
        if row["source"].strip() == "collect()":
            continue  # frees what the readings left
        compared += 1
        if (row["heap_delta"], row["spike"]) != (change, spike):
            wrong.append(f"{line}: {row['heap_delta']}, spike {row['spike']}; tracemalloc: "
                         f"{change}, {spike}: {row['source'].strip()}")
    assert compared > 25 and not wrong, "\n".join(wrong)


INSIDE = """
import gc, tracemalloc
from array import array
gc.disable()
readings = array("q", [0] * 8)

def grow(n):
    return [str(i + 1000) for i in range(n)]

def warm():
    a = grow(3000)
    b = grow(5000)
    del a
    return b

def work():
    a = grow(3000)
    b = grow(5000)
    del a
    return b

def read(at):
    readings[at] = tracemalloc.get_traced_memory()[0]
    readings[at + 1] = tracemalloc.get_tracemalloc_memory()

def measure():
    read(0)
    read(0)
    kept = work()
    read(2)
    return kept

tracemalloc.start()
for _ in range(3):
    warm()
change = own = 0
for _ in range(4):
    kept = measure()
    change += readings[2] - readings[0]
    own += readings[3] - readings[1]
print(change, own)
"""


def test_inside_the_same_target(tmp_path, host):
    """tracemalloc's hooks stand in front of mprun's, and both see the same blocks. Its own tables are the
    program's memory, too: they are counted where they grow, and tracemalloc says how much."""
    result = harness.profile_program(tmp_path, INSIDE, "-f", "measure", host=host)
    change, own = map(int, result.stdout.split())
    row = next(r for r in rows(result, "measure").values() if "work()" in r["source"])
    assert row["hits"] == 4 and change > 1_000_000 and own > 100_000
    # What it does not tell of: a record of 16 bytes for each block (trace_t), 5000 strings a call;
    # and from 3.12 on of the monitoring tables, which mprun takes out again.
    hidden = row["heap_delta"] - change - own
    # A table of its own may double between the two readings of a call.
    assert abs(hidden - 4 * 5000 * 16) <= 128, (row["heap_delta"], change, own)


# --- numpy, calloc: asked for and touched

TOUCH = """
import sys
import numpy as np
SIZE = 512 << 20

def work(percent):
    array = np.zeros(SIZE, np.uint8)
    array[: SIZE * percent // 100 : 4096] = 1
    return array.sum(dtype=np.int64) if percent == 100 else 0

work(int(sys.argv[1]))
"""


@pytest.mark.parametrize("percent", (0, 25, 50, 75, 100))
def test_touched_part(tmp_path, percent, host):
    """The heap column has the whole array where it is made, the RSS column what is touched, where."""
    result = harness.profile_program(tmp_path, TOUCH, "-f", "work", args=[str(percent)],
                                     host=host, env={"OPENBLAS_NUM_THREADS": "1"})
    made, touched = (rows(result)[line] for line in (7, 8))
    assert abs(made["heap_delta"] - 512 * MIB) < 512 * MIB / 1000
    assert abs(made["rss_delta"]) < MIB and abs(touched["heap_delta"]) < 100_000
    assert abs(touched["rss_delta"] - 512 * MIB * percent // 100) <= 512 * MIB / 100
    assert result.profile["heap"]["peak"] > 512 * MIB


# --- tracing takes nothing

TRACED = "\n" * 3200 + """
import gc
gc.disable()

def step(n, text):
    a = n + 1000
    text.upper()
    b = [a]
    b.append(n)
    return a

def run():
    for i in range(1000):
        step(i, "x")

def caught():
    try:
        raise ValueError("x" * 10)
    except ValueError:
        return None

def work():
    run()
    for i in range(10):
        caught()

run()
caught()
work()
"""


@pytest.mark.parametrize("pattern", ("step", "*:*"))
def test_tracing_is_in_no_row(tmp_path, host, pattern):
    """1000 activations beyond line 3000: what is allocated is what it is without tracing."""
    few = harness.profile_program(tmp_path, TRACED, "-f", "work", host=host).profile
    many = harness.profile_program(tmp_path, TRACED, "-f", pattern, "-f", "work",
                                   host=host).profile
    for key in ("allocated", "allocations"):
        work = [sum(row["heap_" + key if key == "allocated" else key] for f in p["functions"]
                    if f["name"] == "work" for row in f["rows"]) for p in (few, many)]
        assert work[0] == work[1] > 0, (key, work)


# The program's ints of two lines come and go, some where other code runs; so do the lists of them.
NUMBERS = "\n" * 3200 + """
import gc

def other(n):
    return [n * 7, n * 11]

def work(n):
    kept = []
    for i in range(n, n + 300):
        kept.append(i * 3)
        kept += other(i)
        if i % 50 == 0:
            del kept[i % 7::2]
        if i % 100 == 0:
            gc.collect()
    more = {i: [i] for i in range(n, n + 300)}
    return sum(map(len, more.values()))

def idle():
    pass

work(20_000)
work(30_000)
idle()
"""


@pytest.mark.parametrize("pattern", ("work", "*:*"))
def test_numbers_of_events_are_in_no_site(tmp_path, host, pattern):
    """Whatever ints CPython has ready, each place allocates what it does where no line has events."""
    collects = 1 + NUMBERS.splitlines().index("            gc.collect()")  # its own moods
    def sites(*patterns):
        result = harness.profile_program(
            tmp_path, NUMBERS, *(word for name in patterns for word in ("-f", name)), host=host)
        return sorted((site["line"], site["domain"], site["allocated"], site["allocations"])
                      for site in result.profile["sites"]
                      if (site["file"] or "").endswith("user.py")
                      and site["function"] != "<module>" and site["line"] != collects)
    unwatched = sites("idle")
    assert sites(pattern, "idle") == unwatched and len(unwatched) > 5



GENERATORS = """
def held(n):
    for i in range(n):
        yield i + 1000

def catching(n):
    for i in range(n):
        try:
            raise ValueError
        except ValueError:
            pass
        yield i

def work():
    a = held(1000)
    frame = a.gi_frame
    for _ in a:
        pass
    del frame, _
    for _ in catching(200):
        pass
    del _

work()
"""


def test_generators_keep_their_frames(tmp_path, host):
    """A generator's frame object that the program holds, or that an exception made, is taken once,
    however often it is resumed."""
    result = harness.profile_program(tmp_path, GENERATORS, "-f", "held", "-f", "catching",
                                     "-f", "work", host=host)
    for name in ("held", "catching", "work"):
        net = sum(row["heap_delta"] for row in rows(result, name).values())
        assert abs(net) < 40_000, (name, net)
    held = sum(row["heap_delta"] for row in rows(result, "catching").values())
    assert abs(held) < 2000, held


FINALIZERS = """
class C:
    def __init__(self):
        self.me = self

    def __del__(self):
        kept.append(bytes(5000))

def work():
    box = []
    for _ in range(20_000):
        box.append(C())
        box.clear()

kept = []
work()
"""


def test_finalizers_inside_tracing_count(tmp_path, host):
    """A collection may start in an object that only tracing makes: what it runs is the program's."""
    result = harness.profile_program(tmp_path, FINALIZERS, "-f", "work", host=host)
    assert result.profile["heap"]["peak"] > 19_000 * 5000
    site = next(s for s in result.profile["sites"] if s["function"] == "C.__del__"
                and s["allocated"] > 1000)
    assert site["allocated"] > 19_000 * 5000 and site["allocations"] > 19_000


WRONG_FREE = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
p = libc.malloc(int(sys.argv[1]))
libc.free(p + 16)
"""


@pytest.mark.parametrize("size", (100_000, 300_000_000, 1_900_000_000))
def test_free_of_what_is_no_block(tmp_path, host, size):
    """The allocator says what it has to say, and ends the program as it does without mprun."""
    path = harness.write_program(tmp_path, WRONG_FREE)
    bare = harness.run_python([path, str(size)])
    result = harness.run_mprun([path, str(size)], tmp_path / "out.json", host)
    assert result.status == bare.status == -6, str(result)
    assert result.foreign_stderr == bare.stderr


SUBINTERPRETER = """
try:
    import _interpreters as subinterpreters
except ImportError:
    import _xxsubinterpreters as subinterpreters
def work():
    interpreter = subinterpreters.create()
    subinterpreters.run_string(interpreter, "x = [[i] for i in range(20000)]; del x")
    subinterpreters.destroy(interpreter)
work()
"""


def test_subinterpreter(tmp_path, host):
    """What another interpreter's code allocates stands at its lines."""
    result = harness.profile_program(tmp_path, SUBINTERPRETER, host=host)
    site = next(s for s in result.profile["sites"] if s["allocated"] > 20000 * 56
                and s["function"] in ("<module>", "<listcomp>") and s["file"].startswith("<"))
    # What it imports at its end is charged to that line, too.
    assert site["line"] == 1 and site["live_at_end"] < 20_000


# --- the law, contexts, the peak

LAW = """
import sys, threading

def fib(n):
    keep.append([n] * 100)
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)

def numbers(n):
    for i in range(n):
        yield [i] * 1000

def outer():
    fib(8)
    data = list(numbers(100))
    more = [bytes(1000) for _ in range(100)]
    return data, more

keep = []
kept = outer()
del keep
"""


def test_law(tmp_path, host):
    """Rows of a function add up to the change over its outermost calls, recursion included, and what is
    live at the peak is no more than the peak, in every row."""
    result = harness.profile_program(tmp_path, LAW, "-f", "fib", "-f", "numbers", "-f", "outer",
                                     host=host)
    fib, outer = rows(result, "fib"), rows(result, "outer")
    call = next(row for row in outer.values() if "fib(8)" in row["source"])
    for key in ("heap_allocated", "heap_freed", "heap_delta", "allocations"):
        total = sum(row[key] for row in fib.values())
        assert abs(total - call[key]) <= (200 if key != "allocations" else 5), (key, total, call)
    assert sum(row["heap_delta"] for row in fib.values()) > 50_000
    peak = result.profile["heap"]["peak"]
    for function in result.profile["functions"]:
        for row in function["rows"]:
            assert 0 <= row["live_at_peak"] <= peak
            assert row["heap_delta"] == row["heap_allocated"] - row["heap_freed"]
    data = next(row for row in outer.values() if "numbers(100)" in row["source"])
    assert data["live_at_end"] > 800_000
    assert abs(data["live_at_end"] - data["heap_delta"]) < 20_000


PEAK = """
def load():
    return [bytes(1000) for _ in range(10_000)]

def spike():
    return len([0] * 5_000_000)

def work():
    first = load()
    n = spike()
    del first
    second = load()
    return second

kept = work()
"""


def test_peak_shares(tmp_path, host):
    """The peak is where it is, and its shares are who held it."""
    result = harness.profile_program(tmp_path, PEAK, "-f", "work", host=host)
    heap, found = result.profile["heap"], rows(result)
    assert heap["peak_function"] == "work" and heap["peak_line"] == 10
    assert found[9]["live_at_peak"] > 10_000_000 and found[10]["live_at_peak"] > 39_000_000
    assert found[12]["live_at_peak"] == 0 and found[12]["live_at_end"] > 10_000_000
    assert abs(found[10]["spike"] - 40_000_000) < 100_000 and found[9]["spike"] < 1000
    sites = sum(site["live_at_peak"] for site in result.profile["sites"])
    assert sites == heap["peak"]
    assert sum(site["live_at_end"] for site in result.profile["sites"]) == heap["end"]
    assert heap["allocated"] - heap["freed"] == heap["end"]


THREADS = """
import threading

def work(n):
    kept = []
    for i in range(200):
        kept.append(bytes(1000 * n))
    return kept

def body(n):
    for _ in range(5):
        work(n)

threads = [threading.Thread(target=body, args=(n,)) for n in (1, 2, 3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
"""


def test_threads_have_their_own(tmp_path, host):
    """Bytes are those of the row's own thread, however the threads interleave."""
    result = harness.profile_program(tmp_path, THREADS, "-f", "work", host=host)
    row = next(r for r in rows(result).values() if "append" in r["source"])
    wanted = 5 * 200 * (1000 + 2000 + 3000)
    assert 0 <= row["heap_allocated"] - wanted < wanted * 0.1  # the list grows, too
    assert row["spike"] < 10_000


# --- ends

@pytest.mark.parametrize("how", ("os._exit(0)", "os.kill(os.getpid(), 9)", "os.abort()"))
def test_sudden_ends(tmp_path, host, how):
    """The row that is open at a sudden death has what its thread did until then, to the byte."""
    text = ("import os, faulthandler\ndef inner():\n    x = bytearray(32 << 20)\n"
            f"    y = bytearray(8 << 20); {how}\ndef work():\n    a = bytes(1000000)\n    inner()\n"
            "work()\n")
    result = harness.run_mprun([harness.write_program(tmp_path, text)], tmp_path / "out.json", host,
                               ("-f", "work", "-f", "inner"))
    inner, work = rows(result, "inner"), rows(result, "work")
    assert abs(inner[3]["heap_delta"] - 32 * MIB) < 2000
    assert abs(inner[4]["heap_delta"] - 8 * MIB) < 2000
    assert abs(work[7]["heap_delta"] - 40 * MIB) < 4000
    assert result.profile["heap"]["end"] > 40 * MIB and result.profile["heap"]["peak"] > 40 * MIB
    assert inner[3]["live_at_end"] > 32 * MIB


LEAK = """
import {imports}
class Node:
    pass

def cycle():
    node = Node()
    node.self = node
    node.data = bytes(1 << 20)

def leak():
    kept.append(bytes(2 << 20))

kept = []
for _ in range(3):
    cycle()
leak()
{last}
"""


@pytest.mark.parametrize("disabled", (False, True))
def test_live_at_the_end(tmp_path, host, disabled):
    """After the interpreter's own last collection, where there is one; only what the program took."""
    text = LEAK.format(imports="gc", last="gc.disable()" if disabled else "")
    result = harness.profile_program(tmp_path, text, host=host)
    sites = {s["function"]: s for s in result.profile["sites"] if s["live_at_end"] > MIB / 2}
    assert sites["leak"]["blocks_at_end"] <= 2 and sites["leak"]["oldest_ns"] > 0
    assert abs(sites["leak"]["live_at_end"] - 2 * MIB) < 1000
    assert ("cycle" in sites) == disabled
    heap = result.profile["heap"]
    assert heap["end_after_collection"] is (not disabled)
    assert heap["before_program"] > MIB / 2


def test_a_packages_import_is_the_program(tmp_path, host):
    """-m imports the package before its __main__ starts: what that takes is not the interpreter's."""
    (tmp_path / "pkg").mkdir()
    harness.write_program(tmp_path / "pkg", "kept = bytes(5 << 20)\n", "__init__.py")
    harness.write_program(tmp_path / "pkg", "import pkg\n", "__main__.py")
    result = harness.run_mprun(["-m", "pkg"], tmp_path / "out.json", host, cwd=tmp_path)
    assert result.status == 0, str(result)
    assert result.profile["heap"]["before_program"] < 3 * MIB
    site = max(result.profile["sites"], key=lambda s: s["live_at_end"])
    assert site["file"].endswith("pkg/__init__.py") and site["live_at_end"] > 5 * MIB


def test_exit_handlers_are_before_the_end(tmp_path, host):
    """With the collector off, what threads and exit handlers free is no leak; atexit stays unimported."""
    text = ("import gc, sys, threading, time\ngc.disable()\nprint('atexit' in sys.modules)\n"
            "import atexit\nkept, more = [bytes(3 << 20)], [bytes(4 << 20)]\n"
            "atexit.register(kept.clear)\n"
            "def work():\n    time.sleep(0.1)\n    more.clear()\n"
            "threading.Thread(target=work).start()\n")
    result = harness.profile_program(tmp_path, text, host=host)
    assert result.stdout == harness.run_python([str(tmp_path / "user.py")]).stdout == b"False\n"
    heap = result.profile["heap"]
    assert heap["end"] - heap["before_program"] < 2 * MIB < heap["peak"] - 4 * MIB


def test_uncaught_exception_is_told(tmp_path, host):
    """What a traceback keeps alive is live, and the report says why."""
    text = "def work():\n    data = bytes(5 << 20)\n    raise KeyError(data[:3])\nwork()\n"
    result = harness.profile_program(tmp_path, text, status=1, host=host)
    assert rows(result)[2]["live_at_end"] > 5 * MIB
    assert any("last_traceback" in note for note in result.profile["notes"])
