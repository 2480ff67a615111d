# SPDX-License-Identifier: MIT
"""Sessions that begin in a Python that runs: what they measure, and what they leave."""

import importlib.util
import json
import pathlib

import pytest

import harness

BUILD = pathlib.Path(harness.MPRUN).parent
HERE = pathlib.Path(__file__).parent


ENVIRONMENT = {"LATE_BUILD": str(BUILD), "PYTHONPATH": str(HERE)}


def run(tmp_path, text, *words, timeout=120, env=None):
    """Run a program that has `late`; what it prints last is JSON."""
    script = tmp_path / "late_program.py"
    script.write_text(text)
    result = harness.run([harness.PYTHON, str(script), *words], timeout=timeout,
                         env={**ENVIRONMENT, **(env or {})})
    assert result.status == 0, str(result)
    return json.loads(result.stdout.splitlines()[-1])


AGAIN = """
import json, threading, time
import late

running = True
def busy():
    while running:
        [bytearray(100) for i in range(50)]
        dict.fromkeys(range(20))
        time.sleep(0.0005)

def work():
    kept = []
    for i in range(50):
        kept.append(bytearray(1000))
    del kept
    return sum(range(100))

def measure():
    with late.Session("work", heap=HEAP, rss=RSS) as session:
        work()
    [function] = session.profile["functions"]
    return [{name: row[name] for name in FIGURES} for row in function["rows"]]

threads = [threading.Thread(target=busy) for i in range(THREADS)]
for thread in threads:
    thread.start()
measure()
measure()
before, maps = late.state(), late.maps()
first = measure()
for i in range(COUNT):
    last = measure()
after, more = late.state(), late.maps() - maps
running = False
for thread in threads:
    thread.join()
changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
print(json.dumps([first, last, repr(changed), more]))
"""


@pytest.mark.parametrize("threads", (0, 2))
@pytest.mark.parametrize("heap, rss", ((True, "auto"), (False, "every-line"), (True, "off")))
def test_again_and_again(tmp_path, heap, rss, threads):
    """A thousand sessions in one process: the last one's figures are those of the first, and nothing
    is left of any."""
    check_again(tmp_path, heap, rss, threads,
                1000 if threads and heap and rss == "auto" else 100)


def test_again_preloaded(tmp_path):
    """The same by the functions of the library that was preloaded, whose slots are nobody's."""
    check_again(tmp_path, True, "auto", 2, 100,
                {"LD_PRELOAD": str(BUILD / "libmprun-preload.so")})


def check_again(tmp_path, heap, rss, threads, count, env=None):
    """The last session's figures are those of the first, and what was there is there again."""
    figures = ("line", "hits") + (("heap_delta", "heap_allocated", "spike") if heap else ())
    text = f"HEAP, RSS, THREADS, COUNT, FIGURES = {(heap, rss, threads, count, figures)!r}\n" + AGAIN
    first, last, changed, more = run(tmp_path, text, env=env)
    assert first == last
    assert changed == "{}"
    assert more < 10  # the program's arenas, and mprun's own memory where it had to grow
    assert sum(row["hits"] for row in first) > 100


IN_TURN = """
import json
import late

KINDS = ({}, {"heap": False}, {"check": True}, {"rss": "off"}, {"function": "other"})

def other():
    pass

def work():
    kept = [bytearray(1000) for i in range(50)]
    return sum(range(100))

def measure(function="work", **config):
    with late.Session(function, **config) as session:
        work()
        other()
    return [[function["name"], row["line"], row["hits"], row["heap_allocated"], row["spike"]]
            for function in session.profile["functions"] for row in function["rows"]]

measure()
measure()
first = measure()
between = [measure(**kind) and measure() for kind in KINDS]
print(json.dumps([first, between]))
"""


def test_kinds_in_turn(tmp_path):
    """What the session before was told is nothing to this one."""
    first, between = run(tmp_path, IN_TURN)
    assert sum(row[3] for row in first) > 50 * 1000
    assert between == [first] * 5


