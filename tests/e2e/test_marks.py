# SPDX-License-Identifier: MIT
"""The module `mprun` inside the program: marks, snapshots, sections, figures."""

import json
import pathlib
import subprocess
import sys

import harness
import pytest


def lines_of(result):
    """What a program printed, as JSON."""
    return [json.loads(line) for line in result.stdout.splitlines()]


MARKS = """
import json, mprun
def f():
    mprun.mark("before")
    kept = bytearray(20_000_000)
    mprun.mark(name="held")
    del kept
    mprun.mark("after")
mprun.mark("before")
f()
print(json.dumps(mprun.current()))
"""


def test_marks_stand_in_the_report(tmp_path, host):
    """Each call is an entry, with the figures of that moment, in their order."""
    result = harness.profile_program(tmp_path, MARKS, host=host)
    marks = result.profile["marks"]
    assert [mark["name"] for mark in marks] == ["before", "before", "held", "after"]
    before, held, after = marks[1:]
    assert held["heap"] - before["heap"] in range(20_000_000, 20_001_000)
    assert after["heap"] - before["heap"] in range(-1000, 1000)
    assert after["heap_peak"] >= held["heap"] and before["heap_peak"] < held["heap"]
    assert held["rss"] - before["rss"] > 15_000_000 and after["rss_peak"] >= held["rss"]
    assert held["heap"] == held["python"] + held["native"] and held["snapshot"] is None
    assert [mark["t_ns"] for mark in marks] == sorted(mark["t_ns"] for mark in marks)
    assert marks[-1]["t_ns"] < result.profile["duration_ns"]
    heap, rss, heap_peak, rss_peak, python, native = lines_of(result)[0]
    assert heap == python + native and heap_peak == after["heap_peak"] >= 20_000_000
    assert rss_peak >= held["rss"]


def test_the_text_report_has_them(tmp_path):
    """Marks and sections are two small tables."""
    script = harness.write_program(tmp_path, MARKS + "with mprun.section('end'): pass\n")
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, script])
    text = result.stdout.decode()
    assert "\nMarks   MiB\n" in text and text.count("  before\n") == 2, text
    assert "\nSections   MiB\n" in text and text.split("At end\n")[-1].split("\n")[0].endswith("end"), text


PEAKS = """
import json, mprun; __import__("gc").disable()
def spike(n): return len(bytearray(n))
spike(30_000_000)
seen = [mprun.current()]
mprun.reset_peak()
seen.append(mprun.current())
spike(5_000_000)
seen.append(mprun.current())
mprun.reset_peak()
with mprun.section("inner"):
    spike(7_000_000)
seen.append(mprun.current())
print(json.dumps([now._asdict() if hasattr(now, "_asdict") else
                  {name: getattr(now, name) for name in ("heap", "heap_peak", "rss", "rss_peak")}
                  for now in seen]))
"""


def test_peaks_begin_anew_for_the_program_only(tmp_path, host):
    """reset_peak() is for current() and marks: the run's peak, and who held it, stay what they are.
    Sections and resets do not take each other's high marks."""
    result = harness.profile_program(tmp_path, PEAKS, host=host)
    first, reset, later, last = lines_of(result)[0]
    assert first["heap_peak"] - first["heap"] in range(29_999_000, 30_500_000)
    assert reset["heap_peak"] - reset["heap"] in range(0, 1000)
    assert later["heap_peak"] - later["heap"] in range(5_000_000, 5_001_000)
    assert last["heap_peak"] - last["heap"] in range(7_000_000, 7_001_000)
    assert result.profile["heap"]["peak"] == first["heap_peak"]
    assert result.profile["heap"]["peak_line"] == 3
    section, = result.profile["sections"]
    assert section["spike"] in range(6_999_857, 7_000_300)
    if first["rss"] is not None:
        assert reset["rss_peak"] < first["rss_peak"]
        assert result.profile["rss"]["peak"] >= first["rss_peak"] - 200_000


OWN_GROWS = """
import mprun
kept = bytearray(3_000_000)
del kept
mprun.mark("peak")
lots = [mprun.section(str(n)) for n in range(4000)]
for section in lots:
    with section:
        pass
for n in range(50_000):
    mprun.mark("own")
"""


