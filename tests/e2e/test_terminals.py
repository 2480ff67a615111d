# SPDX-License-Identifier: MIT
"""On a real terminal, under a shell, timeout(1), nohup(1) or behind a pipe: what a program sees of
keys, signals and its window is what it sees under python3. Each dialogue runs under both."""

import dataclasses
import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
import time
import typing

import pytest

import harness
from test_deaths import assert_nothing_left

# Counts its signals until it is told to end, by a line or by SIGUSR1.
COUNTER = """
import os, select, signal, sys, time
counts, sizes = {}, []
def on_signal(number, frame):
    name = signal.Signals(number).name
    counts[name] = counts.get(name, 0) + 1
    if number == signal.SIGWINCH:
        sizes.append(tuple(os.get_terminal_size()))
    os.write(1, f"got {name}\\n".encode())
for name in "HUP INT QUIT TERM CONT WINCH USR1 USR2 ALRM CHLD".split():
    if signal.getsignal(getattr(signal, "SIG" + name)) is not signal.SIG_IGN:
        signal.signal(getattr(signal, "SIG" + name), on_signal)
def serve():
    os.write(1, f"ready {os.getpid()}\\n".encode())
    deadline = time.monotonic() + 20
    # select: a signal that comes just before a read blocks waits for the next one.
    while sys.argv[1:] == ["read"] and time.monotonic() < deadline:
        if select.select([0], [], [], 0.01)[0]:
            input()
            break
    while "SIGUSR1" not in counts and not sys.argv[1:] and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    counts.pop("SIGUSR1", None)
    print("counted", sorted(counts.items()), sizes, "end", flush=True)
serve()
"""

SHELL = ("/bin/bash", "--norc", "--noediting", "-i")


def set_size(rows, columns):
    """A dialogue's step: the window gets another size."""
    def act(pid):
        fd = os.open(f"/proc/{pid}/fd/0", os.O_RDWR | os.O_NOCTTY)
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.close(fd)
    return act


def send(number):
    """A dialogue's step: a signal to the process that the terminal was made for."""
    return lambda pid: os.kill(pid, number)


def send_later(number):
    """The same, when mprun too has taken what came before: pending signals do not add up."""
    def act(pid):
        time.sleep(0.4)
        os.kill(pid, number)
    return act


@dataclasses.dataclass(frozen=True)
class Talk:
    """A dialogue (see harness.run_pty) with `code` on a terminal; `{run}` in what is typed stands
    for the command that runs it."""

    name: str
    dialogue: tuple
    code: str = COUNTER
    args: tuple = ("read",)
    # In a shell with job control; else the program has the terminal to itself.
    shell: bool = False
    # What the output must hold, also under python3; None: all of the output is compared.
    shows: typing.Optional[bytes] = b"counted"
    # How both end: subprocess's status.
    status: int = 0


def shell_talk(name, *steps, **kwargs):
    """A dialogue with a shell: run the program, then `steps`, then leave with its status shown."""
    steps = ((b"$ ", b"{run}\n"), (b"ready", steps[0]), *steps[1:], (b"$ ", b"exit 0\n"))
    return Talk(name, steps, shell=True, **kwargs)


