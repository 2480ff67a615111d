# SPDX-License-Identifier: MIT
"""When calls of selected functions ran, as a store tells it."""

import contextlib
import json
import os
import sqlite3


import harness

COMMON = """
import json, os, sys, time
CLOCK = time.CLOCK_MONOTONIC
def spin(us):
    end = time.perf_counter_ns() + us * 1000
    while time.perf_counter_ns() < end:
        pass
"""
QUESTION = """
SELECT f.qualname, i.thread, i.begin_ns, i.end_ns, i.rss_begin, i.rss_end, i.open
FROM interval AS i JOIN function AS f ON f.id = i.function ORDER BY i.id
"""


class Call:
    """A row of it."""

    def __init__(self, name, thread, begin, end, rss_begin, rss_end, is_open):
        self.name, self.thread, self.begin, self.end = name, thread, begin, end
        self.rss = rss_begin, rss_end
        self.open = is_open

    @property
    def lasted(self):
        """Nanoseconds."""
        return self.end - self.begin

    def holds(self, other):
        """Does the other lie in it?"""
        return self.thread == other.thread and self.begin <= other.begin and other.end <= self.end


def calls(folder, text, *options, status=0, **kwargs):
    """(those of a program, the facts of its process, what it printed)."""
    program = harness.write_program(folder, COMMON + text)
    path = folder / "run.mprun"
    words = harness.mprun_argv([program], ("-q", "-o", str(path), *options))
    result = harness.run(words, **kwargs)
    assert result.status == status, str(result)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        process = dict(database.execute("SELECT * FROM process").fetchone())
        found = [Call(*row) for row in database.execute(QUESTION)]
    assert all(call.begin <= call.end <= process["duration_ns"] for call in found)
    assert_nested(found)
    return found, process, result.stdout.decode()


def assert_nested(found):
    """Of a thread, no two cross each other."""
    open_calls = {}
    for call in found:
        stack = open_calls.setdefault(call.thread, [])
        while stack and stack[-1].end <= call.begin and stack[-1].end < call.end:
            stack.pop()
        assert not stack or call.end <= stack[-1].end, (call.__dict__, stack[-1].__dict__)
        stack.append(call)


def named(found, name):
    """Those of a function."""
    return [call for call in found if call.name == name]


def test_intervals_of_calls(tmp_path):
    """One a call, however it ends, from its first line to its last, with RSS at both ends."""
    found, process, _ = calls(tmp_path, """
def grow():
    kept = bytearray(30 << 20)
    spin(3000)
    return kept
def fails():
    spin(2000)
    raise ValueError
def down(n):
    spin(500)
    return n and down(n - 1)
def all_of_it():
    kept = grow()
    try:
        fails()
    except ValueError:
        pass
    down(3)
all_of_it()
""")
    grow, = named(found, "grow")
    fails, = named(found, "fails")
    outer, = named(found, "all_of_it")
    down = named(found, "down")
    assert 2.9e6 < grow.lasted and grow.rss[1] - grow.rss[0] > 28 << 20
    assert 1.9e6 < fails.lasted and grow.end <= fails.begin
    assert len(down) == 4 and all(a.holds(b) for a, b in zip(down, down[1:]))
    assert all(outer.holds(call) for call in (grow, fails, *down))
    assert process["intervals_left_out"] == 0 and not any(call.open for call in found)


def test_intervals_of_generators_and_coroutines(tmp_path):
    """A stretch each time that one goes on; what they wait for is in none."""
    found, _, _ = calls(tmp_path, """
import asyncio
def numbers():
    for i in range(3):
        spin(300)
        yield i
async def waits():
    spin(300)
    await asyncio.sleep(0.05)
    spin(300)
def use():
    for _ in numbers():
        spin(2000)
use()
asyncio.run(waits())
""")
    stretches = named(found, "numbers")
    use, = named(found, "use")
    assert len(stretches) == 4 and all(use.holds(call) for call in stretches)
    assert sum(call.lasted for call in stretches) < use.lasted - 5_000_000
    first, second = named(found, "waits")
    assert second.begin - first.end > 40_000_000


