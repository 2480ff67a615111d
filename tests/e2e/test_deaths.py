# SPDX-License-Identifier: MIT
"""Programs that die: each still gets its report, with how it ended and the line that was open;
mprun ends as the program did, and nothing is left behind.

A row's program grows in the line marked HERE and dies there; the last sample lags by at most one
interval, so programs wait for some intervals before they die."""

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

import harness

REFUSED = 125
MIB = 1 << 20
HERE = "# here"

HEAD = """
import atexit, ctypes, os, resource, signal, subprocess, sys, threading, time
fill = lambda mib: bytearray(mib << 20)
wait = lambda: time.sleep(0.08)
"""


@dataclasses.dataclass(frozen=True)
class Death:
    """`code` follows HEAD. `grows`: MiB (least, most) that the open line shows."""

    name: str
    code: str
    status: int
    grows: tuple = (39, 42)
    stderr: bytes = b""
    # The words that notes must hold.
    notes: tuple = ()
    words: tuple = ("--func", "die")


def dying(action):
    """A function that grows by 40 MiB and ends in one line."""
    return f"def die():\n    return fill(40), wait(), {action}  {HERE}\ndie()\n"


KILLED_WHILE_FILLING = f"""
def pieces(mib, at, killer):
    for i in range(mib):
        if i == at:
            killer.stdin.write(b"now\\n"); killer.stdin.flush()
        yield bytearray(1 << 20)
        time.sleep(0.002)
def die():
    killer = subprocess.Popen(["/bin/sh", "-c", "read now; kill -9 $PPID"], stdin=subprocess.PIPE)
    keep = [piece for piece in pieces(300, 200, killer)]  {HERE}
die()
"""

MEMORY_ERROR = """
def die():
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * os.sysconf("SC_PAGESIZE") + (100 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    keep = []
    while True:
        keep.append(fill(8))
die()
"""

DEEP_IN_C = f"""
sys.setrecursionlimit(10 ** 9)
def die(n=0):
    return sorted([n + 1], key=die)  {HERE}
die()
"""

DAEMON = """
def die():
    if os.fork():
        os._exit(0)  # here
    os.setsid()
    if os.fork():
        os._exit(0)
    for fd in 0, 1, 2:
        os.dup2(os.open("/dev/null", os.O_RDWR), fd)
    time.sleep(0.5)
    open("daemon", "w").write(str(os.getpid()))
    os._exit(0)
die()
"""

DEATHS = (
    Death("exit_at_once", dying("os._exit(3)"), 3),
    Death("abort", dying("os.abort()"), -signal.SIGABRT),
    Death("null_pointer", dying("ctypes.string_at(0)"), -signal.SIGSEGV),
    Death("jump_to_null", dying("ctypes.CFUNCTYPE(None)(1)()"), -signal.SIGSEGV),
    Death("division_in_c", dying("os.kill(os.getpid(), signal.SIGFPE)"), -signal.SIGFPE),
    Death("killed_while_filling", KILLED_WHILE_FILLING, -signal.SIGKILL, (185, 260)),
    Death("memory_error", MEMORY_ERROR, 1, stderr=b"MemoryError"),
    Death("recursion_error", "def die(n=0):\n    return die(n + 1) + 1\ndie()\n", 1,
          stderr=b"RecursionError"),
    # From 3.12 on CPython minds its C stack.
    *((Death("recursion_in_c", DEEP_IN_C, -signal.SIGSEGV, (0, 400)),)
      if harness.VERSION < (3, 12) else ()),
    Death("terminated", dying("os.kill(os.getpid(), signal.SIGTERM)"), -signal.SIGTERM),
    Death("terminated_by_thread", f"""
def die():
    threading.Timer(0.15, lambda: os.kill(os.getpid(), 15)).start()
    return fill(40), time.sleep(10)  {HERE}
die()
""", -signal.SIGTERM),
    Death("dies_in_a_thread", f"""
def die():
    return fill(40), wait(), os._exit(6)  {HERE}
t = threading.Thread(target=die); t.start(); t.join()
""", 6),
    Death("cpu_limit", dying("resource.setrlimit(resource.RLIMIT_CPU, (1, 2)), "
                             "sum(iter(int, 1))"), -signal.SIGXCPU),
    Death("exec", dying("os.execv('/bin/sh', ['sh', '-c', 'exit 7'])"), 7,
          notes=("replaced itself by another one (exec)",)),
    Death("daemon", DAEMON, 0, (-1, 2), notes=("process",)),
    Death("exit_in_generator", f"""
def die():
    yield fill(40), wait(), os._exit(9)  {HERE}
list(die())
""", 9),
    Death("at_exit", f"@atexit.register\n{dying('os._exit(5)').rpartition('die()')[0]}", 5),
    Death("killed_at_exit", "@atexit.register\n"
          + dying("os.kill(os.getpid(), 9)").rpartition("die()")[0], -signal.SIGKILL),
    Death("in_del_of_a_global", f"""
class Kept:
    def __del__(self, fill=fill, wait=wait, kill=os.kill, pid=os.getpid()):
        return fill(40), wait(), kill(pid, 9)  {HERE}
kept = Kept()
""", -signal.SIGKILL, words=("--func", "Kept.__del__")),
)