TALKS = (
    Talk("ctrl_c", ((b"ready", b"\x03"), (b"got SIGINT", b"go\n"))),
    Talk("ctrl_c_thrice", ((b"ready", b"\x03"), (b"got SIGINT", b"\x03"), (b"got SIGINT", b"\x03"),
                           (b"got SIGINT", b"go\n"))),
    Talk("ctrl_backslash", ((b"ready", b"\x1c"), (b"got SIGQUIT", b"go\n"))),
    Talk("ctrl_c_unhandled", ((b"ready", b"\x03"),),
         "import time\nprint('ready', flush=True)\ntime.sleep(20)\n", (),
         shows=b"KeyboardInterrupt", status=-signal.SIGINT),
    Talk("ctrl_backslash_unhandled", ((b"ready", b"\x1c"),),
         "import time\nprint('ready', flush=True)\ntime.sleep(20)\n", (),
         shows=b"ready", status=-signal.SIGQUIT),
    Talk("ctrl_d", ((b"? ", b"\x04"),), "try: input('? ')\nexcept EOFError: print('end of file')\n",
         (), shows=None),
    Talk("window_size", ((b"ready", set_size(33, 101)), (b"got SIGWINCH", set_size(50, 77)),
                         (b"got SIGWINCH", b"go\n"))),
    Talk("killed_int", ((b"ready", send(signal.SIGINT)), (b"got SIGINT", b"go\n"))),
    Talk("killed_term", ((b"ready", send(signal.SIGTERM)), (b"got SIGTERM", b"go\n"))),
    Talk("killed_hup", ((b"ready", send(signal.SIGHUP)), (b"got SIGHUP", b"go\n"))),
    Talk("killed_usr2", ((b"ready", send(signal.SIGUSR2)), (b"got SIGUSR2", b"go\n"))),
    Talk("killed_term_unhandled", ((b"ready", send(signal.SIGTERM)),),
         "import time\nprint('ready', flush=True)\ntime.sleep(20)\n", (), shows=b"ready",
         status=-signal.SIGTERM),
    Talk("group_killed", ((b"ready", lambda pid: os.killpg(os.getpgid(pid), signal.SIGUSR2)),
                          (b"got SIGUSR2", b"go\n"))),
    Talk("group_killed_then_alone",
         ((b"ready", lambda pid: os.killpg(os.getpgid(pid), signal.SIGTERM)),
          (b"got SIGTERM", send_later(signal.SIGTERM)), (b"got SIGTERM", b"go\n"))),
    Talk("ctrl_c_then_killed", ((b"ready", b"\x03"), (b"got SIGINT", send_later(signal.SIGINT)),
                                (b"got SIGINT", b"go\n"))),
    Talk("signals_its_own_group", ((b"got SIGUSR2", b"go\n"),),
         COUNTER.replace("    deadline", "    os.kill(0, signal.SIGUSR2)\n    deadline", 1)),
    shell_talk("ctrl_z_and_fg", b"\x1a", (b"topped", b"fg\n"), (b"got SIGCONT", b"go\n"),
               (b" end", b"\n")),
    shell_talk("ctrl_z_twice", b"\x1a", (b"topped", b"fg\n"), (b"got SIGCONT", b"\x1a"),
               (b"topped", b"fg\n"), (b"got SIGCONT", b"go\n"), (b" end", b"\n")),
    shell_talk("ctrl_z_and_bg", b"\x1a", (b"topped", b"bg\n"), (b"got SIGCONT", b"kill -USR2 %1\n"),
               (b"got SIGUSR2", b"kill -USR1 %1\n"), (b" end", b"wait\n"), args=()),
    Talk("shell_loop_stops", ((b"$ ", b"for i in 1 2 3; do {run}; done; echo over\n"),
                              (b"ready", b"\x03"), (b"$ ", b"exit 0\n")),
         "import time\nprint('ready', flush=True)\ntime.sleep(20)\n", (), True,
         b"KeyboardInterrupt"),
    Talk("input", ((b"name? ", b"Ada\n"), (b"more? ", b"\xc3\xa9\n")),
         "n = input('name? ')\nprint(n, ascii(input('more? ')))\n", (), shows=None),
    Talk("password", ((b"word: ", b"secret\n"),),
         "import getpass\nprint(len(getpass.getpass('word: ')))\n", (), shows=None),
    Talk("pdb", ((b"(Pdb) ", b"b f\n"), (b"(Pdb) ", b"c\n"), (b"(Pdb) ", b"p x\n"),
                 (b"(Pdb) ", b"u\n"), (b"(Pdb) ", b"c\n")),
         "import pdb\ndef f(x):\n    y = x * 2\n    return y\npdb.set_trace()\nprint(f(21))\n", (),
         shows=None),
    Talk("breakpoint", ((b"(Pdb) ", b"n\n"), (b"(Pdb) ", b"p y\n"), (b"(Pdb) ", b"c\n")),
         "def f(x):\n    breakpoint()\n    y = x * 2\n    return y\nprint(f(21))\n", (),
         shows=None),
    Talk("curses", ((b"press", b"k"),), """
import curses
def show(screen):
    screen.addstr(2, 3, "press a key")
    screen.refresh()
    return screen.getkey(), screen.getmaxyx()
print(curses.wrapper(show))
""", (), shows=None),
    Talk("interactive", ((b">>> ", b"x = 6 * 7\n"), (b">>> ", b"print(x)\n"), (b">>> ", b"\x04")),
         "import code\ncode.interact(banner='', exitmsg='')\n", (), shows=None),
    Talk("foreground", ((b"? ", b"a\n"),),
         "import os\nprint(os.tcgetpgrp(0) == os.getpgrp(), "
         "os.isatty(0), os.ttyname(1) != '', os.get_terminal_size())\ninput('? ')\n", (),
         shows=None),
)

