# SPDX-License-Identifier: MIT
"""mprun.Profiler: sessions that a program begins in its own process."""

import json
import os
import signal
import time

import pytest

import harness
import within

PRELUDE = """
import json, os, sys, threading, mprun

def work(count=100_000):
    kept = [0] * count
    return kept

def other():
    return bytearray(1_000_000)

class Reader:
    @staticmethod
    def load():
        return bytearray(2_000_000)
    @property
    def size(self):
        return len(bytearray(3_000_000))

def calls(profile):
    return {function["qualname"]: function["calls"] for function in profile.functions}

def tell(*what):
    print(json.dumps(what))
"""


def told(tmp_path, text, *words, **kwargs):
    """Of a program with the functions above."""
    return within.told(tmp_path, PRELUDE + text, *words, **kwargs)


def test_functions_and_figures(tmp_path):
    """Objects and patterns; the heap is exact; the file goes with the object."""
    selected, allocated, text, kept, gone, sites, command = told(tmp_path, """
with mprun.Profiler([work, Reader, "other"]) as profiler:
    work(); work(); other(); Reader.load(); Reader().size
profile = profiler.profile
allocated = [row["heap_allocated"] for row in profile.rows if row["function"] == "work"]
path, document = profile.path, profile.to_dict()
kept, text = os.path.exists(path), profile.text()
selected = calls(profile)
del profile, profiler
mprun._profiler._last.clear()
tell(selected, allocated, text, kept, os.path.exists(path), len(document["sites"]),
     document["command"])
""")
    assert selected == {"work": 2, "other": 1, "Reader.load": 1, "Reader.size": 1}
    assert allocated[0] == allocated[2] == 0 and 0 <= allocated[1] - 1_600_000 <= 2 * 56
    assert "kept = [0] * count" in text and "2 calls" in text
    assert kept and not gone and sites >= 4
    assert command == [str(tmp_path / "program.py")]


@pytest.mark.parametrize("options, heap, rss", (
    ("heap=False", True, False), ("rss='off'", False, True), ("rss='every-line'", False, False)))
def test_what_is_measured(tmp_path, options, heap, rss):
    """heap and rss."""
    document, = told(tmp_path, f"""
with mprun.Profiler(work, {options}) as profiler:
    work()
tell(profiler.profile.to_dict())
""")
    assert (document["heap"] is None, document["engines"]["rss"] == "off") == (heap, rss)


def test_without_functions(tmp_path):
    """Decorated functions; without such the caller's own code: of a module all."""
    in_function, in_module, decorated = told(tmp_path, """
def caller():
    with mprun.Profiler() as profiler:
        kept = work()
    return profiler.profile
in_function = calls(caller())
with mprun.Profiler() as profiler:
    other()
in_module = [row["hits"] for row in profiler.profile.rows if "other()" in row["source"]]
decorated = mprun.profile(other)
with mprun.Profiler() as profiler:
    work(); other()
tell(in_function, in_module, calls(profiler.profile))
""")
    assert list(in_function) == ["caller"]
    assert 1 in in_module
    assert decorated == {"other": 1}


def test_marks_in_a_session(tmp_path):
    """The names speak to the session, whatever they were imported before it as."""
    marks, sections, heap, after, builtins = told(tmp_path, """
from mprun import mark, section, current, snapshot
named = section("named")
with mprun.Profiler(work) as profiler:
    mark("one"); kept = work()
    with named, section("inner"):
        held = current().heap
    shot = snapshot("two").top(1)[0].size
document = profiler.profile.to_dict()
tell([mark["name"] for mark in document["marks"]], sorted(s["name"] for s in document["sections"]),
     [held > 800_000, shot], current().heap, hasattr(sys.modules["builtins"], "mprun"))
""")
    assert (marks, sections, after, builtins) == (["one", "two"], ["inner", "named"], None, False)
    assert heap[0] and heap[1] >= 800_000


def test_nested(tmp_path):
    """Each has its own functions; the session is one, and said to be shared."""
    inner, outer, notes, path, alone = told(tmp_path, """
with mprun.Profiler(work) as outer:
    work()
    with mprun.Profiler(other, output="inner.mprun") as inner:
        other()
    work()
with mprun.Profiler(work) as alone:
    work()
tell(calls(inner.profile), calls(outer.profile),
     [any("Other profilers" in note for note in one.profile.notes)
      for one in (inner, outer, alone)],
     os.path.exists("inner.mprun"), calls(alone.profile))
""")
    assert (inner, outer, alone) == ({"other": 1}, {"work": 2}, {"work": 1})
    assert notes == [True, True, False] and path


def test_overlapping(tmp_path):
    """Who began need not be who ends; whoever goes on has all of it."""
    first, second, saved, left = told(tmp_path, """
one, two = mprun.Profiler(work, output="one.mprun"), mprun.Profiler(other, output="two.mprun")
one.start(); two.start(); work()
one.stop(); other()
two.stop()
tell(calls(mprun.Profile.load("one.mprun")), calls(two.profile),
     calls(mprun.Profile.load("two.mprun")), os.listdir(os.environ["XDG_CACHE_HOME"] + "/mprun"))
""")
    assert first == {"work": 1, "other": 0} and second == {"other": 1}
    assert saved == {"work": 1, "other": 1} and left == []