def lay(folder, row):
    """The row's script; returns the number of the line that dies, None without one."""
    text = HEAD + row.code
    (folder / "script.py").write_text(text, encoding="utf-8")
    lines = [i for i, line in enumerate(text.splitlines(), 1) if line.endswith(HERE)]
    return lines[0] if lines else None


def processes_in(folder):
    """Processes, zombies apart, whose working directory is the folder."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(place / "cwd") == str(folder):
                found.append(place.name)
        except OSError:
            pass
    return found


def assert_nothing_left(folder, expected=("script.py",), patience=5.0):
    """No process that ran there, no file beside those that were expected."""
    deadline = time.monotonic() + patience
    while processes_in(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not processes_in(folder)
    left = {p.name for p in folder.iterdir()} - set(expected)
    assert not left, left


def check_open(result, row, line):
    """What was open is in the JSON, and the line carries its growth."""
    places = [(o["function"], o["line"]) for o in result.profile["open"]]
    name = row.words[-1]
    assert result.function(name)["calls"] >= 1
    if line is None:
        assert not places, places
        return
    assert (name, line) in places, f"{places}\n{result}"
    rows = {r["line"]: r for r in result.function(name)["rows"]}
    least, most = row.grows
    assert rows[line]["hits"] >= 1, rows[line]
    assert least * MIB <= rows[line]["rss_delta"] <= most * MIB, rows[line]


def check_death(result, row, line):
    """Status, messages, how it ended, what was open."""
    assert result.status == row.status, str(result)
    assert row.stderr in result.foreign_stderr, str(result)
    assert not result.own_lines, str(result)
    ended = result.profile["exit"]
    assert ended == ({"status": None, "signal": -row.status} if row.status < 0
                     else {"status": row.status, "signal": None}), ended
    assert result.profile["dropped"] == 0
    for words in row.notes:
        assert any(words in note for note in result.profile["notes"]), result.profile["notes"]
    check_open(result, row, line)


@pytest.mark.parametrize("row", DEATHS, ids=lambda row: row.name)
def test_death(row, host, tmp_path):
    """The whole profile, whichever way the program ended."""
    folder = tmp_path / "d"
    folder.mkdir()
    line = lay(folder, row)
    result = harness.run_mprun(["script.py"], tmp_path / "out.json", host, row.words, cwd=folder)
    check_death(result, row, line)
    assert_nothing_left(folder, ("script.py", "daemon"))
    assert (folder / "daemon").exists() == (row.name == "daemon"), "the daemon lives on"


SHOWN = [row for row in DEATHS if row.name in ("exit_at_once", "null_pointer", "terminated")]


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.name)
def test_death_in_text(row, tmp_path):
    """The report for people: how it ended in the head, the mark at the line, with its growth."""
    lay(tmp_path, row)
    result = harness.run([harness.MPRUN, "--width", "0", *row.words, "script.py"], cwd=tmp_path)
    text = result.stdout.decode()
    assert result.status == row.status, str(result)
    how = f"exit {row.status}" if row.status >= 0 else signal.Signals(-row.status).name
    assert how in text, str(result)
    marked = [l for l in text.splitlines() if "◀ ended here" in l]
    assert len(marked) == 1 and HERE in marked[0], str(result)
    assert re.search(r"\+(39|40|41)\.\d", marked[0]), marked
    assert_nothing_left(tmp_path)


# --- before the program runs

# (name, what sitecustomize does, status, what the message names)
START_UPS = (
    ("exit", "os._exit(4)", REFUSED, "ended with status 4"),
    ("kill", "os.kill(os.getpid(), 9)", REFUSED, "was ended by signal 9"),
    ("crash", "ctypes.string_at(0)", REFUSED, "was ended by signal 11"),
    ("terminate", "os.kill(os.getpid(), 15)", -signal.SIGTERM, "was ended by signal 15"),
    ("exec", "os.execv('/bin/sh', ['sh', '-c', 'exit 7'])", REFUSED, "ended with status 7"),
)


@pytest.mark.parametrize("code, status, says", [row[1:] for row in START_UPS],
                         ids=[row[0] for row in START_UPS])
def test_death_at_start_up(code, status, says, host, tmp_path):
    """Nothing was measured: one message says how it ended, and there is no report."""
    (tmp_path / "sitecustomize.py").write_text(f"import ctypes, os\n{code}\n", encoding="utf-8")
    (tmp_path / "script.py").write_text("open('ran', 'w')\n", encoding="utf-8")
    result = harness.run_mprun(["script.py"], tmp_path / "out.json", host, cwd=tmp_path,
                               env={"PYTHONPATH": str(tmp_path)})
    assert result.status == status, str(result)
    assert len(result.own_lines) == 1 and "nothing was measured" in result.own_lines[0], str(result)
    assert says in result.own_lines[0], str(result)
    assert not result.foreign_stderr and not result.stdout, str(result)
    assert_nothing_left(tmp_path, ("script.py", "sitecustomize.py"))


# --- deaths that come from outside

SLOW_FILL = f"""
def die():
    keep = [(bytearray(1 << 20), time.sleep(0.002)) for i in range(1000)]  {HERE}