RUNNING = """
import json, threading
import late

def inner(session):
    session.__enter__()
    x = [0] * 1000
    return x

def outer():
    session = late.Session("outer", "inner", "resumed", "in_thread")
    kept = inner(session)
    more = bytearray(5000)
    next(generator)
    next(generator)
    goes_on.set()
    thread.join()
    session.__exit__()
    return session.profile

def resumed():
    while True:
        yield
        z = bytearray(100)

def in_thread():
    started.set()
    goes_on.wait()
    y = [0] * 2000

started, goes_on = threading.Event(), threading.Event()
thread = threading.Thread(target=in_thread)
thread.start()
started.wait()
generator = resumed()
next(generator)
print(json.dumps(outer()))
"""


def test_frames_that_run_already(tmp_path):
    """From their next line on, in whatever thread; and a generator that waits."""
    profile = run(tmp_path, RUNNING)
    found = {(function["qualname"], row["line"]): (row["hits"], row["heap_delta"])
             for function in profile["functions"] for row in function["rows"] if row["hits"]}
    assert found["inner", 7] == (1, 8000)
    assert ("inner", 6) not in found
    assert found["outer", 13][0] == 1 and found["outer", 13][1] >= 5000
    assert ("outer", 12) not in found
    assert found["resumed", 24][0] == 2
    assert found["in_thread", 29][0] == 1 and found["in_thread", 29][1] >= 16000
    calls = {function["qualname"]: function["calls"] for function in profile["functions"]}
    assert calls["inner"] == calls["outer"] == calls["in_thread"] == 0


STOPPED = """
import json, threading
import late

def stop():
    session.__exit__()

def work():
    a = bytearray(3000)
    b = bytearray(70000), deeper(), bytearray(500000)

def deeper():
    c = bytearray(20000), stop(), bytearray(500000)

def in_thread():
    d = bytearray(40000), started.set(), goes_on.wait()

started, goes_on = threading.Event(), threading.Event()
session = late.Session("work", "deeper", "in_thread", "stop", "__exit__")
thread = threading.Thread(target=in_thread)
session.__enter__()
thread.start()
started.wait()
work()
goes_on.set()
thread.join()
print(json.dumps(session.profile))
"""


def test_rows_open_at_the_end(tmp_path):
    """They close when the session does, in each thread: the program goes on, and has ended in none
    of them; nor in one that has opened since."""
    profile = run(tmp_path, STOPPED)
    assert profile["open"] == []
    found = {(function["qualname"], row["line"]): (row["hits"], row["heap_delta"])
             for function in profile["functions"] for row in function["rows"] if row["hits"]}
    for place, least in ((("work", 9), 3000), (("work", 10), 90000), (("deeper", 13), 20000),
                         (("in_thread", 16), 40000)):
        hits, size = found[place]
        assert hits == 1 and least < size < least + 5000, (place, size)
    [exit] = [f for f in profile["functions"] if f["qualname"] == "Session.__exit__"]
    assert sum(row["hits"] for row in exit["rows"]) == 2


ELSEWHERE = """
import json, threading
import late

def work():
    kept = bytearray(70000), in_thread(session.__exit__)

def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()

session = late.Session("work", rss=RSS)
session.__enter__()
work()
print(json.dumps(session.profile))
"""


@pytest.mark.parametrize("rss", ("auto", "rusage", "off"))
def test_ended_by_another_thread(tmp_path, rss):
    """One that has run no selected code: the rows are closed, and nothing is said of threads."""
    profile = run(tmp_path, f"RSS = {rss!r}\n" + ELSEWHERE)
    [function] = profile["functions"]
    [row] = [row for row in function["rows"] if row["hits"]]
    assert 70000 < row["heap_delta"] < 80000
    assert row["rss_delta"] is None if rss == "off" else row["rss_delta"] >= 0
    assert not any("more than one thread" in note for note in profile["notes"])


