# SPDX-License-Identifier: MIT
"""Greenlets switch in the middle of selected lines: what one does while another waits is its own, and
the program does not see that the switches are watched."""

import re
import textwrap

import pytest

import greenlet_programs
import harness


needs_greenlet = harness.needs("greenlet")
needs_gevent = harness.needs("gevent")
needs_sqlalchemy = harness.needs("greenlet, sqlalchemy")

TAKES = re.compile(r"# (takes|gives) (\d+)")


def rows_of(profile, program):
    """{line: row} of all functions of the program's file."""
    return {row["line"]: row for f in profile["functions"] if f["file"] == str(program)
            for row in f["rows"] if row["hits"]}


def assert_as_written(profile, program):
    """Each hit of a line took or gave what the line says, whatever ran meanwhile. A few bytes a hit are
    the interpreter's: what its free lists lack, and in 3.11 the tuple of a traced call."""
    rows, checked = rows_of(profile, program), 0
    for number, text in enumerate(open(program, encoding="utf-8").read().splitlines(), 1):
        said = TAKES.search(text)
        row = rows.get(number)
        if not said or not row:
            continue
        checked += 1
        bytes_a_hit = int(said[2]) * (1 if said[1] == "takes" else -1)
        off = abs(row["heap_delta"] - row["hits"] * bytes_a_hit)
        assert off <= 64 * row["hits"] + 256, (number, text, row)
    assert checked > 1
    for row in rows.values():
        assert min(row["heap_allocated"], row["heap_freed"], row["allocations"], row["spike"],
                   row["time_ns"]) >= 0, row


NEGATIVE = """
from greenlet import greenlet, getcurrent
def task(n, other):
    mine = bytearray(n)
    other.switch()
    more = bytearray(n)
    other.switch()
    del mine
    return 0
main = getcurrent()
a = greenlet(task)
b = greenlet(task)
a.switch(1_000_000, main)
b.switch(3_000_000, main)
a.switch()
b.switch()
a.switch()
b.switch()
"""


@needs_greenlet
def test_greenlets_take_turns(tmp_path, host):
    """Two that allocate in turns: each line has its own, and there is nothing to note."""
    result = harness.profile_program(tmp_path, NEGATIVE, "-f", "task", host=host)
    rows = {row["line"]: row for row in result.function("task")["rows"]}
    assert [rows[line]["hits"] for line in (4, 5, 6, 7, 8, 9)] == [2] * 6
    assert 4_000_000 < rows[4]["heap_delta"] < 4_000_200, rows  # two, with their heads
    assert rows[4]["heap_delta"] == rows[6]["heap_delta"] == -rows[8]["heap_delta"], rows
    assert abs(rows[5]["heap_delta"]) < 10_000 and abs(rows[7]["heap_delta"]) < 10_000, rows
    assert not any("greenlet" in note for note in result.profile["notes"]), result.profile["notes"]


@needs_greenlet
@pytest.mark.parametrize("seed", range(1, 7))
def test_greenlets_random(seed, tmp_path, host):
    """Random programs of which each line says what it takes."""
    text = greenlet_programs.program(seed)
    program = harness.write_program(tmp_path, text)
    bare = harness.run_python([program])
    assert bare.status == 0, str(bare)
    for options in ((), ("-f", "*")):
        result = harness.run_mprun([program], tmp_path / "out.json", host, options)
        assert (result.status, result.stdout, result.foreign_stderr) == (
            bare.status, bare.stdout, bare.stderr), str(result)
        assert_as_written(result.profile, program)
        assert result.profile["dropped"] == 0


THREADS = """
import threading
import greenlet
def body(main, n):
    b = bytes(n)  # takes 10033
    main.switch()
    b = None  # gives 10033
def run():
    main = greenlet.getcurrent()
    all = [greenlet.greenlet(body) for i in range(5)]
    for g in all: g.switch(main, 10_000)
    c = bytes(50_000)  # takes 50033
    for g in all: g.switch()
    c = None  # gives 50033
threads = [threading.Thread(target=run) for i in range(4)]
for t in threads:
    t.start()
    t.join()
left = greenlet.greenlet(body)
left.switch(greenlet.getcurrent(), 10_000)
del left
run()
print("done")
"""


@needs_greenlet
def test_greenlets_in_threads(tmp_path, host):
    """Each thread has its own; one that is let go of while it waits ends by an exception."""
    program = harness.write_program(tmp_path, THREADS)
    result = harness.run_mprun([program], tmp_path / "out.json", host, ("-f", "*"))
    assert result.status == 0 and result.stdout == b"done\n", str(result)
    rows = rows_of(result.profile, program)
    assert rows[4 + 1]["hits"] == 26 and rows[7]["hits"] == 25, rows
    assert_as_written(result.profile, program)
    assert not result.profile["open"]