die()
"""


def memory_cgroup():
    """A new memory cgroup below ours and its limit's file, None where the machine allows none."""
    for line in pathlib.Path("/proc/self/cgroup").read_text("utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        for root in ("/sys/fs/cgroup/memory",) if "memory" in controllers else (
                ("/sys/fs/cgroup",) if not controllers else ()):
            place = pathlib.Path(f"{root}{path.rstrip('/')}/mprun-test-{os.getpid()}")
            try:
                place.mkdir()
            except OSError:
                continue
            for name in ("memory.limit_in_bytes", "memory.max"):
                if (place / name).exists():
                    return place, place / name
            place.rmdir()
    return None


def test_out_of_memory_killer(host, tmp_path):
    """The kernel kills the biggest process of the cgroup, the program; mprun reports beside it."""
    row = Death("oom", SLOW_FILL, -signal.SIGKILL, (60, 130))
    found = memory_cgroup()
    if not found:
        pytest.skip("no memory cgroup can be made here")
    place, limit = found
    try:
        limit.write_text(str(128 << 20), "utf-8")
        if (place / "memory.swap.max").exists():
            (place / "memory.swap.max").write_text("0", "utf-8")
        line = lay(tmp_path, row)
        command = harness.mprun_argv(["script.py"], ("-q", "-o", "out.json", *row.words), host)
        result = harness.run(["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"',
                              str(place), *command], cwd=tmp_path)
        result.profile = harness.read_profile(tmp_path / "out.json")
        check_death(result, row, line)
        assert_nothing_left(tmp_path, ("script.py", "out.json"))
    finally:
        place.rmdir()


def holders_of_recordings():
    """Processes that hold a descriptor of some recording."""
    found = set()
    for link in pathlib.Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if "mprun-recording" in os.readlink(link):
                found.add(link.parts[2])
        except OSError:
            pass
    return found


@pytest.mark.parametrize("moment", ("started", "filling"))
def test_supervisor_killed(moment, host, tmp_path):
    """The target dies with mprun; no process, no file, no descriptor stays."""
    code = "import os, time\nprint(os.getpid(), flush=True)\n"
    code += "time.sleep(60)\n" if moment == "started" else \
        "keep = [(bytearray(1 << 20), time.sleep(0.01)) for i in range(6000)]\n"
    (tmp_path / "script.py").write_text(code, encoding="utf-8")
    with subprocess.Popen(harness.mprun_argv(["script.py"], (), host), cwd=tmp_path,
                          stdout=subprocess.PIPE, env=harness.environment()) as process:
        target = process.stdout.readline().decode().strip()
        pids = {target, str(process.pid)}
        assert pids <= set(processes_in(tmp_path))
        if moment == "filling":
            time.sleep(0.1)
        process.kill()
        assert process.stdout.read() == b""
        assert process.wait(10) == -signal.SIGKILL
    assert_nothing_left(tmp_path)
    assert not pids & holders_of_recordings()


def test_supervisor_killed_before_the_program(tmp_path):
    """Also while Python itself still starts."""
    (tmp_path / "sitecustomize.py").write_text(
        "import time\nopen('begun', 'w').close()\ntime.sleep(60)\n", encoding="utf-8")
    (tmp_path / "script.py").write_text("pass\n", encoding="utf-8")
    with subprocess.Popen(harness.mprun_argv(["script.py"]), cwd=tmp_path,
                          env=harness.environment({"PYTHONPATH": str(tmp_path)})) as process:
        deadline = time.monotonic() + 10
        while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
    assert_nothing_left(tmp_path, ("script.py", "sitecustomize.py", "begun"))