DIES = """
import os, sys
import late
from late import _mprun

def work():
    kept = bytearray(70000), os._exit(3)

_mprun.open(int(sys.argv[1]), patterns=["work"])
_mprun.begin()
work()
"""


def test_program_dies_in_the_session(tmp_path):
    """Then it has ended in the row that was open."""
    (tmp_path / "dies.py").write_text(DIES)
    profile = run(tmp_path, "import json, subprocess, sys\nimport late\nfd = late.make_recording()\n"
                  "died = subprocess.run([sys.executable, sys.argv[1], str(fd)], pass_fds=[fd])\n"
                  "assert died.returncode == 3\nprint(json.dumps(late.report(fd)))",
                  str(tmp_path / "dies.py"))
    [row] = profile["open"]
    assert (row["function"], row["line"]) == ("work", 7)
    [function] = profile["functions"]
    assert 70000 < function["heap_delta"] < 75000


NATIVE = """
import json
import late

before = late.native_malloc(1 << 20)

def work():
    a = late.native_malloc(300000)
    late.native_free(before)
    return a

with late.Session("work") as session:
    block = work()
late.native_free(block)
print(json.dumps(session.profile))
"""


@pytest.mark.parametrize("preloaded", (False, True))
def test_native_memory(tmp_path, preloaded):
    """What C code allocates while the session is open, and nothing that is older."""
    env = {"LD_PRELOAD": str(BUILD / "libmprun-preload.so")} if preloaded else None
    profile = run(tmp_path, NATIVE, env=env)
    [function] = profile["functions"]
    row = {row["line"]: row for row in function["rows"]}
    assert 300000 <= row[8]["heap_delta"] < 301000
    assert -1000 < row[9]["heap_delta"] < 1000
    assert profile["heap"]["native"]["end"] == 300000


WRAPPED = """
import _imp, ctypes, json, sys
from ctypes import c_ssize_t, c_void_p, py_object
import late

def wrap(builtin, *arguments):
    '''In its definition, as other tools do: what was there is called by what comes there.'''
    definition = c_void_p.from_address(id(builtin) + 2 * ctypes.sizeof(c_void_p)).value
    place = c_void_p.from_address(definition + ctypes.sizeof(c_void_p))
    kind = ctypes.PYFUNCTYPE(py_object, py_object, *arguments)
    before = kind(place.value)
    def front(*args):
        calls.append(builtin.__name__)
        return before(*args)
    made = kind(front)
    kept.append(made)
    place.value = ctypes.cast(made, c_void_p).value

def work():
    return [0] * 1000

def use():
    calls.clear()
    if sys.version_info >= (3, 12):
        sys.monitoring.free_tool_id(5)
    else:
        sys.settrace(None)
    sys.modules.pop("_queue", None)
    import _queue
    return list(calls)

kept, calls, found = [], [], []
for i in range(3):
    with late.Session("work") as session:
        if i == 0:
            builtin = sys.settrace if sys.version_info < (3, 12) else sys.monitoring.free_tool_id
            wrap(builtin, py_object)
            wrap(_imp.create_dynamic, c_void_p, c_ssize_t)
        work()
        found.append(use())
    found.append(use())
    found.append(session.profile["functions"][0]["calls"])
print(json.dumps(found))
"""


def test_another_wraps_what_is_wrapped(tmp_path):
    """What it has put in front of mprun's in one session goes on to that in the next ones: no call
    comes round to itself."""
    found = run(tmp_path, WRAPPED)
    once = ["settrace" if harness.MINOR == "3.11" else "free_tool_id", "create_dynamic"]
    assert found == [once, once, 1] * 3