def test_the_peak_of_rss_never_falls(tmp_path):
    """Own pages that come later are not taken from a peak that was told already, nor is the run's
    peak less than that."""
    result = harness.profile_program(tmp_path, OWN_GROWS)
    peaks = [mark["rss_peak"] for mark in result.profile["marks"]]
    if peaks[0] is not None:
        assert peaks == sorted(peaks), (peaks[0], peaks[-1])
        assert result.profile["rss"]["peak"] >= peaks[-1]


SECTIONS = """
import mprun; __import__("gc").disable()
kept = [None] * 100

@mprun.section("make")
def make(n, *, at=0):
    "Makes."
    kept[at] = bytes(n)
    return n

@mprun.section("down")
def down(n):
    if n:
        kept[50 + n] = bytearray(1000)
        down(n - 1)

class Shop:
    @mprun.section("method")
    def sell(self, n):
        return self, make(n, at=1)
    @staticmethod
    @mprun.section("static")
    def open(n): return n
    @classmethod
    @mprun.section("class")
    def close(cls, n): return cls, n

with mprun.section("block") as section:
    make(100_000, at=2)
    make(200_000, at=3)
    bytes(int(5_000_000))
assert section.name == "block" and repr(section) == "mprun.section('block')"
shop = Shop()
assert shop.sell(10) == (shop, 10) and Shop.sell(shop, n=10) == (shop, 10)
bound = shop.sell
assert bound(10) == (shop, 10) and bound.__self__ is shop and bound.__func__ is Shop.__dict__["sell"]
assert Shop.open(3) == shop.open(3) == 3 and Shop.close(4) == shop.close(4) == (Shop, 4)
down(10)
for _ in range(3):
    with section:
        with section: kept[20] = None
try:
    with mprun.section("raises"): raise KeyError(1)
except KeyError:
    pass
"""


def test_sections(tmp_path, host):
    """Calls, increments and spikes by name; what a name runs within itself is not added twice."""
    result = harness.profile_program(tmp_path, SECTIONS, host=host)
    found = {section["name"]: section for section in result.profile["sections"]}
    assert list(found) == ["block", "make", "method", "static", "class", "down", "raises"]
    assert {name: one["calls"] for name, one in found.items()} == {
        "block": 7, "make": 5, "method": 3, "static": 2, "class": 2, "down": 11, "raises": 1}
    # CPython's cache of attributes lets go of a name now and then.
    assert abs(found["block"]["heap_delta"] - (300_000 + 2 * 33)) < 200
    assert abs(found["make"]["heap_delta"] - (300_000 + 2 * 33 + 10 + 33)) < 200
    assert abs(found["block"]["spike"] - 5_000_033) < 200
    assert found["down"]["heap_delta"] in range(10_000, 12_000)
    assert all(one["time_ns"] > 0 for one in found.values())
    assert 0 <= found["make"]["time_ns"] <= found["block"]["time_ns"] + found["method"]["time_ns"]


FUNCTIONS = """
import mprun, inspect, pickle, copy, functools, weakref
@mprun.section("f")
def f(a, b: int = 2) -> str:
    "Words."
    return a + b
assert (f.__name__, f.__qualname__, f.__doc__, f.__module__) == ("f", "f", "Words.", "__main__")
assert str(inspect.signature(f)) == "(a, b: int = 2) -> str" and inspect.unwrap(f) is f.__wrapped__
assert pickle.loads(pickle.dumps(f)) is f and copy.copy(f) is f and copy.deepcopy(f) is f
assert f(1) == 3 and f(*[1], **{"b": 5}) == 6 and functools.partial(f, 1)() == 3
f.cache = 1
assert f.cache == 1 and not hasattr(f.__wrapped__, "cache") and weakref.ref(f)() is f
assert callable(f) and f.__code__ is f.__wrapped__.__code__ and f == f and hash(f) == hash(f)
for wrong in (1, "x", int, staticmethod(len)):
    try: mprun.section("x")(wrong)
    except TypeError as error: assert "section" in str(error)
    else: raise AssertionError(wrong)
def generator(): yield 1
async def coroutine(): pass
async def both(): yield 1
for wrong in generator, coroutine, both:
    try: mprun.section("x")(wrong)
    except TypeError as error: assert "with mprun.section" in str(error)
    else: raise AssertionError(wrong)
for call in (lambda: mprun.mark(), lambda: mprun.mark(1), lambda: mprun.mark("a", "b"),
             lambda: mprun.mark(x="a"), lambda: mprun.section(), lambda: mprun.snapshot(b"x"),
             lambda: mprun.snapshot("x", 1), lambda: mprun.section(None)):
    try: call()
    except TypeError as error: assert "name" in str(error), error
    else: raise AssertionError("taken")
def run(): # left in mid-run, and one object in two runs
    with mprun.section("left"):
        yield 1
some = [run() for _ in range(5)]
assert [next(one) for one in some] == [1] * 5
del some
mprun.mark("\\ud800 \\N{GREEK SMALL LETTER ALPHA} \\n and a long" + "n" * 1000)
mprun.mark("")
try: mprun.snapshot("x").statistics("lines")
except ValueError as error: assert "lineno" in str(error)
else: raise AssertionError
print("done", mprun.snapshot().name, isinstance(mprun.snapshot("s"), mprun.Snapshot))
import mprun as again
from mprun import profile, mark
import sys, builtins
assert again is mprun is builtins.mprun is sys.modules["mprun"]
"""


