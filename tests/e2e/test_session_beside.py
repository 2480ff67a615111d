# SPDX-License-Identifier: MIT
"""Sessions in a Python where others are at work: mprun itself, hooks, greenlets, trace functions, threads
that hold no GIL."""

import importlib.util

import pytest

import harness
from test_session import BUILD, ENVIRONMENT, run



UNDER_MPRUN = """
import late
try:
    late.Session("work").__enter__()
except Exception as error:
    print(type(error).__name__, error)
"""


def test_inside_of_mprun(tmp_path, host):
    """One session a process at a time, whoever has opened it."""
    script = tmp_path / "script.py"
    script.write_text(UNDER_MPRUN)
    result = harness.run_mprun([str(script)], tmp_path / "out.json", host, env=ENVIRONMENT)
    assert b"open in this process already" in result.stdout, str(result)


BEHIND = """
import json, tracemalloc
import late

def work():
    return bytearray(10000)

def measure():
    with late.Session("work") as session:
        work()
    [function] = session.profile["functions"]
    return function["rows"][1]["heap_allocated"]

tracemalloc.start()
tracemalloc.stop()
measure()
before = late.state()
figures = [measure()]
with late.Session("work"):
    tracemalloc.start()
figures.append(measure())
tracemalloc.stop()
figures.append(measure())
after = late.state()
print(json.dumps([figures, [name for name in before if before[name] != after[name]]]))
"""


def test_behind_another_hook(tmp_path):
    """tracemalloc stands in front when a session ends: ours wait behind it, and go with a later one."""
    figures, changed = run(tmp_path, BEHIND)
    assert figures[0] == figures[2] and figures[0] >= 10000
    assert changed == []


GREENLETS = """
import json, threading
import greenlet
import late

def work(n):
    a = [0] * n
    greenlet.getcurrent().parent.switch()
    b = bytearray(n)
    return a, b

def measure():
    with late.Session("work") as session:
        waiting = [greenlet.greenlet(work) for i in range(3)]
        for each in waiting:
            each.switch(1000)
        for each in waiting:
            each.switch()
    [function] = session.profile["functions"]
    assert not any("greenlet" in note for note in session.profile["notes"]), session.profile
    return [(row["line"], row["hits"]) for row in function["rows"] if row["hits"]]

def elsewhere():
    one = greenlet.greenlet(work)
    one.switch(5)
    with late.Session("work"):
        one.switch()
        other = greenlet.greenlet(work)
        other.switch(7)
    waits.set()
    goes_on.wait()
    assert greenlet.gettrace() is None
    greenlet.settrace(tracer)
    assert greenlet.gettrace() is tracer
    other.switch()

def tracer(event, args):
    seen.append(event)

seen = []
waits, goes_on = threading.Event(), threading.Event()
figures = [measure()]
before = late.state()
figures.append(measure())
assert late.state() == before
assert greenlet.gettrace() is None
thread = threading.Thread(target=elsewhere)
thread.start()
waits.wait()
figures.append(measure())
goes_on.set()
thread.join()
figures.append(measure())
print(json.dumps([figures, len(seen)]))
"""


@pytest.mark.skipif(importlib.util.find_spec("greenlet") is None, reason="no greenlet here")
def test_greenlets(tmp_path):
    """One session after the other; a greenlet of another thread that one has seen goes on, and its
    thread's trace function is the program's."""
    figures, seen = run(tmp_path, GREENLETS)
    assert figures == [[[7, 3], [8, 3], [9, 3], [10, 3]]] * 4
    assert seen == 2


BUSY = """
import json, threading
import late

running = True
def busy():
    while running:
        late.native_busy(20000)

def work():
    return [bytearray(500) for i in range(50)]

def measure():
    with late.Session("work") as session:
        work()
    [function] = session.profile["functions"]
    heap = session.profile["heap"]
    assert heap["native"]["allocated"] >= heap["native"]["freed"] >= 0, heap
    return [row["hits"] for row in function["rows"]]

threads = [threading.Thread(target=busy) for i in range(3)]
for thread in threads:
    thread.start()
figures = [measure() for i in range(150)]
running = False
for thread in threads:
    thread.join()
print(json.dumps(figures))
"""


@pytest.mark.parametrize("preloaded", (False, True))
def test_threads_without_the_gil(tmp_path, preloaded):
    """Sessions come and go under threads that allocate at any time."""
    env = {"LD_PRELOAD": str(BUILD / "libmprun-preload.so")} if preloaded else None
    figures = run(tmp_path, BUSY, env=env)
    assert figures == [figures[0]] * 150