def test_intervals_of_threads(tmp_path):
    """Each in its own; a comprehension is part of the call around it."""
    found, _, printed = calls(tmp_path, """
import threading
def work():
    print(threading.get_native_id(), flush=True)
    [spin(400) for _ in range(5)]
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
""", "--func", "work")
    assert sorted(call.thread for call in found) == sorted(map(int, printed.split()))
    assert len(found) == 3 and all(call.name == "work" and call.lasted > 1_900_000 for call in found)


def test_intervals_the_longest_of_very_many(tmp_path):
    """All that are longer than what is said are there, by the program's own clock."""
    found, process, printed = calls(tmp_path, """
def short():
    return None
def long(us):
    spin(us)
for i in range(100_000):
    short()
    if i % 1000 == 0:
        long(100 + i // 1000)
print(time.perf_counter_ns())
""", "--func", "short", "--func", "long")
    assert printed and len(named(found, "long")) == 100
    assert 8192 <= len(found) <= 16384
    assert process["intervals_left_out"] + len(found) == 100_100
    least = process["intervals_least_ns"]
    assert 0 < least < 1_000_000 and all(call.lasted >= least - 1 for call in found)


def test_intervals_that_did_not_end(tmp_path):
    """They end with the program, and say so."""
    found, process, _ = calls(tmp_path, """
import signal
def inner():
    spin(30_000)
    os.kill(os.getpid(), signal.SIGKILL)
def outer():
    inner()
outer()
""", status=-9)
    assert [call.name for call in found if call.open] == ["<module>", "outer", "inner"]
    assert all(call.end == process["duration_ns"] for call in found if call.open)
    assert named(found, "inner")[0].lasted > 29_000_000


def test_intervals_are_the_programs_own(tmp_path):
    """What a forked child runs is in none."""
    found, _, _ = calls(tmp_path, """
def work():
    spin(1000)
child = os.fork()
if child == 0:
    for _ in range(50):
        work()
    os._exit(0)
os.waitpid(child, 0)
work()
""")
    assert len(named(found, "work")) == 1


@harness.needs("greenlet")
def test_intervals_of_greenlets(tmp_path):
    """A switch ends a stretch."""
    found, _, _ = calls(tmp_path, """
import greenlet
def there():
    spin(1000)
    here.switch()
    spin(1000)
def back():
    other = greenlet.greenlet(there)
    other.switch()
    spin(5000)
    other.switch()
here = greenlet.getcurrent()
back()
""", "--func", "there", "--func", "back")
    assert len(named(found, "there")) == 2 and len(named(found, "back")) == 3
    there, back = named(found, "there"), named(found, "back")
    assert back[0].end <= there[0].begin and there[0].end <= back[1].begin


def test_intervals_without_rss(tmp_path):
    """NULL, not 0."""
    found, _, _ = calls(tmp_path, "def f():\n    spin(10)\nf()\n", "--rss", "off")
    assert named(found, "f")[0].rss == (None, None)


def test_intervals_in_json(tmp_path):
    """The longest of them, and the same from a store."""
    calls(tmp_path, "def f(n):\n    spin(n)\nfor i in range(1500):\n    f(i % 20)\n")
    result = harness.run([harness.MPRUN, "report", str(tmp_path / "run.mprun"), "--format", "json",
                          "-o", "-"])
    intervals = harness.parse_profile(result.stdout.decode())["intervals"]
    assert 900 <= len(intervals["list"]) <= 1000
    assert intervals["left_out"] + len(intervals["list"]) >= 1501
    assert all(each["end_ns"] - each["begin_ns"] > intervals["least_ns"]
               for each in intervals["list"])
    assert json.dumps(intervals) and os.path.exists(tmp_path / "run.mprun")