def test_functions_stay_what_they_are(tmp_path, host):
    """A decorated function is found by inspect and pickle; what cannot be measured is refused with a
    sentence, the same with and without a session."""
    result = harness.profile_program(tmp_path, FUNCTIONS, host=host)
    assert result.stdout == b"done snapshot True\n" and not result.foreign_stderr, str(result)
    names = [mark["name"] for mark in result.profile["marks"]]
    assert names[0].startswith("\\ud800 α ") and len(names[0].encode()) < 250 and names[1] == ""
    assert names[2:] == ["x", "snapshot", "s"]


# --- snapshots ---

SNAPSHOT = """
import sys
if sys.argv[1] == "tracemalloc":
    import tracemalloc as t
    t.start(1)
    take = t.take_snapshot
    own = lambda s: s.filter_traces([t.Filter(True, __file__)])
else:
    import mprun
    names = iter("abc")
    take = lambda: mprun.snapshot(next(names))
    own = lambda s: s.filter_traces([mprun.Filter(True, __file__), mprun.DomainFilter(True, "x"),
        mprun.DomainFilter(False, "native"), mprun.DomainFilter(False, "mmap")])
kept, sizes = [None] * 250, [n * 37 for n in range(250)]
shots = [None] * 3

def fill(i, last): # numbers so small that they are always there
    while i < last:
        kept[i] = b"x" * sizes[i]
        i += 1

def texts(i, last):
    while i < last:
        kept[i] = "x" * sizes[i]; kept[i + 50] = b"y" * sizes[i]
        i += 1

def clear(i, last):
    while i < last:
        kept[i] = None
        i += 1

def main():
    fill(0, 100)
    shots[0] = take()
    fill(100, 150)
    texts(150, 200)
    shots[1] = take()
    clear(30, 170)
    def numbers(): yield
    async def letters(): yield
    i = 30
    while i < 35: # what comes of a call that runs nothing yet
        kept[i] = numbers(); kept[i + 5] = letters()
        i += 1
    shots[2] = take()
main()
import json
a, b, c = map(own, shots)
for key in "lineno", "filename":
    for shot in a, b, c:
        print(json.dumps(sorted((s.traceback[0].lineno, s.size, s.count)
                                for s in shot.statistics(key) if s.traceback[0].lineno not in range(1, 22))))
    for new, old in (b, a), (c, b), (a, c):
        print(json.dumps([(s.traceback[0].lineno, s.size, s.size_diff, s.count, s.count_diff)
                          for s in new.compare_to(old, key)
                          if s.size_diff and s.traceback[0].lineno not in range(1, 22)]))
"""


def test_snapshots_say_what_tracemalloc_says(tmp_path):
    """Same lines, same bytes, same blocks, same order; and the recording's snapshots the same as the
    program's."""
    script = harness.write_program(tmp_path, SNAPSHOT)
    expected = lines_of(harness.run_python([script, "tracemalloc"]))
    result = harness.run_mprun([script, "mprun"], tmp_path / "out.json")
    found = lines_of(result)
    assert not result.foreign_stderr, str(result)
    by_line = [lines for lines in expected[:6]]
    assert found[:6] == by_line and len(by_line[1]) >= 3, (found, expected)
    snapshots = result.profile["marks"]
    assert [mark["name"] for mark in snapshots] == ["a", "b", "c"]
    for mark, lines in zip(snapshots, expected):
        live = sorted([one["line"], one["live"], one["blocks"]] for one in mark["snapshot"]
                      if one["file"] == script and one["domain"] == "python" and one["line"] >= 22)
        assert live == lines
        assert sum(one["live"] for one in mark["snapshot"]) == mark["heap"]