def test_threads(tmp_path):
    """Eight threads, each with nested profilers: nothing fails, nothing is left."""
    errors, left, files, descriptors = told(tmp_path, """
errors = []
def loop():
    try:
        for i in range(12):
            with mprun.Profiler(work) as outer, mprun.Profiler(other) as inner:
                work(100); other()
            assert set(calls(outer.profile)) == {"work"} if i == 11 else True
    except BaseException as reason:
        errors.append(repr(reason))
before = len(os.listdir("/proc/self/fd"))
threads = [threading.Thread(target=loop) for i in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
import mprun._session
left = mprun._session.running() is not None
mprun._profiler._last.clear()
import gc; gc.collect()
tell(errors, left, len(os.listdir(os.environ["XDG_CACHE_HOME"] + "/mprun")),
     len(os.listdir("/proc/self/fd")) - before)
""")
    assert (errors, left, files, descriptors) == ([], False, 0, 0)


def test_fork(tmp_path):
    """The child is not measured until it begins anew; the parent goes on."""
    result = within.run(tmp_path, PRELUDE + """
with mprun.Profiler(work) as profiler:
    pid = os.fork()
    if pid == 0:
        work()
        notes = profiler.stop().notes
        with mprun.Profiler(other) as own:
            other()
        tell(notes, mprun.current().heap, calls(own.profile))
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)
    work()
tell(calls(profiler.profile))
""")
    child, parent = map(json.loads, result.stdout.splitlines())
    assert child == [["This process was forked in mid-session: the figures are its parent's."],
                     None, {"other": 1}]
    assert parent == [{"work": 1}]


def test_asyncio_and_generators(tmp_path):
    """Suspended over the session's end, and finished behind it."""
    counts, rest = told(tmp_path, """
import asyncio
def numbers():
    for i in range(3):
        yield i
async def task(until):
    await until.wait()
    return work(10)
async def main():
    until = asyncio.Event()
    with mprun.Profiler([numbers, task, work]) as profiler:
        generator = numbers(); next(generator)
        tasks = [asyncio.ensure_future(task(until)) for i in range(3)]
        await asyncio.sleep(0)
        work(5)
    until.set()
    return calls(profiler.profile), [*generator, *map(len, await asyncio.gather(*tasks))]
tell(*asyncio.run(main()))
""")
    assert counts == {"numbers": 1, "task": 3, "work": 1}
    assert rest == [1, 2, 10, 10, 10]


@pytest.mark.parametrize("end, status", (
    ("pass", 0), ("sys.exit(3)", 3), ("1/0", 1), ("os._exit(4)", 4),
    ("os.kill(os.getpid(), 9)", -signal.SIGKILL), ("os.abort()", -signal.SIGABRT)))
def test_end_without_stop(tmp_path, end, status):
    """The profile is there all the same, also of the line that was killed."""
    within.run(tmp_path, PRELUDE + f"""
def ends():
    kept = bytearray(5_000_000)
    {end}
profiler = mprun.Profiler(ends, output="run.mprun").start()
ends()
""", status=status)
    rows = None
    for _ in range(100):  # who reads outlives the program
        if (tmp_path / "run.mprun").exists():
            break
        time.sleep(0.05)
    rows, ended, text = within.told(tmp_path, """
import json, mprun
profile = mprun.Profile.load("run.mprun")
print(json.dumps([profile.rows, profile.to_dict()["exit"]["status"], profile.text()]))
""")
    assert [row["heap_allocated"] > 5_000_000 for row in rows] == [False, True, False]
    at_once = end.startswith("os.")
    assert ended == (None if at_once else 0)
    assert ("◀" in text) == at_once


@harness.once
def test_child_that_holds_on(tmp_path):
    """A child that no hook of Python's has seen keeps the pair open: the death is seen all the
    same, and so is an exec."""
    for end, ended in (("os.kill(os.getpid(), 9)", -signal.SIGKILL),
                       ("os.execv('/bin/true', ['true'])", 0)):
        within.run(tmp_path, PRELUDE + f"""
import ctypes, time
profiler = mprun.Profiler(work, output="run.mprun").start()
kept = work()
if ctypes.CDLL(None).fork() == 0:
    for fd in 0, 1, 2: os.close(fd)
    time.sleep(4)
    os._exit(0)
{end}
""", status=ended)
        for _ in range(60):
            if (tmp_path / "run.mprun").exists():
                break
            time.sleep(0.05)
        rows, = told(tmp_path, "tell(mprun.Profile.load('run.mprun').rows)")
        assert [row["hits"] for row in rows] == [0, 1, 1]
        (tmp_path / "run.mprun").unlink()


