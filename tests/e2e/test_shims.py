# SPDX-License-Identifier: MIT
"""A script in the interpreter's place is asked which one it runs. Whatever it does instead, mprun
goes on or ends in time, and nothing of it is left behind."""

import os
import pathlib
import signal
import subprocess
import time

import pytest

import harness

# Each writes the number of a process that would stay for long.
JOB = f"sleep 300 & echo $! >job\nexec {harness.PYTHON} \"$@\"\n"
BUSY_JOB = (f"(while :; do echo more; sleep 0.01; done) & echo $! >job\n"
            f"exec {harness.PYTHON} \"$@\" 2>&1\n")
CHILD = "sleep 300 & echo $! >job\nwait\n"
MUTE = "echo $$ >job\nexec >&-\nexec sleep 300\n"


def is_alive(pid):
    """Is it there, and not only to be reaped by whoever has inherited it?"""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


def gone(folder):
    """Has the job ended, or does it within a second?"""
    pid = int((folder / "job").read_text(encoding="ascii"))
    for _ in range(100):
        if not is_alive(pid):
            return True
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    return False


def command(folder, text, *options):
    """mprun with that shim; the program prints one word."""
    shim = folder / "python3"
    shim.write_text("#!/bin/sh\n" + text, encoding="utf-8")
    shim.chmod(0o755)
    script = harness.write_program(folder, "print('ran')\n")
    return [harness.MPRUN, "-q", *options, "--python", str(shim), script]


def test_background_job(tmp_path, host):
    """It holds the shim's output, and is not waited for."""
    start = time.monotonic()
    result = harness.run(command(tmp_path, JOB, "--host", host), cwd=tmp_path)
    assert time.monotonic() - start < 8, "waited for a job"
    assert (result.status, result.stdout) == (0, b"ran\n"), str(result)
    assert gone(tmp_path), "the job has been left behind"


def test_background_job_that_writes(tmp_path):
    """Its lines are not the shim's answer, and say so; but this, too, comes to an end."""
    start = time.monotonic()
    result = harness.run(command(tmp_path, BUSY_JOB), cwd=tmp_path)
    assert time.monotonic() - start < 8, "waited for a job"
    assert result.status in (0, 125), str(result)
    assert gone(tmp_path), "the job has been left behind"


@harness.once
@pytest.mark.parametrize("text", (CHILD, MUTE), ids=("child", "mute"))
def test_no_answer(text, tmp_path):
    """One that hangs, also with its output closed, has ten seconds."""
    result = harness.run(command(tmp_path, text), cwd=tmp_path, timeout=30)
    assert result.status == 125 and not result.stdout, str(result)
    assert "did not name its interpreter within ten seconds" in result.own_lines[0], str(result)
    assert gone(tmp_path), "it has been left behind"


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM))
def test_asked_to_end(number, tmp_path):
    """mprun ends by the signal, and the shim with what it has started goes with it."""
    with subprocess.Popen(command(tmp_path, CHILD), cwd=tmp_path, env=harness.environment(),
                          start_new_session=True) as process:
        for _ in range(1000):
            if (tmp_path / "job").exists() and (tmp_path / "job").stat().st_size:
                break
            time.sleep(0.01)
        process.send_signal(number)
        start = time.monotonic()
        assert process.wait(timeout=20) == -number
        assert time.monotonic() - start < 3
    assert gone(tmp_path), "it has been left behind"


def test_ignored_signal(tmp_path):
    """Under nohup a hang-up ends neither."""
    text = f"echo $$ >job\nkill -HUP $PPID\nsleep 0.2\nexec {harness.PYTHON} \"$@\"\n"
    result = harness.run(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command(tmp_path, text)],
                         cwd=tmp_path)
    assert (result.status, result.stdout) == (0, b"ran\n"), str(result)


def test_children_ignored(tmp_path):
    """Where SIGCHLD is ignored nobody can be waited for, unless somebody sees to it."""
    result = harness.run(["sh", "-c", 'trap "" CHLD; exec "$@"', "sh", *command(tmp_path, JOB)],
                         cwd=tmp_path)
    assert (result.status, result.stdout) == (0, b"ran\n"), str(result)
    assert gone(tmp_path), "the job has been left behind"


@harness.once
def test_cannot_be_ended(tmp_path, without):
    """A sandbox without kill: after ten seconds it is left alone, and nobody waits for it."""
    command(tmp_path, MUTE)
    argv = [without, "62:1", harness.MPRUN, "doctor"]
    with open(tmp_path / "output", "wb") as output:  # the job holds it
        subprocess.run(argv, cwd=tmp_path, stdout=output, stderr=output, timeout=40, check=False,
                       env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    os.kill(int((tmp_path / "job").read_text(encoding="ascii")), signal.SIGKILL)
    assert (tmp_path / "output").read_bytes().startswith(b"mprun"), (tmp_path / "output").read_text()