QUERIES = """
import mprun, json; mprun.snapshot("first")
kept = [bytearray(10_000) for _ in range(10)]
more = bytearray(1_000_000)
snapshot = mprun.snapshot("x")
both = mprun.current()
everything, snapshot = snapshot, snapshot.filter_traces([mprun.Filter(True, __file__)])
top = snapshot.top(1)
print(top[0].lineno, top[0].count >= 2, top[0].size >= 1_000_000, len(snapshot.top(3)))
print(top[0] == snapshot.top()[0], len({top[0], snapshot.top(1)[0]}), top[0] != snapshot.top()[1])
functions = snapshot.statistics("function")
print(sorted(s.function for s in functions if s.filename == __file__ and s.size > 50_000))
files = snapshot.statistics("filename")
print([s.count for s in files if s.filename == __file__][0] >= 11)
F = mprun.Filter
for filters in ([F(True, "*user.py")], [F(False, "*user.py")], [F(True, "*/us?r.[a-p]y", 4)],
                [F(True, "*[!u]ser.py")], [F(True, "user.py")], [F(True, "*user.py", domain="native")],
                [F(True, "**u*s*r*y*")], []):
    lines = {s.lineno for s in snapshot.filter_traces(filters).statistics("lineno") if s.filename == __file__}
    print(sorted(lines & {3, 4}))
gone = mprun.snapshot("y").compare_to(everything, "lineno")
print([s.lineno for s in gone if abs(s.size_diff) > 1000 and s.lineno == 4])
del more
gone = mprun.snapshot("z").compare_to(everything, "lineno")
print(gone[0].lineno, gone[0].size_diff < -1_000_000, gone[0].count_diff)
print(" (-977 KiB), count=" in str(gone[0]), "(-10000" in repr(gone[0]))
print(abs(snapshot.figures.heap - both.heap) < 5000, snapshot)
"""


def test_snapshots_answer(tmp_path, host):
    """Statistics, filters, differences; the snapshots that a program keeps are nobody's allocation."""
    result = harness.profile_program(tmp_path, QUERIES, host=host)
    found = result.stdout.decode().splitlines()
    assert found[:2] == ["4 True True 3", "True 1 True"], str(result)
    assert found[2] in ("['<listcomp>', '<module>']", "['<module>']") and found[3] == "True"
    assert found[4:11] == ["[3, 4]", "[]", "[4]", "[]", "[]", "[]", "[3, 4]"], str(result)
    assert found[11:15] == ["[3, 4]", "[]", "4 True -2", "True True"], str(result)
    assert found[15].startswith("True <mprun.Snapshot 'x' of "), str(result)


UNSEEN = """
import mprun, sys; __import__("gc").disable()
import fnmatch
kept = []
def use():
    s = mprun.snapshot("s"); t = mprun.snapshot("t")
    found = s.statistics("lineno"), t.compare_to(s, "filename"), s.top(3), s.filter_traces([mprun.Filter(True, "*")])
    mprun.mark("m"); mprun.current(); mprun.reset_peak()
    str(found[0][0]), repr(found[1][0])
    section = mprun.section("x")
    with section: pass
    return found, section
use()
held = use()
def again(): return use()
again()
modules = sorted(sys.modules)
"""


def test_the_module_is_in_no_figure(tmp_path, host):
    """What it allocates is in no site, no row and no total; a pattern for everything does not find
    its code."""
    result = harness.profile_program(tmp_path, UNSEEN, "--func", "*:*", host=host)
    assert not [f for f in result.profile["functions"] if "mprun" in f["file"]]
    assert not [s for s in result.profile["sites"] if s["file"] and "mprun>" in s["file"]]
    lines = {row["line"]: row for row in result.function("use")["rows"]}
    # CPython keeps a name in its cache of attributes until another one takes its place.
    assert abs(lines[11]["heap_delta"]) < 200 and abs(lines[8]["heap_delta"]) < 200, lines
    assert lines[11]["heap_allocated"] == 0
    assert abs(lines[7]["heap_delta"]) < 200
    marks = [mark for mark in result.profile["marks"] if mark["name"] == "s"]
    assert abs(marks[2]["heap"] - marks[1]["heap"]) < 200


# --- where nothing is measured ---

