# SPDX-License-Identifier: MIT
"""One module of CPython's test suite in one mode: starts it, waits, and says what became of each
test. A test that brings its process down, or hangs, has that as its verdict, and the others go on
in a new process without it.
"""
import ast
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent

# How a module is run. "bare" is what the others are compared with; a name is mapped to mprun's
# options, or to what verdicts.py does in its stead.
MODES = {
    "all": ["-f", "*:*"],
    # The default: the script's own file, which is module.py.
    "default": [],
    "no-heap": ["-f", "*:*", "--no-heap"],
}
STAND_INS = ("settrace", "tool")

END = "<end>"
HANGS, TIME_IS_UP = "hangs", "time is up"
RESTARTS = 12
_serial = itertools.count()


def whole(test):
    """The test that this is a part of ("with self.subTest()"), or itself."""
    return re.split(r" [\[(]", test, maxsplit=1)[0]


class Outcome:
    def __init__(self):
        self.verdicts = {}  # test: (verdict, why)
        self.seconds = 0.0
        self.complete = True  # false: the time was up before all tests had run

    def tests(self):
        return len({whole(test) for test in self.verdicts if test != END})


class Runner:
    def __init__(self, python, mprun, logs, resources, limit):
        self.python = python
        self.mprun = mprun
        self.logs = logs
        self.resources = resources
        self.limit = limit  # seconds for a module, bare

    def command(self, mode, arguments):
        script = [str(HERE / "module.py"), *arguments]
        if mode == "bare" or mode in STAND_INS:
            return [self.python, *script]
        return [self.mprun, "-o", "report.txt", *MODES[mode], "--python", self.python, *script]

    def run(self, module, mode, left_out=()):
        """left_out: patterns of tests."""
        outcome = Outcome()
        log = self.logs / f"{module}.{mode}.log"
        log.unlink(missing_ok=True)
        begun = time.monotonic()
        for _ in range(RESTARTS):
            if not self.process(module, mode, left_out, log, outcome):
                break
        outcome.seconds = time.monotonic() - begun
        return outcome

    def process(self, module, mode, left_out, log, outcome):
        """Runs what has no verdict yet; true if it is worth another process."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cpython-"))
        notes = folder / "verdicts"
        skip = folder / "skip"
        skip.write_text("\n".join([*outcome.verdicts, *left_out]), encoding="utf-8")
        under = mode if mode in STAND_INS else "nothing"
        arguments = [str(notes), module, str(skip), under]
        work = folder / "work"
        work.mkdir()
        try:
            ended = self.wait(self.command(mode, [*arguments, *self.resources]), mode, work, log,
                              notes)
            return read(notes, ended, outcome)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def wait(self, command, mode, work, log, notes):
        """How the process ended, in words; a hanging test is told from a slow module."""
        mark = f"{os.getpid()}.{next(_serial)}"
        limit = self.limit if mode == "bare" else 4 * self.limit
        with open(log, "ab") as output:
            process = subprocess.Popen(
                command, cwd=work, env=environment(work, mark), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        ended = None
        try:
            code = process.wait(limit)
            ended = f"signal {-code}" if code < 0 else f"exit {code}"
        except subprocess.TimeoutExpired:
            ended = HANGS if time.time() - modified(notes) > limit / 2 else TIME_IS_UP
        sweep(process.pid, mark)
        process.wait()
        return ended


def modified(path):
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def environment(work, mark):
    """The same for all, and nothing that only the caller has."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("PYTHON", "MPR", "VIRTUAL_ENV", "LC_", "LANG", "CI", "MESON"))}
    # The order of sets is the order of some tests.
    return kept | {"LC_ALL": "C.UTF-8", "TMPDIR": str(work), "PYTHONHASHSEED": "0",
                   "CPYTHON_RUN": mark}


def sweep(group, mark):
    """Ends what the process has left behind: its session, and what carries its mark."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
    needle = f"CPYTHON_RUN={mark}\0".encode()
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if needle in (folder / "environ").read_bytes() + b"\0":
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue


def read(notes, ended, outcome):
    """Takes over what a process has noted; true if tests remain that it kept from running."""
    at = None
    complete = False
    lines = notes.read_text(encoding="ascii").splitlines() if notes.exists() else []
    for line in lines:
        kind, *rest = ast.literal_eval(line)
        if kind == "start":
            at = rest[0]
        elif kind == "end":
            complete = True
        else:
            outcome.verdicts[rest[0]] = (kind, rest[1])
            at = None if rest[0] == at else at
    outcome.verdicts[END] = (ended, "")
    if complete or (at is None and ended != TIME_IS_UP):
        return False
    if ended == TIME_IS_UP:
        outcome.complete = False
        return False
    outcome.verdicts[at] = (HANGS if ended == HANGS else "crash", ended)
    return True
