# SPDX-License-Identifier: MIT
"""sys.monitoring, from 3.12 on: mprun is one tool among others, and takes nobody's place."""

import pytest

import harness

pytestmark = pytest.mark.skipif(harness.VERSION < (3, 12), reason="3.11 has no sys.monitoring")

WORK = """
def work(n):
    total = 0
    for i in range(n):
        total += i
    return total
"""

# Another tool counts the lines of `work`, switching off what it has seen where it may.
OTHER_TOOL = WORK + """
import sys
m, E = sys.monitoring, sys.monitoring.events
lines, starts = [], []
m.use_tool_id(m.COVERAGE_ID, "other")
m.register_callback(m.COVERAGE_ID, E.LINE, lambda code, line: (lines.append(line), m.DISABLE)[1])
m.register_callback(m.COVERAGE_ID, E.PY_START, lambda code, at: starts.append(code.co_name))
m.set_local_events(m.COVERAGE_ID, work.__code__, E.LINE | E.PY_START)
print(work(3), lines, starts)
m.restart_events()
print(work(3), lines, starts, m.get_tool(m.COVERAGE_ID), m.get_tool(m.PROFILER_ID))
m.set_local_events(m.COVERAGE_ID, work.__code__, 0)
m.free_tool_id(m.COVERAGE_ID)
work(2)
print(lines, starts)
"""


@pytest.mark.parametrize("selection", (("-f", "work"), harness.EVERYTHING, ("-f", "other")))
def test_other_tool(tmp_path, host, selection):
    """It sees what it sees without mprun, and mprun sees what it sees without it."""
    text = OTHER_TOOL + "def other(): return 1\nother()\n"
    bare = harness.run_python([harness.write_program(tmp_path, text)])
    assert bare.status == 0, str(bare)
    result = harness.profile_program(tmp_path, text, *selection, host=host)
    assert result.stdout == bare.stdout, str(result)
    if selection != ("-f", "other"):
        work = result.function("work")
        assert work["calls"] == 3
        assert [row["hits"] for row in work["rows"]] == [0, 3, 11, 8, 3]


# What another tool has switched off stays so when code is selected that has run before.
SWITCHED_OFF = WORK + '''
import builtins, sys
m, E = sys.monitoring, sys.monitoring.events
seen = []

def on_line(code, line):
    seen.append((code.co_name, line))
    return m.DISABLE

def other(n):
    n += 1
    return [work(n)]

if not hasattr(builtins, "profile"):
    profile = type  # a call of C code, too
work(1)
m.use_tool_id(m.COVERAGE_ID, "other")
m.register_callback(m.COVERAGE_ID, E.LINE, on_line)
m.set_events(m.COVERAGE_ID, E.LINE)
for each in range(4):
    other(each)
    if each == 1:
        profile(work)
    elif each == 2:
        profile(other)
m.set_events(m.COVERAGE_ID, 0)
print(seen)
'''


def test_what_is_switched_off_stays_so(tmp_path, host):
    """Also while the function that is selected runs."""
    bare = harness.run_python([harness.write_program(tmp_path, SWITCHED_OFF)])
    assert bare.status == 0, str(bare)
    result = harness.profile_program(tmp_path, SWITCHED_OFF, host=host)
    assert result.stdout == bare.stdout, str(result)
    assert (result.function("work")["calls"], result.function("other")["calls"]) == (5, 3)


# Beyond the ints that CPython has ready: the tool keeps what it is given.
KEEPER = "\n" * 3000 + """
import sys
m, E = sys.monitoring, sys.monitoring.events
lines, offsets = [], []
m.use_tool_id(m.DEBUGGER_ID, "keeper")
m.register_callback(m.DEBUGGER_ID, E.LINE, lambda code, line: lines.append(line))
m.register_callback(m.DEBUGGER_ID, E.PY_RETURN, lambda code, at, value: offsets.append(at))

def work(n):
    total = 0
    for i in range(n):
        text = str(i + 100_000)
        total += int(text)
""" + "    if total < 0: total += int(str(total)) + len(str(total))\n" * 40 + """
    return total

m.set_local_events(m.DEBUGGER_ID, work.__code__, E.LINE | E.PY_RETURN)
results = [work(i) for i in range(50)]
print(sum(results), len(lines), sum(lines), hash(tuple(lines)), offsets)
"""


