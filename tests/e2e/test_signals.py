# SPDX-License-Identifier: MIT
"""Signals that do not go to the whole group: each reaches the program once, and mprun waits for
none that need not come."""

import ctypes
import os
import pathlib
import pty
import signal
import subprocess
import time

import pytest

import harness
from test_deaths import assert_nothing_left, processes_in

PATIENCE = 20


def start(folder, code, host=None, words=("-q",), before=(), **kwargs):
    """The program under mprun (`host` None: under python3 alone), its output a pipe."""
    harness.write_program(folder, code, "script.py")
    argv = harness.mprun_argv(["script.py"], words, host) if host else [harness.PYTHON, "script.py"]
    return subprocess.Popen([*before, *argv], cwd=folder, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=harness.environment(), **kwargs)


def finish(process):
    """Its status, what it wrote and mprun's messages; one that hangs is killed and shown."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(f"no end after {PATIENCE} s: {process.communicate()}") from None
    return process.returncode, out.decode(), err.decode()


# --- stops

# Another process does this to the program alone (PPID), which then goes on or is gone.
LONELY_STOPS = (
    ("stop", "kill -STOP $PPID; sleep 0.3; kill -CONT $PPID", 0),
    ("terminal_stop", "kill -TSTP $PPID; sleep 0.3; kill -CONT $PPID", 0),
    ("cpulimit", "for i in 1 2 3 4 5 6 7 8; do kill -STOP $PPID; sleep 0.03; kill -CONT $PPID; "
                 "sleep 0.02; done", 0),
    ("killed_while_stopped", "kill -STOP $PPID; sleep 0.3; kill -KILL $PPID", -signal.SIGKILL),
    ("at_once", "kill -STOP $PPID; kill -CONT $PPID", 0),
)


@pytest.mark.parametrize("does, status", [row[1:] for row in LONELY_STOPS],
                         ids=[row[0] for row in LONELY_STOPS])
def test_stopped_alone(does, status, host, tmp_path):
    """mprun goes on, or ends, with a program that is stopped and continued alone."""
    code = f"""
import subprocess, time
child = subprocess.Popen(["/bin/sh", "-c", {does!r}])
while child.poll() is None:
    time.sleep(0.01)
print("done", flush=True)
"""
    with start(tmp_path, code, host) as process:
        got, out, err = finish(process)
    assert (got, out, err) == (status, "" if status else "done\n", ""), (got, out, err)
    assert_nothing_left(tmp_path)


def state_of(pid):
    """The letter of /proc/PID/stat."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]


def await_state(pid, letter):
    """Wait until the process is (or, behind a `!`, is no longer) in that state."""
    deadline = time.monotonic() + PATIENCE
    while (state_of(pid) == letter[-1]) == letter.startswith("!"):
        assert time.monotonic() < deadline, f"{pid} is {state_of(pid)}, not {letter}"
        time.sleep(0.01)


def test_stops_with_the_program(host, tmp_path):
    """Whoever watches mprun sees the program's stop, and continues both through mprun."""
    code = "import os\nprint(os.getpid(), flush=True)\nos.kill(os.getpid(), 19)\nprint('done')\n"
    with start(tmp_path, code, host) as process:
        target = int(process.stdout.readline())
        await_state(process.pid, "T")
        time.sleep(0.3)
        assert state_of(process.pid) == state_of(target) == "T"
        process.send_signal(signal.SIGCONT)
        assert finish(process) == (0, "done\n", "")
    assert_nothing_left(tmp_path)


# --- what the kernel sends to one process

# Counts its signals into a file for a while.
COUNTER = """
import os, signal, sys, time
counts = {}
def on_signal(number, frame):
    name = signal.Signals(number).name
    counts[name] = counts.get(name, 0) + 1
for name in "HUP INT QUIT TERM CONT USR1 USR2 ALRM VTALRM PROF IO".split():
    signal.signal(getattr(signal, "SIG" + name), on_signal)
print("ready", flush=True)
deadline = time.monotonic() + 20
while not counts and time.monotonic() < deadline:
    time.sleep(0.01)
deadline = time.monotonic() + 0.5
while time.monotonic() < deadline:
    time.sleep(0.01)
with open("counts", "w") as out:
    print(sorted(counts.items()), file=out)
"""