SEEN = """
import greenlet, gc, sys
log = []
def tracer(event, args):
    log.append((event, args[0] is main, args[1] is main))
def raises(event, args):
    raise ValueError("from the tracer")
def body():
    main.switch()
    return 1
main = greenlet.getcurrent()
print(greenlet.gettrace(), greenlet.settrace(tracer), greenlet.gettrace() is tracer)
g = greenlet.greenlet(body)
g.switch(); g.switch()
print(log, greenlet.settrace(None) is tracer, greenlet.gettrace())
greenlet.settrace(raises)
h = greenlet.greenlet(body)
try:
    h.switch()
except ValueError as e:
    print(repr(e), greenlet.gettrace(), h.dead)
k = greenlet.greenlet(body)
k.switch(); k.switch()
print(greenlet.gettrace(), k.dead, sys.gettrace(), sys.getprofile())
print([type(o).__name__ for o in gc.get_objects() if "mprun" in type(o).__name__])
"""


@needs_greenlet
@pytest.mark.parametrize("options", [(), ("-f", "*:*"), ("--no-heap",)], ids=str)
def test_greenlets_trace_function_is_the_programs(options, tmp_path, host):
    """settrace() and gettrace() answer as bare, also where the program's function raises."""
    program = harness.write_program(tmp_path, SEEN)
    bare = harness.run_python([program])
    result = harness.run_mprun([program], tmp_path / "out.json", host, options)
    assert bare.status == 0 and (result.status, result.stdout, result.foreign_stderr) == (
        bare.status, bare.stdout, bare.stderr), f"{bare}\n{result}"


GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent, queue, threading, time
def worker(n):
    b = bytes(n)  # takes 100033
    time.sleep(0.001)
    b = None  # gives 100033
    return n
def main():
    jobs = [gevent.spawn(worker, 100_000) for i in range(20)]
    c = bytes(500_000)  # takes 500033
    gevent.joinall(jobs)
    c = None  # gives 500033
    t = threading.Thread(target=worker, args=(100_000,))
    t.start(); t.join()
    return sum(job.value for job in jobs)
print(main())
"""


@needs_gevent
def test_greenlets_gevent(tmp_path, host):
    """With the standard library monkey patched: sleeping is switching."""
    program = harness.write_program(tmp_path, GEVENT)
    result = harness.run_mprun([program], tmp_path / "out.json", host, ("-f", "*"))
    assert result.status == 0 and result.stdout == b"2000000\n", str(result)
    assert rows_of(result.profile, program)[6]["hits"] == 21
    assert_as_written(result.profile, program)


SQLALCHEMY = """
import asyncio
from sqlalchemy.util import greenlet_spawn, await_only
def deep(n):
    b = bytes(n)  # takes 100033
    await_only(asyncio.sleep(0.001))
    b = None  # gives 100033
    return n
async def main():
    return sum(await asyncio.gather(*(greenlet_spawn(deep, 100_000) for i in range(10))))
print(asyncio.run(main()))
"""


@needs_sqlalchemy
def test_greenlets_sqlalchemy(tmp_path, host):
    """Its bridge between asyncio and code that blocks."""
    program = harness.write_program(tmp_path, SQLALCHEMY)
    result = harness.run_mprun([program], tmp_path / "out.json", host, ("-f", "*"))
    assert result.status == 0 and result.stdout == b"1000000\n", str(result)
    assert_as_written(result.profile, program)
    assert rows_of(result.profile, program)[5]["hits"] == 10


def test_greenlets_programs_say_what_they_take():
    """The generator makes programs with such lines, and the same for the same seed."""
    text = greenlet_programs.program(3)
    assert text == greenlet_programs.program(3) != greenlet_programs.program(4)
    assert len(TAKES.findall(text)) > 10 and textwrap.dedent(text) == text


SWITCHES = """
from greenlet import getcurrent, greenlet

def deep(n, child):
    return deep(n - 1, child) if n else child.switch()

def task():
    for depth in range(40):
        step()
    return None

def step():
    held = bytes(10_000)
    getcurrent().parent.switch()

child = greenlet(task)
for depth in range(40):
    deep(depth * 7 % 40, child)
    step_of_main = bytes(5_000)
"""


@needs_greenlet
def test_freed_on_return_of_greenlets(tmp_path, host):
    """greenlet frees its copy of a stack while the thread state is that of the old one."""
    result = harness.profile_program(tmp_path, SWITCHES, "-f", "*", host=host)
    step = result.function("step")
    assert step["calls"] == 40
    assert 390_000 <= step["freed_on_return"] <= 410_000, step