def test_other_tool_keeps_numbers(tmp_path, host):
    """The ints of lines and offsets are everybody's."""
    bare = harness.run_python([harness.write_program(tmp_path, KEEPER)])
    assert bare.status == 0, str(bare)
    result = harness.profile_program(tmp_path, KEEPER, "-f", "work", host=host)
    assert result.stdout == bare.stdout, str(result)


# Nothing that CPython has ready is left for the event's int, but the one of the event before.
NO_MEMORY = "\n" * 5000 + """
import _testcapi

def work():
    keep = [i + 5000 for i in range(1000)]
    a = 0
    _testcapi.set_nomemory(0)
    a = 1
    b = 2
    _testcapi.remove_mem_hooks()
    return a + b + len(keep)

print(work())
"""


@pytest.mark.skipif(harness.VERSION < (3, 14), reason="before 3.14 every tool's event needs memory")
def test_memory_exhausted(tmp_path, host):
    """An event finds the int of the one before, as it does for any tool."""
    if harness.run_python(["-c", "import _testcapi"]).status:
        pytest.skip("this Python has no _testcapi (Debian: libpython3.x-testsuite)")
    result = harness.profile_program(tmp_path, NO_MEMORY, "-f", "work", host=host)
    assert result.status == 0 and result.stdout == b"1003\n", str(result)
    assert [row["hits"] for row in result.function("work")["rows"]][1:] == [1] * 7


SITE = """
import sys
for number in {taken}:
    sys.monitoring.use_tool_id(number, "site")
"""


@pytest.mark.parametrize("taken", ((4,), (3, 4)))
def test_numbers_that_are_taken(tmp_path, host, taken):
    """mprun takes one that is free; where none is, it says so, and the whole program counts."""
    (tmp_path / "sitecustomize.py").write_text(SITE.format(taken=taken), encoding="utf-8")
    program = harness.write_program(
        tmp_path, WORK + "import sys\nprint(work(3), [sys.monitoring.get_tool(i) for i in (3, 4)])\n")
    result = harness.run_mprun([program], tmp_path / "out.json", host, ("-f", "work"),
                               env={"PYTHONPATH": str(tmp_path)})
    if len(taken) == 1:
        assert result.status == 0 and result.stdout == b"3 ['mprun', 'site']\n", str(result)
        assert result.function("work")["calls"] == 1
    else:
        assert result.status == 0 and result.stdout == b"3 ['site', 'site']\n", str(result)
        assert not result.profile["functions"] and not result.own_lines, str(result)
        assert any("3 and 4" in note for note in result.profile["notes"]), result.profile["notes"]
        assert 1_000_000 < result.profile["rss"]["start"] <= result.profile["rss"]["end"]
        assert result.profile["heap"]["peak"] > 0 and result.profile["sites"]


FORK = WORK + """
import os, sys
work(2)
pid = os.fork()
if pid == 0:
    def other(): return 1
    other(); work(2)
    given_back = sys.monitoring.get_tool(4) is None
    sys.monitoring.use_tool_id(4, "child")
    os._exit(0 if given_back and sys.monitoring.get_events(4) == 0 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), sys.monitoring.get_tool(4))
work(2)
"""


def test_child_is_not_watched(tmp_path, host):
    """A forked child gives the tool's number back at its first event; the parent goes on."""
    result = harness.profile_program(tmp_path, FORK, "-f", "work", host=host)
    assert result.stdout == b"0 mprun\n", str(result)
    assert result.function("work")["calls"] == 2


LATE = WORK + """
def outer():
    def inner():
        return work(1)
    return inner()

def other(): return 1
other()
for _ in range(3):
    work(1); outer()
profile(work); profile(outer)
for _ in range(5):
    work(1); outer()
"""


def test_decorated_after_its_first_call(tmp_path, host):
    """Code that was judged, and not selected, is judged again; what it nests, too."""
    result = harness.profile_program(tmp_path, LATE, "-f", "other", host=host)
    calls = {f["qualname"]: f["calls"] for f in result.profile["functions"]}
    assert calls == {"other": 1, "work": 10, "outer": 5, "outer.<locals>.inner": 5}