def counts_of(folder):
    """What the counter counted."""
    return (folder / "counts").read_text("utf-8")


def hang_up(folder, argv):
    """The command as the leader of a session whose terminal goes away; its status."""
    pid, fd = pty.fork()
    if pid == 0:
        try:
            os.chdir(folder)
            os.execve(argv[0], argv, harness.environment())
        finally:
            os._exit(127)
    seen = b""
    while b"ready" not in seen:
        seen += os.read(fd, 999)
    time.sleep(0.1)
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


SLEEPER = "import time\nprint('ready', flush=True)\ntime.sleep(20)\n"


def test_hang_up(host, tmp_path):
    """A terminal that goes away tells the leader of its session only: the program is told."""
    for code, status, counts in ((COUNTER, 0, "[('SIGCONT', 1), ('SIGHUP', 1)]\n"),
                                 (SLEEPER, -signal.SIGHUP, None)):
        script = harness.write_program(tmp_path, code, "script.py")
        for argv in ([harness.PYTHON, script], harness.mprun_argv([script], ("-q",), host)):
            began = time.monotonic()
            assert hang_up(tmp_path, argv) == status, argv
            assert time.monotonic() - began < 10
            if counts:
                assert counts_of(tmp_path) == counts, argv
                (tmp_path / "counts").unlink()
    assert_nothing_left(tmp_path)


MANY = ("ALRM", "HUP", "IO", "PROF", "USR1", "USR2", "VTALRM")


def send_many(pid):
    """To the group, one about when mprun is done with the one before."""
    for name in MANY:
        os.killpg(pid, getattr(signal, "SIG" + name))
        time.sleep(0.0007)


# (name, to whom a signal goes, what the program counts)
SENT = (
    ("many_to_the_group", send_many, f"{[('SIG' + name, 1) for name in MANY]}\n"),
    ("cont_alone", lambda pid: os.kill(pid, signal.SIGCONT), "[('SIGCONT', 1)]\n"),
    ("cont_group", lambda pid: os.killpg(pid, signal.SIGCONT), "[('SIGCONT', 1)]\n"),
    ("hup_alone", lambda pid: os.kill(pid, signal.SIGHUP), "[('SIGHUP', 1)]\n"),
    ("hup_group", lambda pid: os.killpg(pid, signal.SIGHUP), "[('SIGHUP', 1)]\n"),
    ("stop_group", lambda pid: (os.killpg(pid, signal.SIGSTOP), time.sleep(0.3),
                                os.killpg(pid, signal.SIGCONT)), "[('SIGCONT', 1)]\n"),
)


@pytest.mark.parametrize("send, counts", [row[1:] for row in SENT], ids=[row[0] for row in SENT])
def test_sent(send, counts, host, tmp_path):
    """Once, as under python3."""
    for where in (None, host):
        with start(tmp_path, COUNTER, where, start_new_session=True) as process:
            assert process.stdout.readline() == b"ready\n"
            send(process.pid)
            assert finish(process) == (0, "", ""), where
        assert counts_of(tmp_path) == counts, where
    assert_nothing_left(tmp_path, ("script.py", "counts"))


# --- kill by name, by command line, of the group's members

def named(folder, attribute, words):
    """What pkill(1) finds in the folder: processes whose comm or cmdline holds the words,
    the oldest first."""
    return [pid for pid in sorted(map(int, processes_in(folder)))
            if words in pathlib.Path(f"/proc/{pid}/{attribute}").read_text("utf-8")]


@pytest.mark.parametrize("attribute, words", (
    ("comm", "mprun"), ("comm", "python"), ("cmdline", "mprun"), ("cmdline", "script.py")))
