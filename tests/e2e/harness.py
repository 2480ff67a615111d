# SPDX-License-Identifier: MIT
"""Run the built mprun and the plain interpreter the same way and read what they left.

Everything here is shared by the end-to-end tests; no test lives in it.
"""

import dataclasses
import errno
import json
import os
import pathlib
import pty
import resource
import select
import shutil
import signal
import subprocess
import time

import pytest

import report_schema

REPO = pathlib.Path(__file__).resolve().parents[2]
MPRUN = os.environ.get("MPRUN", str(REPO / "build" / "mprun"))
# The interpreter under test; it is what `python3` means on PATH.
PYTHON = os.environ.get("MPRUN_PYTHON", "/usr/bin/python3")
*_version, PREFIX = subprocess.run(
    [PYTHON, "-c", "import sys; print(*sys.version_info[:3], sys.base_prefix)"],
    stdout=subprocess.PIPE, check=True, text=True).stdout.strip().split(" ", 3)
VERSION = tuple(map(int, _version))
MINOR = f"{VERSION[0]}.{VERSION[1]}"
# What CPython itself does otherwise while a tool has local events.
MONITORED_OTHERWISE = {} if VERSION[:2] != (3, 13) else {
    "pdb": "3.13 loses the events of instructions by which pdb stops at once",
    "breakpoint": "3.13 loses the events of instructions by which pdb stops at once"}
TRACE = "settrace" if VERSION < (3, 12) else "monitoring"
HOSTS = ("interpreter", "embedded")
EVERYTHING = ("--func", "*:*")
TIMEOUT = 60
# What takes long, and is mprun's alone, whatever the Python is. tests/pythons says that it has run.
once = pytest.mark.skipif(
    os.environ.get("MPRUN_TESTED_ONCE") == "1",
    reason="not about Python: it runs once, with the distribution's")