def test_last_of_a_killed_process(tmp_path):
    """Its profile is the newest in the user's cache."""
    killed = PRELUDE + "mprun.Profiler(work).start(); kept = work(); os.kill(os.getpid(), 9)\n"
    within.run(tmp_path, killed, status=-signal.SIGKILL)
    for _ in range(100):
        if within.cached(tmp_path):
            break
        time.sleep(0.05)
    assert told(tmp_path, "tell(calls(mprun.last()))") == [{"work": 1}]


@harness.once
def test_where_profiles_lie(tmp_path):
    """In the user's own folder, else in one beside other temporary files; never in somebody's."""
    program = PRELUDE + """
try:
    with mprun.Profiler(work) as profiler:
        work()
    tell(profiler.path)
except mprun.SessionError as reason:
    tell(str(reason))
"""
    places = {"XDG_CACHE_HOME": "/proc/nowhere", "TMPDIR": str(tmp_path)}
    path, = within.told(tmp_path, program, env=places)
    folder = tmp_path / f"mprun-{os.getuid()}"
    assert path.startswith(f"{folder}/") and folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
    folder.symlink_to("/tmp")
    said, = within.told(tmp_path, program, env=places)
    assert "profiles cannot be kept in /proc/nowhere/mprun or " in said and "give output=" in said


ERRORS = """
def refused(do):
    try:
        do()
    except mprun.Error as reason:
        return f"{type(reason).__name__}: {reason}"
profiler = mprun.Profiler(work)
told = [refused(profiler.stop), refused(lambda: profiler.profile), refused(mprun.last),
        refused(lambda: mprun.Profiler([3])), refused(lambda: mprun.Profiler([len])),
        refused(mprun.Profiler("a b").start), refused(mprun.Profiler(work, rss="x").start)]
with mprun.Profiler(work, heap=False) as running:
    told += [refused(running.start), refused(mprun.Profiler(work).start),
             refused(mprun.Profiler("load", heap=False).start),
             refused(mprun.Profiler(work, heap=False, rss="off").start)]
    work()
told.append(calls(running.profile))
os.environ["MPRUN"] = "/nowhere/mprun"
told.append(refused(mprun.Profiler(work).start))
os.environ["MPRUN"] = "/bin/false"
told.append(refused(mprun.Profiler(work).start))
del os.environ["MPRUN"]
tell(*told)
"""


def test_errors(tmp_path):
    """Each is of mprun's, says what is at fault, and leaves nothing behind."""
    told_ = told(tmp_path, ERRORS)
    for text, expected in zip(told_, (
            "SessionError: this profiler does not run", "Error: nothing was measured yet",
            "ProfileError: no profile is there", "SelectionError: 3 is no Python function",
            "SelectionError: <built-in function len> is no Python function",
            "SelectionError: --func 'a b': a name has no blank", "SessionError: ",
            "SessionError: this profiler runs already", "SessionError: a session without the heap",
            "SelectionError: a session runs already, and takes no pattern any more ('load')",
            "SessionError: a session with rss='auto' runs already", {"work": 1},
            "SessionError: the command mprun cannot be started", "SessionError: ")):
        assert text == expected or text.startswith(expected), (text, expected)


def test_nothing_is_left(tmp_path):
    """Two hundred sessions: no child, no descriptor, no file, little memory."""
    left, grown, files = told(tmp_path, """
import gc, resource
def once():
    with mprun.Profiler(work):
        work(10)
for i in range(20):
    once()
before = len(os.listdir("/proc/self/fd")), mprun.memory_usage()[0]
for i in range(200):
    once()
gc.collect()
after = len(os.listdir("/proc/self/fd")), mprun.memory_usage()[0]
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    left = after[0] - before[0]
tell(left, after[1] - before[1], len(os.listdir(os.environ["XDG_CACHE_HOME"] + "/mprun")))
""")
    assert left == 0 and files == 1
    assert grown < 4


def test_environment_switch(tmp_path):
    """MPRUN_PROFILE=1: what is decorated is recorded, and printed at the end."""
    text = PRELUDE + """
@mprun.profile
def first():
    return work(1000)
first()
second = mprun.profile(work)
second(); first()
print("end")
"""
    off = within.run(tmp_path, text)
    on = within.run(tmp_path, text, env={"MPRUN_PROFILE": "1"})
    assert off.stdout == b"end\n" and off.stderr == b""
    out = on.stdout.decode()
    assert out.startswith("end\n") and "2 calls" in out and "kept = [0] * count" in out
    assert on.stderr == b"" and within.cached(tmp_path) == []


@harness.once
def test_decorator_blocks(tmp_path):
    """with profile, enable_by_count: what is called meanwhile is selected, in a session."""
    found, = told(tmp_path, """
with mprun.Profiler(work) as profiler:
    with mprun.profile:
        other()
    Reader.load()
tell(calls(profiler.profile))
""")
    assert found == {"work": 0, "other": 1}
