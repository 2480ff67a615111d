# SPDX-License-Identifier: MIT
"""`mprun watch`, spoken to as a package does it, but by hand."""

import array
import json
import os
import socket
import subprocess

import pytest

import harness

pytestmark = harness.once


def start(tmp_path, *options, pid=None, output=None):
    """One end of the pair, and the first packet with its descriptors."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    done = subprocess.run(
        [harness.MPRUN, "watch", str(theirs.fileno()), str(pid or os.getpid()), "-o",
         str(output or tmp_path / "run.mprun"), *options],
        pass_fds=(theirs.fileno(),), capture_output=True, timeout=20, check=False)
    theirs.close()
    ours.settimeout(20)
    return ours, done


def first(ours):
    """The first packet."""
    data, ancillary, *_ = ours.recvmsg(5000, 1000)
    fds = array.array("i")
    for _, _, part in ancillary:
        fds.frombytes(part)
    return data, list(fds)


def say(ours, text):
    """A packet's answer."""
    ours.send(text if isinstance(text, bytes) else text.encode())
    return ours.recv(5000).decode()


def report(path):
    """Of a profile."""
    return json.loads(subprocess.run([harness.MPRUN, "report", path, "--format", "json", "-o", "-"],
                                     stdout=subprocess.PIPE, check=True).stdout)


def test_asks_and_answers(tmp_path):
    """Unknown packets are refused and change nothing; a profile is there after the end."""
    ours, done = start(tmp_path, output=tmp_path / "unkept.mprun")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    data, [fd] = first(ours)
    assert data == b"mprun 1 ready"
    os.close(fd)
    for wrong in ("nonsense", "stop now", "snapshot", b"\0", "x" * 4000):
        assert say(ours, wrong).startswith("error the packet is none of snapshot, keep, stop, drop")
    assert "not absolute" in say(ours, "snapshot run.mprun")
    assert "/nowhere" in say(ours, "snapshot /nowhere/run.mprun")
    assert say(ours, f"snapshot {tmp_path}/first.mprun") == "done"
    assert say(ours, f"keep {tmp_path}/run.mprun") == "done"
    assert say(ours, "stop") == "done"
    assert ours.recv(10) == b""
    assert not (tmp_path / "unkept.mprun").exists()
    assert report(tmp_path / "first.mprun")["exit"] == {"status": None, "signal": None}
    ended = report(tmp_path / "run.mprun")
    assert ended["exit"] == {"status": 0, "signal": None}
    assert os.stat(tmp_path / "run.mprun").st_mode & 0o777 == 0o600


def test_drop(tmp_path):
    """Nothing is written."""
    ours, _ = start(tmp_path)
    first(ours)
    ours.send(b"drop")
    assert ours.recv(10) == b""
    assert list(tmp_path.iterdir()) == []


def test_end_that_cannot_be_written(tmp_path):
    """The reason is told."""
    ours, _ = start(tmp_path, output="/nowhere/run.mprun")
    first(ours)
    assert say(ours, "stop").startswith("error ") and ours.recv(10) == b""


def test_no_child_is_left(tmp_path):
    """The one that reads is nobody's here."""
    ours, _ = start(tmp_path)
    first(ours)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    ours.close()


@pytest.mark.parametrize("words, said", (
    ([], "a socket's descriptor and a process"), (["3"], "a socket's descriptor and a process"),
    (["x", "1"], "'x' is no number"), (["1", "2", "3"], "'3' is one word too many"),
    (["0", str(os.getpid())], "is no pair of sockets")))
def test_refusals(tmp_path, words, said):
    """Before anything is read."""
    result = harness.run([harness.MPRUN, "watch", *words, "-o", str(tmp_path / "run.mprun")])
    assert result.status == 125 and said in result.stderr.decode()


def test_foreign_process(tmp_path):
    """Who made the pair is to be measured, nobody else."""
    _, done = start(tmp_path, pid=1)
    assert done.returncode == 125 and b"the sockets are not of process 1" in done.stderr