TWO_GILS = """
import threading
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
CODE = "for k in range(5):\\n    x = [[i, str(i + 1000)] for i in range(20000)]\\ndel x"

def make():
    return [[i, str(i + 1000)] for i in range(20000)]

def elsewhere():
    one = interpreters.create()
    interpreters.run_string(one, CODE)
    interpreters.destroy(one)

def main():
    threads = [threading.Thread(target=elsewhere) for _ in range(2)]
    for thread in threads: thread.start()
    for _ in range(5): make()
    for thread in threads: thread.join()
main()
"""


def test_interpreters_with_their_own_gil(tmp_path, host):
    """Counted beside each other without a loss: what three interpreters do is three times as much."""
    runs = [harness.profile_program(tmp_path, TWO_GILS, "-f", "main", host=host).profile["heap"]
            for _ in range(3)]
    allocated = [heap["allocated"] for heap in runs]
    assert max(allocated) - min(allocated) < 100_000, allocated
    assert all(abs(heap["allocated"] - heap["freed"] - heap["end"]) == 0 for heap in runs), runs
    assert all(heap["end"] < 8 << 20 for heap in runs), runs


GIVEN_AWAY = """
import sys
def f():
    a = [0] * 1_000_000
    sys.monitoring.{function}(4)
    b = [0] * 1_000_000
    return len(a + b)
def g():
    return f()
g()
c = [0] * 1_000_000
"""


@pytest.mark.parametrize("function", ["free_tool_id", *(
    ["clear_tool_id"] if harness.VERSION >= (3, 14) else [])])
def test_monitoring_number_given_away(function, tmp_path, host):
    """What was seen until then stands, what ran then is charged nothing more, and a note says so."""
    result = harness.profile_program(tmp_path, GIVEN_AWAY.format(function=function), host=host)
    rows = {row["line"]: row for row in result.function("f")["rows"]}
    assert 8_000_000 <= rows[4]["heap_delta"] < 8_010_000
    assert rows[5]["heap_delta"] == rows[6]["heap_delta"] == rows[6]["hits"] == 0
    assert not result.profile["open"] and result.profile["rss"]["end"]
    assert any("gave away mprun's number" in note for note in result.profile["notes"])


OTHERS_NUMBER = """
import sys
try:
    import concurrent.interpreters as interpreters
    run = interpreters.create().exec
except ImportError:
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    number = interpreters.create()
    run = lambda code: interpreters.run_string(number, code)
def f():
    a = [0] * 1_000_000
    run("import sys; sys.monitoring.use_tool_id(4, 'mine'); sys.monitoring.free_tool_id(4)")
    b = [0] * 1_000_000
    return len(a + b)
f()
"""


def test_another_interpreter_gives_away_its_own_number(tmp_path, host):
    """That is not mprun's."""
    result = harness.profile_program(tmp_path, OTHERS_NUMBER, "-f", "f", host=host)
    rows = {row["line"]: row for row in result.function("f")["rows"]}
    assert 8_000_000 <= rows[16]["heap_delta"] < 8_010_000 and rows[17]["hits"] == 1
    assert not any("gave away" in note for note in result.profile["notes"])
    assert result.profile["heap"]["end"] < 8_000_000


LOST_IN_A_THREAD = """
import sys, threading
go, there = threading.Event(), threading.Event()
kept = []
def f():
    there.set()
    go.wait()
def run():
    f()
    kept.append([0] * 5_000_000)
thread = threading.Thread(target=run)
thread.start()
there.wait()
sys.monitoring.free_tool_id(4)
go.set()
thread.join()
"""


def test_number_given_away_while_a_thread_has_an_open_row(tmp_path, host):
    """What that thread does afterwards is in no row of what has returned."""
    profile = harness.profile_program(tmp_path, LOST_IN_A_THREAD, "-f", "f", host=host).profile
    function = next(f for f in profile["functions"] if f["name"] == "f")
    assert not any(row["live_at_end"] > 1_000_000 for row in function["rows"])
    assert profile["heap"]["peak"] > 40_000_000 and profile["heap"]["peak_line"] is None
    site = max(profile["sites"], key=lambda site: site["live_at_end"])
    assert (site["function"], site["line"]) == ("run", 10)