FORKED = """
import gc, json, os, sys
import late
from late import _mprun

def work():
    return [0] * 1000

def make(i):
    space = {}
    exec(compile(f"def f(x):\\n    return [x] * {i}\\n", f"<made {i}>", "exec"), space)
    space["f"](1)
    return space["f"]

before = late.state()
session = late.Session("work")
session.__enter__()
work()
kept = [make(i) for i in range(300)]
pid = os.fork()
if pid == 0:
    work()
    del kept[:150]  # what the parent's session has seen dies before that is closed
    gc.collect()
    for call in (_mprun.begin, _mprun.end, lambda: _mprun.open(3)):
        try:
            call()
            os._exit(1)
        except RuntimeError as error:
            if "parent" not in str(error):
                os._exit(2)
    _mprun.close()
    after = late.state()
    for name in ("allocators", "slots", "tracing", "builtins", "exit handlers"):
        if after[name] != before[name]:
            print(name, before[name], after[name], file=sys.stderr)
            os._exit(3)
    with late.Session("work") as own:
        kept[:] = [make(i) for i in range(300)]  # what the parent's session has seen dies
        work()
        kept.clear()
        work()
    [function] = own.profile["functions"]
    right = function["calls"] == 2 and 16000 <= function["rows"][1]["heap_allocated"] < 17000
    os._exit(0 if right else 4)
status = os.waitpid(pid, 0)[1]
work()
session.__exit__()
[function] = session.profile["functions"]
print(json.dumps([os.waitstatus_to_exitcode(status), function["calls"]]))
"""


@pytest.mark.parametrize("allocator", ("pymalloc", "debug"))
def test_fork(tmp_path, allocator):
    """The session is the parent's. A child that closes it has nothing left of it, and may open its
    own. With CPython's debugging allocator nobody may look into code that has died."""
    assert run(tmp_path, FORKED, env={"PYTHONMALLOC": allocator}) == [0, 2]


MISTAKES = """
import json, os, sys
import late
from late import _mprun

def said(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
        return None
    except Exception as error:
        return type(error).__name__ + ": " + str(error)

fd = late.make_recording()
file = os.open("/dev/null", os.O_RDONLY)
found = {
    "nothing": said(_mprun.open),
    "no number": said(_mprun.open, "3"),
    "true": said(_mprun.open, True),
    "negative": said(_mprun.open, -1),
    "huge": said(_mprun.open, 1 << 70),
    "closed": said(_mprun.open, 900),
    "no recording": said(_mprun.open, file),
    "unknown": said(_mprun.open, fd, colour="red"),
    "unknown item": said(_mprun.open, {"recording": fd, "colour": "red"}),
    "patterns": said(_mprun.open, fd, patterns="work"),
    "pattern": said(_mprun.open, fd, patterns=[1]),
    "empty pattern": said(_mprun.open, fd, patterns=[""]),
    "nul": said(_mprun.open, fd, patterns=["a" + chr(0)]),
    "rss": said(_mprun.open, fd, rss="sometimes"),
    "rss type": said(_mprun.open, fd, rss=1),
    "heap": said(_mprun.open, fd, heap=1),
    "begin": said(_mprun.begin), "end": said(_mprun.end), "close": said(_mprun.close),
}
fd = late.make_recording()
before = late.state()
_mprun.open({"recording": fd, "patterns": ("work",), "heap": False, "rss": "off"})
found["twice"] = said(_mprun.open, fd)
_mprun.begin()
found["begin twice"] = said(_mprun.begin)
_mprun.end()
found["end twice"] = said(_mprun.end)
found["begin again"] = said(_mprun.begin)
_mprun.close()
found["close twice"] = said(_mprun.close)
found["used"] = said(_mprun.open, fd)
found["state"] = late.state() == before
print(json.dumps(found))
"""