def test_killed_by_name(attribute, words, host, tmp_path):
    """A signal to all processes of that name reaches the program once."""
    with start(tmp_path, COUNTER, host, start_new_session=True) as process:
        assert process.stdout.readline() == b"ready\n"
        for pid in named(tmp_path, attribute, words):
            os.kill(pid, signal.SIGTERM)
        assert finish(process) == (0, "", "")
    assert counts_of(tmp_path) == "[('SIGTERM', 1)]\n"


def test_name_in_the_embedded_host(host, tmp_path):
    """The program's process is called what exec would call it."""
    code = "print(open('/proc/self/comm').read(), end='')"
    with start(tmp_path, code, host) as process:
        name = pathlib.Path(harness.PYTHON).name
        assert finish(process) == (0, f"{name[:15]}\n", "")


def test_helper_killed(host, tmp_path):
    """Whatever becomes of mprun's helper, a signal to the group reaches the program once."""
    with start(tmp_path, COUNTER, host, start_new_session=True) as process:
        assert process.stdout.readline() == b"ready\n"
        helpers = named(tmp_path, "comm", "witness")
        assert len(helpers) == 1
        os.kill(helpers[0], signal.SIGKILL)
        time.sleep(0.2)
        assert len(named(tmp_path, "comm", "witness")) == 1
        os.killpg(process.pid, signal.SIGUSR1)
        assert finish(process) == (0, "", "")
    assert counts_of(tmp_path) == "[('SIGUSR1', 1)]\n"


# --- while the report is made

LONG = "def f():\n" + "    x = 1\n" * 40000 + "f()\nprint('ready', flush=True)\n"
STILL = "mprun: the report is being written; once more gives it up\n"


def await_report(process):
    """Wait until mprun has nobody left to supervise."""
    assert process.stdout.readline() == b"ready\n"
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + PATIENCE
    while children.read_text("utf-8") and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.05)


@harness.once
@pytest.mark.parametrize("names, says", (
    (("SIGINT",), STILL), (("SIGTERM",), STILL), (("SIGHUP",), STILL), (("SIGQUIT",), STILL),
    (("SIGUSR1", "SIGALRM", "SIGRTMIN"), "")))
def test_report_is_completed(names, says, tmp_path):
    """A signal that comes while the report is made does not lose it."""
    words = ("-q", "-o", "out.json")
    with start(tmp_path, LONG, "interpreter", words) as process:
        await_report(process)
        for name in names * 2:
            process.send_signal(signal.Signals[name])
        assert finish(process) == (0, "", says)
    assert "f" in [f["name"] for f in harness.read_profile(tmp_path / "out.json")["functions"]]
    assert_nothing_left(tmp_path, ("script.py", "out.json"))


@harness.once
@pytest.mark.parametrize("name", ("SIGINT", "SIGTERM"))
def test_report_is_given_up(name, tmp_path):
    """Who asks twice gets an end; a hang-up is no such question."""
    with start(tmp_path, LONG, "interpreter", ("--all-lines",)) as process:
        await_report(process)
        for number in (signal.SIGHUP, signal.SIGHUP, signal.Signals[name]):
            assert process.poll() is None
            process.send_signal(number)
            time.sleep(0.3)
        status, _, messages = finish(process)
    assert status == -signal.Signals[name]
    assert messages == STILL + "mprun: given up: there is no report\n"
    assert_nothing_left(tmp_path)


# --- what exec keeps and fork does not

TIMERS = (
    ("real", signal.ITIMER_REAL, "SIGALRM"),
    ("virtual", signal.ITIMER_VIRTUAL, "SIGVTALRM"),
    ("prof", signal.ITIMER_PROF, "SIGPROF"),
)


@pytest.mark.parametrize("timer, name", [row[1:] for row in TIMERS], ids=[row[0] for row in TIMERS])
def test_timer(timer, name, host, tmp_path):
    """A timer that was set before mprun was started (`alarm N; exec`) is the program's."""
    code = "import signal\nwhile True: pass\n"
    for where in (None, host):
        with start(tmp_path, code, where,
                   preexec_fn=lambda: signal.setitimer(timer, 0.4)) as process:
            assert finish(process) == (-signal.Signals[name], "", ""), where