# The environment of every run, small so that a difference is seen; rows add to it.
BASE_ENV = {
    "PATH": ":".join([*([] if PYTHON == "/usr/bin/python3" else [os.path.dirname(PYTHON)]),
                      "/usr/local/bin", "/usr/bin", "/bin"]),
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclasses.dataclass
class Result:
    """What a run left: status as subprocess has it (negative: signal), both streams as bytes."""

    argv: list
    status: int
    stdout: bytes
    stderr: bytes
    profile: dict = None

    @property
    def own_lines(self):
        """mprun's own messages."""
        return [l for l in self.stderr.decode("utf-8", "replace").splitlines()
                if l.startswith("mprun: ")]

    @property
    def foreign_stderr(self):
        """stderr without mprun's own messages."""
        return b"".join(l for l in self.stderr.splitlines(keepends=True)
                        if not l.startswith(b"mprun: "))

    def function(self, name):
        """The function of the profile with that qualname."""
        found = [f for f in self.profile["functions"] if f["qualname"] == name]
        assert len(found) == 1, f"{name}: {[f['qualname'] for f in self.profile['functions']]}"
        return found[0]

    def __str__(self):
        return (f"{' '.join(map(str, self.argv))}\nstatus {self.status}\n"
                f"stdout: {self.stdout.decode('utf-8', 'replace')[-3000:]}\n"
                f"stderr: {self.stderr.decode('utf-8', 'replace')[-3000:]}")


def environment(extra=None):
    """BASE_ENV with `extra`; a value of None takes a name out."""
    env = dict(BASE_ENV)
    for name, value in (extra or {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
    return env


def _prepare_child():
    """No core files from the tests of aborts; default signals whatever the runner ignores."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


def run(argv, cwd=None, env=None, stdin=b"", timeout=TIMEOUT):
    """Run argv in a session of its own and collect both streams."""
    with subprocess.Popen(argv, cwd=cwd, env=environment(env), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True, preexec_fn=_prepare_child) as process:
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(f"no end after {timeout} s\n"
                                 f"{Result(argv, process.returncode, out, err)}") from None
    return Result(list(argv), process.returncode, out, err)


def run_python(args, **kwargs):
    """The plain interpreter with its own command line."""
    return run([PYTHON, *args], **kwargs)


def needs(modules):
    """A mark for tests of programs that import these, separated by commas."""
    missing = run_python(["-c", f"import {modules}"]).status != 0
    return pytest.mark.skipif(missing, reason=f"no {modules} for {MINOR}")


def is_interpreter_form(args):
    """Must this command line of python3 be handed to mprun behind an interpreter's name?"""
    return not args or (args[0][:1] in ("-", b"-") and args[0] not in ("-m", "-c"))


def mprun_argv(args, options=(), host=None, python=PYTHON):
    """mprun's command line for a command line of python3's."""
    argv = [MPRUN, *(("--host", host) if host else ()), *options]
    if is_interpreter_form(args):
        return [*argv, python, *args]
    return [*argv, "--python", python, *args]


def run_mprun(args, profile_path, host=None, options=(), python=PYTHON, **kwargs):
    """mprun over a command line of python3's, the profile read from `profile_path`."""
    options = ("-q", "-o", str(profile_path), "--format", "json", *options)
    result = run(mprun_argv(args, options, host, python), **kwargs)
    result.profile = read_profile(profile_path)
    return result


def link_with_python():
    """The compiler's words for a program that is an interpreter by the shared library."""
    folder, name = subprocess.run(
        [PYTHON, "-c", "import sysconfig as s; print(s.get_config_var('LIBDIR'), "
         "s.get_config_var('INSTSONAME'))"],
        stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    if ".so" not in name:
        pytest.skip("this Python has no shared library")
    return f"-L{folder}", f"-l:{name}", f"-Wl,-rpath,{folder}"


def write_program(folder, text, name="user.py"):
    """A program of a test's own in `folder`; its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def profile_program(folder, text, *options, args=(), status=0, **kwargs):
    """The result of mprun over `text`, which ends with `status`."""
    result = run_mprun([write_program(folder, text), *args], folder / "out.json", options=options,
                       **kwargs)
    assert result.status == status, str(result)
    return result


def copy_of_mprun(folder, binary=MPRUN):
    """mprun with its libraries and hosts, where every user can reach them; its path."""
    binary = pathlib.Path(binary).resolve()
    beside = [path for pattern in ("libmprun-*.so", "mprun-host-*") for path in
              binary.parent.glob(pattern) if path.is_file()]
    installed = binary.parent.parent / "libexec" / "mprun"
    place = folder / "bin"
    place.mkdir()
    for path in (binary, *beside):
        shutil.copy(path, place)
    if not beside:
        shutil.copytree(installed, folder / "libexec" / "mprun")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    return str(place / binary.name)


def read_profile(path):
    """The JSON profile, or None where mprun left none."""
    try:
        return parse_profile(pathlib.Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def parse_profile(text):
    """The JSON profile, which must be as docs/profile.schema.json says."""
    return report_schema.check(json.loads(text))


def hits(profile):
    """All hits of a profile."""
    return sum(row["hits"] for f in profile["functions"] for row in f["rows"])


def assert_armed(result, host):
    """The host named ran and installed its tracer; what was hit came from events."""
    assert result.profile is not None, f"no profile\n{result}"
    engines = result.profile["engines"]
    assert engines["trace"] == TRACE, f"not armed\n{result}"
    assert engines["events"] >= hits(result.profile), f"{engines}\n{result}"
    if host:
        assert result.profile["host"] == host, str(result)
    assert result.profile["dropped"] == 0, str(result)


def run_pty(argv, dialogue=(), cwd=None, env=None, timeout=TIMEOUT):
    """Run argv on a new terminal. `dialogue` is (wait for these bytes, then send those) pairs; what
    is sent may be a callable given the child's pid. Returns (wait status, output)."""
    pid, fd = pty.fork()
    if pid == 0:
        try:
            _prepare_child()
            os.chdir(cwd or ".")
            os.execve(argv[0], [os.fsencode(a) for a in argv], environment(env))
        finally:
            os._exit(127)
    steps, seen, output = list(dialogue), 0, b""
    deadline = time.monotonic() + timeout
    try:
        while True:
            while steps and steps[0][0] in output[seen:]:
                awaited, action = steps.pop(0)
                seen = output.index(awaited, seen) + len(awaited)
                if callable(action):
                    action(pid)
                else:
                    os.write(fd, action)
            if not select.select([fd], [], [], 0.2)[0]:
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                    raise AssertionError(f"no end after {timeout} s, waiting for {steps[:1]}: "
                                         f"{output!r}")
                continue
            try:
                chunk = os.read(fd, 65536)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                chunk = b""
            if not chunk:
                break
            output += chunk
    finally:
        os.close(fd)
        status = os.waitpid(pid, 0)[1]
    assert not steps, f"never seen: {steps[0][0]!r} in {output!r}"
    return status, output


def assert_rows_whole(profile):
    """A function that ran has a row for each of its lines, or says why it has not."""
    for function in profile["functions"]:
        lines = [row["line"] for row in function["rows"]]
        where = f"{function['file']}:{function['first_line']} {function['qualname']}"
        if lines:
            assert lines == [*range(function["first_line"], function["last_line"] + 1)], where
        else:
            assert not function["calls"] or function["source_problem"], where