EVERYWHERE = """
import mprun
def use(label):
    mprun.mark(label)
    with mprun.section(label) as section:
        now = mprun.current()
    decorated = mprun.section(label)(lambda x: x)
    class Holder: method = decorated
    decorated.__get__(Holder())
    Holder().method()
    mprun.reset_peak()
    shot = mprun.snapshot(label)
    shot.statistics("lineno"), shot.compare_to(shot, "function"), shot.top()
    return [now.heap, now.rss, now.heap_peak, now.rss_peak, now.python, now.native, len(shot.traces)]
"""

NOTHING = [None] * 6 + [0]

CHILDREN = EVERYWHERE + """
import json, os, sys, subprocess
if len(sys.argv) > 1:
    print(json.dumps(use("child")))
    raise SystemExit
parent = use("parent")
open_section = mprun.section("open").__enter__()
pid = os.fork()
if not pid:
    print(json.dumps(use("fork")), flush=True)
    open_section.__exit__(None, None, None)
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
subprocess.run([sys.executable, __file__, "x"], check=True)
open_section.__exit__(None, None, None)
import threading, signal
seen = []
def thread(): seen.append(use("thread"))
one = threading.Thread(target=thread); one.start(); one.join()
signal.signal(signal.SIGUSR1, lambda *_: seen.append(use("signal")))
os.kill(os.getpid(), signal.SIGUSR1)
import atexit
def bye(): use("exit")
atexit.register(bye)
assert all(one[0] > 0 and one[-1] > 0 for one in seen) and len(seen) == 2, seen
"""


def test_children_are_not_measured_and_run(tmp_path, host):
    """In children, forked or started, the module is there and does nothing; in threads, signal
    handlers and exit handlers it works."""
    result = harness.profile_program(tmp_path, CHILDREN, host=host)
    assert lines_of(result) == [NOTHING, NOTHING] and not result.foreign_stderr, str(result)
    names = [mark["name"] for mark in result.profile["marks"]]
    assert names == [name for name in ("parent", "thread", "signal", "exit") for _ in range(2)]
    sections = {one["name"]: one["calls"] for one in result.profile["sections"]}
    assert sections == {"parent": 2, "open": 1, "thread": 2, "signal": 2, "exit": 2}


def test_without_heap_and_rss(tmp_path, host):
    """What is not measured is None."""
    text = EVERYWHERE + "import json; print(json.dumps(use('x')))\n"
    result = harness.profile_program(tmp_path, text, "--no-heap", host=host)
    heap, rss, heap_peak, rss_peak, python, native, traces = lines_of(result)[0]
    assert [heap, heap_peak, python, native, traces] == [None] * 4 + [0] and rss_peak >= rss > 0
    mark = result.profile["marks"][0]
    assert mark["heap"] is mark["heap_peak"] is mark["snapshot"] is None and mark["rss"] > 0
    section = result.profile["sections"][0]
    assert section["heap_delta"] is section["spike"] is None and section["rss_delta"] is not None
    result = harness.profile_program(tmp_path, text, "--rss", "off", host=host)
    assert lines_of(result)[0][1] is lines_of(result)[0][3] is None
    assert result.profile["marks"][0]["rss"] is None
    assert result.profile["sections"][0]["rss_delta"] is None


SUBINTERPRETER = EVERYWHERE + """
import textwrap
try: import _interpreters as interpreters
except ImportError: import _xxsubinterpreters as interpreters
code = open(__file__).read().split("import textwrap")[0] + "assert use('sub') == [None] * 6 + [0]"
number = interpreters.create()
failed = interpreters.run_string(number, code) if hasattr(interpreters, "run_string") else interpreters.exec(number, code)
assert not failed, failed
interpreters.destroy(number)
print(use("main")[0] > 0)
"""


def test_other_interpreters(tmp_path, host):
    """Only the main one is measured; in others the module does nothing."""
    result = harness.profile_program(tmp_path, SUBINTERPRETER, host=host)
    assert result.stdout == b"True\\n" or result.stdout == b"True\n", str(result)
    assert {mark["name"] for mark in result.profile["marks"]} == {"main"}


def test_a_module_of_the_program_goes_before(tmp_path, host):
    """A program that has its own mprun.py imports that one."""
    harness.write_program(tmp_path, "OWN = 1\n", "mprun.py")
    result = harness.profile_program(
        tmp_path, "import mprun\nprint(mprun.OWN, mprun.__file__.endswith('mprun.py'))\n", host=host)
    assert result.stdout == b"1 True\n", str(result)