ENV = {"TERM": "xterm", "PS1": "$ ", "HISTFILE": None}


def talk(row, folder, argv):
    """The dialogue with that command; (status, output)."""
    line = " ".join(argv).encode()
    steps = [(seen, typed.replace(b"{run}", line) if isinstance(typed, bytes) else typed)
             for seen, typed in row.dialogue]
    status, output = harness.run_pty(SHELL if row.shell else argv, steps, folder, ENV, 30)
    return os.waitstatus_to_exitcode(status), output


def counted(row, output):
    """What is compared: all, or what the counter counted."""
    if row.shows is None:
        return output
    assert row.shows in output, output
    return re.findall(rb"counted (.*) end", output)


@pytest.fixture(autouse=True)
def default_signals():
    """A runner in the background may have been given ignored signals: the tests want none."""
    old = [(number, signal.signal(number, signal.SIG_DFL))
           for number in (signal.SIGQUIT, signal.SIGHUP)]
    yield
    for number, handler in old:
        signal.signal(number, handler)


@pytest.mark.parametrize("row", TALKS, ids=lambda row: row.name)
def test_terminal(row, tmp_path):
    """The same dialogue under python3 and in both hosts."""
    if row.name in harness.MONITORED_OTHERWISE:
        pytest.skip(harness.MONITORED_OTHERWISE[row.name])
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "script.py").write_text(row.code, encoding="utf-8")
    args = ["script.py", *row.args]
    status, output = talk(row, folder, [harness.PYTHON, *args])
    assert status == row.status, output
    for host in harness.HOSTS:
        profile = tmp_path / f"{host}.json"
        options = ("-q", "-o", str(profile), "--format", "json")
        got, seen = talk(row, folder, harness.mprun_argv(args, options, host))
        assert got == row.status, (seen, output)
        assert counted(row, seen) == counted(row, output), (seen, output)
        result = harness.Result([], got, seen, b"", harness.read_profile(profile))
        harness.assert_armed(result, host)
        assert_nothing_left(folder)


# --- the window of the report, timeout(1), nohup(1), pipes

def test_report_takes_the_window(tmp_path):
    """The report takes the width that the window has when the program has ended."""
    (tmp_path / "script.py").write_text(
        f"x = '{'wide ' * 60}'\nprint('ready', flush=True)\ninput()\n", encoding="utf-8")
    for columns in (70, 110):
        status, output = harness.run_pty(
            [harness.MPRUN, "script.py"],
            [(b"ready", lambda pid, columns=columns: set_size(24, columns)(pid) or
              os.kill(pid, signal.SIGWINCH)), (b"", b"go\n")], tmp_path, ENV)
        widest = max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", output.decode()).splitlines()))
        assert status == 0 and columns - 3 <= widest <= columns, (columns, widest, output)


# (name, words before the command, what the unhandled program's run ends with)
UNHANDLED = (
    ("timeout", ["timeout", "0.7"], 124),
    ("timeout_kill", ["timeout", "-s", "KILL", "0.7"], -signal.SIGKILL),
    ("timeout_foreground", ["timeout", "--foreground", "0.7"], 124),
    ("timeout_preserve", ["timeout", "--preserve-status", "-s", "INT", "0.7"], 130),
)


@pytest.mark.parametrize("words, status", [row[1:] for row in UNHANDLED],
                         ids=[row[0] for row in UNHANDLED])
