# SPDX-License-Identifier: MIT
"""Each system call that mprun or its target makes, refused by a filter as sandboxes do it: a plain
message before anything has run, or the right figures. No hang, no crash."""

import errno
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

import harness

ERRORS = ("ENOSYS", "EPERM", "ENOMEM")
SIZE = 5_000_000
# The numbers of x86-64, the only machine there is. What a dynamic program needs before its main is
# in LOADER: no program of any kind survives without.
CALLS = {
    "poll": 7, "lseek": 8, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "ioctl": 16, "pwrite64": 18, "access": 21, "mremap": 25, "mincore": 27,
    "madvise": 28, "dup": 32, "dup2": 33, "setitimer": 38, "getpid": 39, "clone": 56,
    "vfork": 58, "wait4": 61, "kill": 62, "uname": 63, "fcntl": 72, "fsync": 74, "ftruncate": 77,
    "getcwd": 79, "chdir": 80, "rename": 82, "link": 86, "unlink": 87, "readlink": 89, "fchmod": 91,
    "fchown": 93, "umask": 95, "getrusage": 98, "sysinfo": 99, "getuid": 102, "getgid": 104,
    "geteuid": 107, "getegid": 108, "getppid": 110, "getpgrp": 111, "setsid": 112, "getpgid": 121,
    "rt_sigqueueinfo": 129, "rt_sigsuspend": 130, "sigaltstack": 131, "statfs": 137, "prctl": 157,
    "gettid": 186, "getxattr": 191, "tgkill": 234, "sched_getaffinity": 204,
    "set_tid_address": 218, "clock_gettime": 228, "waitid": 247,
    "linkat": 265, "ppoll": 271,
    "set_robust_list": 273, "fallocate": 285, "timerfd_create": 283, "timerfd_settime": 286,
    "signalfd4": 289, "pipe2": 293, "perf_event_open": 298, "prlimit64": 302, "renameat2": 316,
    "getrandom": 318, "memfd_create": 319, "membarrier": 324, "statx": 332, "rseq": 334,
    "pidfd_send_signal": 424, "pidfd_open": 434, "clone3": 435, "close_range": 436, "faccessat2": 439, "fstat": 5,
    "getdents64": 217, "write": 1, "futex": 202,
}
LOADER = {"execve", "exit_group", "exit", "openat", "open", "read", "pread64", "close", "mmap",
          "mprotect", "newfstatat", "arch_prctl", "restart_syscall"}
# What the target calls for mprun while the program runs, or may.
IN_TARGET = {"pread64": 17, "openat": 257, "close": 3, "read": 0, **{name: CALLS[name] for name in (
    "fstat", "fcntl", "getrusage", "madvise", "mremap", "munmap", "mincore", "perf_event_open",
    "gettid", "prlimit64", "clock_gettime", "lseek")}}

PROGRAM = f"""
def f():
    kept = []
    for i in range(3):
        kept.append(bytearray({SIZE}))
    return kept
print(sum(map(len, f())))
"""

# The filter is the program's own, and comes when mprun is at work.
FILTERED = f"""
import ctypes, sys, threading
class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
def forbid(number, error):
    import struct
    step = struct.Struct("HBBI")
    code = b"".join(step.pack(*one) for one in (
        (0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | error),
        (0x06, 0, 0, 0x7fff0000)))
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_void_p] * 4]
    program = Program(len(code) // step.size, code)
    if prctl(38, 1, 0, 0, 0) or prctl(22, 2, ctypes.addressof(program), 0, 0):
        sys.exit(99)
def f():
    kept = []
    for i in range(3):
        kept.append(bytearray({SIZE}))
    return kept
def in_thread():
    return len(bytearray({SIZE}))
forbid(int(sys.argv[1]), int(sys.argv[2]))
print(sum(map(len, f())))
thread = threading.Thread(target=in_thread)
thread.start()
thread.join()
"""


def check_figures(result, where):
    """What a function kept; RSS is right or not there."""
    function = result.function("f")
    assert function["calls"] == 1, where
    assert abs(function["heap_delta"] - 3 * SIZE) < 100_000, f"{where}: {function['heap_delta']}"
    if function["rss_delta"] is not None:
        assert abs(function["rss_delta"] - 3 * SIZE) < 1 << 20, f"{where}: {function['rss_delta']}"