TRACED = """
import json, sys, threading
import late

events = {}
def tracer(frame, event, arg):
    if frame.f_code is work.__code__:
        events[event] = events.get(event, 0) + 1
    return tracer

def work():
    a = [0] * 100
    return a

def count():
    events.clear()
    for i in range(10):
        work()
    return sorted(events.items())

bare = []
def traced():
    sys.settrace(tracer)
    bare.append(count())
    ready.set()
    while running:
        if count() != bare[0]:
            wrong.append(sorted(events.items()))
    if sys.gettrace() is not tracer:
        wrong.append("lost")
    if count() != bare[0]:
        wrong.append("after")

running, wrong, ready = True, [], threading.Event()
thread = threading.Thread(target=traced)
thread.start()
ready.wait()
calls = 0
for i in range(50):
    with late.Session("work") as session:
        for each in range(20):
            work()
    [function] = session.profile["functions"]
    calls = max(calls, function["calls"])
running = False
thread.join()
sys.settrace(tracer)
with late.Session("work"):
    within = count()
after = count()
kept = sys.gettrace() is tracer
sys.settrace(None)
with late.Session("work") as session:
    sys.settrace(tracer)
    set_within = count()
left = sys.gettrace() is tracer
set_after = count()
print(json.dumps([wrong, calls >= 20, kept and left, [within, after, set_within, set_after] ==
                  [bare[0]] * 4]))
"""


def test_another_trace_function(tmp_path):
    """Of another thread, of this one, and one that is set while a session is open: it sees what it sees
    without, and stays."""
    assert run(tmp_path, TRACED) == [[], True, True, True]


OTHER_GIL = """
import json
import late
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

def alone():
    pass

def work():
    taken = list(range(5000, 5300))  # all numbers that CPython has kept: an event needs a new one
    other = interpreters.create()
    interpreters.run_string(other, "x = [bytearray(100) for i in range(10)]")
    interpreters.destroy(other)
    return taken

def measure(function):
    with late.Session(function.__name__) as session:
        function()
    return session.profile["functions"][0]["calls"]

measure(alone)
before = late.state()
calls = measure(work)
after = late.state()
print(json.dumps([calls, repr({name: (before[name], after[name])
                               for name in before if before[name] != after[name]})]))
"""


def test_other_interpreters(tmp_path):
    """Those that come and go in a session leave nothing of it behind."""
    far = "\n" * 3000  # where an event's number is an object of its own
    assert run(tmp_path, far + OTHER_GIL) == [1, "{}"]


EVALUATOR = """
import ctypes, json, mmap, resource, struct
import late

def work():
    return [0] * 1000

api = ctypes.pythonapi
api.PyInterpreterState_Main.restype = ctypes.c_void_p
# mov rax, _PyEval_EvalFrameDefault; jmp rax
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
default = ctypes.cast(api._PyEval_EvalFrameDefault, ctypes.c_void_p).value
code.write(bytes.fromhex("48b8") + struct.pack("<Q", default) + bytes.fromhex("ffe0"))
other = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(code)))
api._PyInterpreterState_SetEvalFrameFunc(ctypes.c_void_p(api.PyInterpreterState_Main()), other)

def measure():
    with late.Session("work") as session:
        work()
    return [function["calls"] for function in session.profile["functions"]]

measure()
before = late.state()
fd = late.make_recording()
limits = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (fd + 1, limits[1]))
try:
    late._mprun.open(fd, patterns=("work",))
    said = "opened"
except Exception as error:
    said = str(error)
resource.setrlimit(resource.RLIMIT_NOFILE, limits)
late.os.close(fd)
calls = measure()
after = late.state()
print(json.dumps([said, calls, [name for name in before if before[name] != after[name]]]))
"""


@pytest.mark.skipif(harness.VERSION >= (3, 12), reason="there is no evaluator of ours")
def test_behind_another_evaluator(tmp_path):
    """A session that could not be opened has left it alone, so the next one stands in front of it."""
    said, calls, changed = run(tmp_path, EVALUATOR)
    assert "/proc/self/statm" in said
    assert calls == [1]
    assert changed == []


CHILD_OF_MPRUN = """
import gc, os, sys
import late

def work():
    return [0] * 1000

def make(i):
    space = {}
    exec(compile(f"def f(x):\\n    return [x] * {i}\\n", f"<made {i}>", "exec"), space)
    space["f"](1)
    return space["f"]

def open_in_a_child(kept):
    for _ in range(3):
        try:
            late.Session("work").__enter__()
            return 1
        except Exception as error:
            if "measures the parent" not in str(error):
                return 2
        kept[:] = [make(i) for i in range(200)]  # code that the parent had seen dies
        gc.collect()
        work()
    profile(work)()
    return 0

kept = [make(i) for i in range(300)]
work()
pid = os.fork()
if pid == 0:
    os._exit(open_in_a_child(kept))
print("child", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
work()
"""


@pytest.mark.parametrize("selected", ("work", "*"))
def test_inside_of_a_child_of_mprun(selected, tmp_path, host):
    """Its Python has the parts of the parent's session still: it is told so, and nothing of them is
    touched."""
    script = tmp_path / "script.py"
    script.write_text(CHILD_OF_MPRUN)
    result = harness.run_mprun([str(script)], tmp_path / "out.json", host, ("-f", selected),
                               env=ENVIRONMENT)
    assert b"child 0" in result.stdout, str(result)
    [function] = [each for each in result.profile["functions"] if each["qualname"] == "work"]
    assert function["calls"] == 2