def test_timers_are_seen(host, tmp_path):
    """The program can read them and take them away."""
    code = """
import signal
for timer in range(3):
    left, interval = signal.setitimer(timer, 0)
    print(50 < left < 61, interval)
"""
    def before():
        for timer in range(3):
            signal.setitimer(timer, 60, 7)
    for where in (None, host):
        with start(tmp_path, code, where, preexec_fn=before) as process:
            assert finish(process) == (0, "True 7.0\n" * 3, ""), where


def test_subreaper(host, tmp_path):
    """Whoever is to adopt orphans is so as the program."""
    code = """
import ctypes
adopts = ctypes.c_int()
ctypes.CDLL(None).prctl(37, ctypes.byref(adopts), 0, 0, 0)
print(adopts.value)
"""
    libc = ctypes.CDLL(None)
    for where in (None, host):
        for adopts in (0, 1):
            with start(tmp_path, code, where,
                       preexec_fn=lambda adopts=adopts: libc.prctl(36, adopts, 0, 0, 0)) as process:
                assert finish(process) == (0, f"{adopts}\n", ""), where


# --- what systemd says of the process that it has started

IDS = """
import os
fd = os.pidfd_open(os.getpid())
own = {"LISTEN_PIDFDID": os.fstat(fd).st_ino}
for name in "LISTEN_PID LISTEN_PIDFDID WATCHDOG_PID SYSTEMD_EXEC_PID".split():
    value = os.environ.get(name)
    print(name, value == str(own.get(name, os.getpid())) or value)
print([name for name in os.environ if "_PID" in name])
"""


def test_systemd_names_the_program(host, tmp_path):
    """Sockets and the watchdog are for the process of the variables: that is the program."""
    starter = ("import os, sys\nfd = os.pidfd_open(os.getpid())\npid = str(os.getpid())\n"
               "os.environ.update(LISTEN_PID=pid, WATCHDOG_PID=pid, SYSTEMD_EXEC_PID=pid,\n"
               "                  LISTEN_PIDFDID=str(os.fstat(fd).st_ino))\n"
               "os.execv(sys.argv[1], sys.argv[1:])\n")
    seen = []
    for where in (None, host):
        with start(tmp_path, IDS, where, before=(harness.PYTHON, "-c", starter)) as process:
            seen.append(finish(process))
    assert seen[0] == seen[1] and seen[0][1].count("True") == 4, seen


def test_systemd_names_another(host, tmp_path):
    """What names another process, or none, stays."""
    before = ("env", "LISTEN_PID=1", "LISTEN_PIDFDID=2", "WATCHDOG_PID=", "SYSTEMD_EXEC_PID=x")
    seen = []
    for where in (None, host):
        with start(tmp_path, IDS, where, before=before) as process:
            seen.append(finish(process))
    assert seen[0] == seen[1] and "True" not in seen[0][1], seen


# --- mprun is killed

# What makes the kernel forget that the program is to end with mprun.
FORGETTING = (
    ("asks", "import ctypes; ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)", ""),
    ("user", "os.setuid(65534)", "root"),
    ("group", "os.setgid(65534)", "root"),
)


@pytest.mark.parametrize("does, needs", [row[1:] for row in FORGETTING],
                         ids=[row[0] for row in FORGETTING])
@pytest.mark.parametrize("stopped", (False, True))
def test_killed_with_a_program_of_another_user(does, needs, stopped, host, tmp_path):
    """The program ends with mprun, whoever it has become; so does all that helped."""
    if needs and os.geteuid():
        pytest.skip("only root can become another user")
    code = f"import os, time\n{does}\nprint('ready', flush=True)\ntime.sleep(60)\n"
    with start(tmp_path, code, host, start_new_session=True) as process:
        assert process.stdout.readline() == b"ready\n"
        if stopped:
            os.killpg(process.pid, signal.SIGSTOP)
            time.sleep(0.1)
        process.kill()
        assert finish(process)[0] == -signal.SIGKILL
    assert_nothing_left(tmp_path)