SAID = {
    "nothing": "TypeError: recording is missing",
    "no number": "TypeError: recording must be a descriptor",
    "true": "TypeError: recording must be a descriptor",
    "negative": "ValueError: recording is -1",
    "huge": "ValueError: recording is 1180591620717411303424",
    "closed": "ValueError: descriptor 900 is not a recording",
    "no recording": "is not a recording",
    "unknown": "colour",
    "unknown item": "colour",
    "patterns": "TypeError: patterns must be a list or a tuple of str, not str",
    "pattern": "TypeError: patterns[0] must be a str, not int",
    "empty pattern": "ValueError: ",
    "nul": "ValueError: patterns[0] holds a NUL character",
    "rss": "ValueError: rss is 'sometimes'",
    "rss type": "TypeError: rss must be a str, not int",
    "heap": "TypeError: heap must be True or False, not int",
    "begin": "RuntimeError: cannot begin a session: no session is open",
    "end": "RuntimeError: cannot end a session: no session is open",
    "close": "RuntimeError: cannot close a session: no session is open",
    "twice": "RuntimeError: cannot open a session: the session is open already",
    "begin twice": "RuntimeError: cannot begin a session: the session has begun already",
    "end twice": "RuntimeError: cannot end a session: the session has ended already",
    "begin again": "RuntimeError: cannot begin a session: the session has ended already",
    "used": "is a recording that was used already",
    "close twice": "RuntimeError: cannot close a session: no session is open",
}


def test_mistakes(tmp_path):
    """Each has a sentence, and leaves nothing behind."""
    found = run(tmp_path, MISTAKES)
    assert found.pop("state") is True
    for name, text in found.items():
        assert text and SAID[name] in text, (name, text)
    assert set(found) == set(SAID)


SPOILT = """
import json, os, struct
import late
from late import _mprun

fd = late.make_recording()
os.pwrite(fd, struct.pack("I", 9999), 8)  # its version
try:
    _mprun.open(fd)
except Exception as error:
    print(json.dumps(type(error).__name__ + ": " + str(error)))
try:
    _mprun.close()
except RuntimeError:
    pass
else:
    print("open")
"""


def test_recording_of_another_version(tmp_path):
    assert run(tmp_path, SPOILT).startswith("RuntimeError: the recording has version 9999")


def test_extension_of_another_python(tmp_path):
    """A module that was built for another version says so, where its name leads to it."""
    others = [path for path in BUILD.glob("_mprun-*.so") if path.stem != f"_mprun-{harness.MINOR}"]
    if not others:
        pytest.skip("it is built for this Python only")
    script = tmp_path / "script.py"
    script.write_text("import importlib.util as u\n"
                      f"s = u.spec_from_file_location('_mprun', {str(others[0])!r})\n"
                      "u.module_from_spec(s)\n")
    result = harness.run([harness.PYTHON, str(script)])
    assert result.status == 1, str(result)
    assert b"ImportError" in result.stderr


CHECKED = """
import json, mmap
import late

def work():
    kept = []
    for i in range(200):
        kept.append(bytearray(20000))
    area = mmap.mmap(-1, 1 << 22, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    area.write(b"x" * (1 << 22))
    area.close()
    big = bytearray(1 << 24)
    del big
    del kept
    with open("/proc/self/exe", "rb") as file:
        text = file.read(1 << 22)
    return len(text)

with late.Session("work", check=True, rss=TIER) as session:
    for i in range(20):
        work()
print(json.dumps(session.profile))
"""


@pytest.mark.parametrize("tier", ("auto", "rusage"))
def test_gate_misses_nothing(tmp_path, tier):
    """What changes RSS is announced to the gate in a late session, too."""
    profile = run(tmp_path, f"TIER = {tier!r}\n" + CHECKED)
    check = profile["engines"]["check"]
    assert check["changes"] > 100
    assert check["missed"] == 0, check


def test_early_then_late():
    """A session that was opened before Python, and ends while that runs on, leaves nothing behind
    either; late ones follow it."""
    result = harness.run([str(BUILD / "tests" / "session" / f"early-{harness.MINOR}")])
    assert result.status == 0 and not result.stdout, str(result)