def test_nothing_is_imported_or_seen(tmp_path, host):
    """The module costs a program that does not use it no entry of sys.modules."""
    text = "import sys\nprint([name for name in sys.modules if 'mprun' in name or 'trace' in name])\n"
    result = harness.profile_program(tmp_path, text, host=host)
    bare = harness.run_python([str(tmp_path / "user.py")])
    assert result.stdout == bare.stdout, str(result)
    text = ("import sys\nbefore = set(sys.modules)\nimport mprun\nmprun.snapshot('x').top()\n"
            "print(set(sys.modules) - before)\n")
    result = harness.profile_program(tmp_path, text, host=host)
    assert result.stdout == b"{'mprun'}\n", str(result)


MANY = """
import mprun
for i in range(210_000): mprun.mark("loop")
for i in range(5_000): mprun.mark(str(i))
print(mprun.current().heap > 0, len(mprun.snapshot("last").traces) > 0)
"""


def test_what_finds_no_room_is_noted(tmp_path):
    """A mark in a loop fills its share of the recording: the program goes on, and the report says
    so."""
    result = harness.profile_program(tmp_path, MANY)
    assert result.stdout == b"True True\n", str(result)
    assert len(result.profile["marks"]) == 200_000
    assert any("more marks, snapshots or sections than there is room" in note
               for note in result.profile["notes"])


def test_killed_in_a_section(tmp_path, host):
    """Marks and finished sections survive the program's sudden end."""
    text = ("import mprun, os, signal\nwith mprun.section('done'): mprun.snapshot('s')\n"
            "mprun.section('open').__enter__()\nos.kill(os.getpid(), signal.SIGKILL)\n")
    result = harness.profile_program(tmp_path, text, host=host, status=-9)
    assert [mark["name"] for mark in result.profile["marks"]] == ["s"]
    assert result.profile["marks"][0]["snapshot"]
    assert [(s["name"], s["calls"]) for s in result.profile["sections"]] == [("done", 1), ("open", 1)]


LATE = EVERYWHERE + """
import late
import builtins, importlib
with late.Session() as session:
    mprun = builtins.mprun
    held = mprun.section("across"); held.__enter__()
    data = bytearray(1000)
    shot = mprun.snapshot("s")
    assert use("late")[0] > 0
    kept = mprun
mprun = kept
held.__exit__(None, None, None)
assert use("closed") == [None] * 6 + [0] and shot.statistics("lineno")
with late.Session() as second:
    mprun = builtins.mprun
    assert use("again")[0] > 0
print([m["name"] for m in session.profile["marks"]], [m["name"] for m in second.profile["marks"]])
"""


def test_late_sessions(tmp_path):
    """A session from within has marks of its own; what a program kept does nothing when it is over."""
    script = harness.write_program(tmp_path, LATE.replace("\nimport mprun\n", "\n", 1))
    here, build = pathlib.Path(__file__).parent, pathlib.Path(harness.MPRUN).resolve().parent
    result = harness.run([harness.PYTHON, script], env=harness.environment(
        {"LATE_BUILD": str(build), "PYTHONPATH": str(here)}))
    assert result.status == 0, str(result)
    assert result.stdout == b"['s', 'late', 'late'] ['again', 'again']\n", str(result)


@pytest.mark.parametrize("source", [
    "import mprun\nmprun.snapshot('x')\n",
    "def f():\n    with mprun.section('s'): return [0]\nf()\n",
])
def test_figures_are_as_without(tmp_path, source):
    """A program with marks holds what it holds without them."""
    bare = "kept = [bytes(1000) for _ in range(1000)]\n"
    end = []
    for text in (bare, bare + source):
        result = harness.profile_program(tmp_path, text)
        rows = {s["line"]: s["live_at_end"] for s in result.profile["sites"]
                if s["file"] and s["file"].endswith("user.py")}
        end.append(rows[1])
    assert end[0] == end[1]


def test_snapshots_cost_as_nodes_do(tmp_path):
    """A mark takes no more than 20 µs."""
    text = ("import mprun, time\nbest = 1\nfor _ in range(5):\n    begin = time.perf_counter()\n"
            "    for _ in range(2000): mprun.mark('m')\n"
            "    best = min(best, (time.perf_counter() - begin) / 2000)\nprint(best * 1e6)\n")
    result = harness.profile_program(tmp_path, text, "--func", "none_*x", status=125)
    assert float(result.stdout) < 20, str(result)