def check(result, bare, error, where):
    """`bare` runs the plain interpreter; it is asked only where mprun has not done all."""
    if result.status == 0:
        assert result.stdout == b"%d\n" % (3 * SIZE), f"{where}\n{result}"
        check_figures(result, where)
        return
    plain = bare()
    if plain.status:  # not even python3 can do without
        assert result.status > 0 or result.status == plain.status, f"{where}\n{result}"
        return
    assert result.status == 125 and not result.stdout, f"{where}\n{result}"
    assert os.strerror(getattr(errno, error)) in " ".join(result.own_lines), f"{where}\n{result}"


def sweep(folder, without, text, host, rows):
    """Run all (call, number, error) and tell all that is wrong, not only the first."""
    script = harness.write_program(folder, text)
    wrong = []
    for name, number, error in rows:
        wanted = (number, getattr(errno, error))
        before = [without, "%d:%d" % wanted] if without else []
        args = [script] if without else [script, *map(str, wanted)]
        report = folder / "out.json"
        report.unlink(missing_ok=True)
        argv = harness.mprun_argv(
            args, ("-q", "-o", str(report), "--format", "json", "--func", "f"), host)
        try:
            result = harness.run([*before, *argv], cwd=folder, timeout=20)
            result.profile = harness.read_profile(report)
            check(result, lambda: harness.run([*before, harness.PYTHON, *args], cwd=folder), error,
                  f"{name} {error}")
        except (AssertionError, TypeError) as problem:
            wrong.append(f"{name} {error}: {problem}")
    assert not wrong, "\n\n".join(wrong)


def some_rows(calls, host):
    """All errors in the embedded host; in the other, which shares nearly all, each call has one."""
    rows = [(name, number, error) for name, number in calls.items() for error in ERRORS]
    return rows if host == "embedded" else [
        row for i, row in enumerate(rows) if i % len(ERRORS) == i // len(ERRORS) % len(ERRORS)]


@harness.once
def test_of_mprun(tmp_path, host, without):
    """Refused to mprun and all that it starts."""
    sweep(tmp_path, without, PROGRAM, host, some_rows(CALLS, host))


def test_of_the_target(tmp_path, host):
    """Refused from some moment of the program on."""
    sweep(tmp_path, None, FILTERED, host, some_rows(IN_TARGET, host))


@pytest.mark.parametrize("name", ("access", "faccessat2", "kill", "poll", "readlink",
                                  "rt_sigprocmask", "statfs", "wait4"))
def test_of_the_doctor(name, without):
    """It looks at much, and always comes to an end."""
    result = harness.run([without, f"{CALLS[name]}:{errno.EPERM}", harness.MPRUN, "doctor"])
    assert result.status >= 0 and (result.stdout or result.own_lines), str(result)


@pytest.mark.parametrize("name", ("getpid", "getppid", "kill", "poll", "rt_sigaction",
                                  "rt_sigprocmask", "signalfd4", "timerfd_create", "wait4"))
def test_names_the_call(name, tmp_path, without):
    """What supervising takes is named, before the program has run."""
    script = harness.write_program(tmp_path, "open('ran', 'w')")
    result = harness.run([without, f"{CALLS[name]}:{errno.EPERM}", *harness.mprun_argv([script])],
                         cwd=tmp_path)
    assert result.status == 125 and len(result.own_lines) == 1, str(result)
    assert re.search(rf"\b{name}\b.*Operation not permitted", result.own_lines[0]), str(result)
    assert not (tmp_path / "ran").exists()


def test_continues_without_waitid(tmp_path, without):
    """mprun alone is continued, and has to continue the target."""
    script = harness.write_program(
        tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nprint('went on')\n")
    process = subprocess.Popen(
        [without, f"{CALLS['waitid']}:{errno.EPERM}", *harness.mprun_argv([script], ("-q",))],
        stdout=subprocess.PIPE, env=harness.environment(), start_new_session=True)
    try:
        deadline = time.monotonic() + 20
        while os.waitpid(process.pid, os.WUNTRACED | os.WNOHANG) == (0, 0):
            assert time.monotonic() < deadline, "mprun has not stopped with the target"
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGCONT)
        assert process.communicate(timeout=20)[0] == b"went on\n"
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_list_is_whole(tmp_path, host):
    """Nothing is called that is in no list."""
    script = harness.write_program(tmp_path, PROGRAM)
    argv = harness.mprun_argv([script], ("-q", "-o", str(tmp_path / "report")), host)
    traced = harness.run(["strace", "-f", "-qq", "-o", str(tmp_path / "calls"), *argv])
    if traced.status:
        pytest.skip(f"strace may not trace here: {traced}")
    seen = set(re.findall(r"^\d+ +(\w+)\(", (tmp_path / "calls").read_text(errors="replace"), re.M))
    assert seen - LOADER - set(CALLS) == set()