def test_timeout(words, status, host, tmp_path):
    """A program that timeout(1) ends: its status, and the report unless mprun itself was killed."""
    (tmp_path / "script.py").write_text("import time\nx = 1\ntime.sleep(30)\n", encoding="utf-8")
    began = time.monotonic()
    result = harness.run([*words, *harness.mprun_argv(["script.py"], (), host)], cwd=tmp_path)
    assert result.status == status, str(result)
    assert time.monotonic() - began < 10
    if "KILL" not in words:
        assert b"ended here" in result.stdout or b"KeyboardInterrupt" in result.stderr, str(result)
        assert b"Hits" in result.stdout, str(result)
    assert not result.own_lines, str(result)
    assert_nothing_left(tmp_path)


@pytest.mark.parametrize("number", ("HUP", "INT", "TERM", "USR2"))
def test_timeout_counted(number, host, tmp_path):
    """A program that handles timeout's signal gets it once."""
    (tmp_path / "script.py").write_text(COUNTER, encoding="utf-8")
    words = ["timeout", "--foreground", "-s", number, "-k", "10", "0.6"]
    argv = harness.mprun_argv(["script.py", "wait"], ("-q",), host)
    (tmp_path / "script.py").write_text(COUNTER.replace("time.sleep(0.1)", "time.sleep(1)"),
                                        encoding="utf-8")
    for command in ([harness.PYTHON, "script.py", "wait"], argv):
        result = harness.run([*words, *command], cwd=tmp_path)
        assert result.status == 124, str(result)
        assert f"counted [('SIG{number}', 1)] [] end".encode() in result.stdout, str(result)
    assert_nothing_left(tmp_path)


def test_nohup(host, tmp_path):
    """What nohup(1) ignores stays ignored: a SIGHUP to either ends neither."""
    (tmp_path / "script.py").write_text(COUNTER, encoding="utf-8")
    with subprocess.Popen(["nohup", *harness.mprun_argv(["script.py"], ("-q",), host)],
                          cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=harness.environment()) as process:
        target = int(process.stdout.readline().split()[1])
        for pid in (process.pid, target):
            os.kill(pid, signal.SIGHUP)
        os.kill(process.pid, signal.SIGUSR1)
        assert b"counted [] [] end" in process.stdout.read()
        assert process.wait(10) == 0 and not process.stderr.read().strip()
    assert_nothing_left(tmp_path)


def test_pipe_that_closes_early(host, tmp_path):
    """A program whose reader leaves gets its BrokenPipeError, and nobody another message."""
    (tmp_path / "script.py").write_text(
        "import sys\nfor i in range(100000):\n    print(i)\n", encoding="utf-8")
    run = " ".join(harness.mprun_argv(["script.py"], (), host))
    status = b"1" if harness.VERSION < (3, 14) else b"120"
    for command in (f"{harness.PYTHON} script.py", run):
        result = harness.run(["/bin/bash", "-c", f"{command} | head -1; echo ${{PIPESTATUS[0]}}"],
                             cwd=tmp_path)
        assert result.stdout == b"0\n" + status + b"\n", str(result)
        assert b"BrokenPipeError" in result.stderr and not result.own_lines, str(result)
    assert_nothing_left(tmp_path)


# Leaves its output non-blocking, as asyncio, node and ssh do to what they share.
HASTY = """
import os
os.set_blocking(1, False)
os.set_blocking(2, False)
for k in range(150):
    exec(f"def f{k}(n):\\n    return [n] * 100\\nf{k}(1)")
"""


@pytest.mark.parametrize("words", ((), ("-o", "out.json")))
def test_pipe_that_is_read_late(words, host, tmp_path):
    """The whole report reaches a pipe that the program has left non-blocking, whenever somebody
    reads it; and one whose reader leaves ends the waiting."""
    (tmp_path / "script.py").write_text(HASTY, encoding="utf-8")
    argv = harness.mprun_argv(["script.py"], ("-f", "*", *words), host)
    for reads in (True, False):
        with subprocess.Popen(argv, cwd=tmp_path, stdin=subprocess.DEVNULL, bufsize=0,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=harness.environment()) as process:
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
            time.sleep(1)
            assert bool(words) == (process.poll() is not None)
            text = process.stdout.read().decode() if reads else ""
            process.stdout.close()
            messages = process.stderr.read().decode()
            assert process.wait(10) == 0 and "cannot write" not in messages, messages
        if reads and not words:
            assert all(f"  f{k} " in text for k in range(150)) and "More: mprun help" in text
    assert_nothing_left(tmp_path, ("script.py", *words[1:]))
