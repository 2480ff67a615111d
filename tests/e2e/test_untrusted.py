# SPDX-License-Identifier: MIT
"""What the environment says is anybody's: mprun's own variables, with something else behind them."""

import fcntl
import os
import pathlib
import subprocess

import pytest

import harness

FOLDER = pathlib.Path(harness.MPRUN).parent
NUMBER = f"{harness.VERSION[0]}.{harness.VERSION[1]}"
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


def a_file(folder):
    """A log of the program's."""
    (folder / "log").write_bytes(b"L" * 5000)
    return os.open(folder / "log", os.O_RDWR)


def a_memfd(folder):
    """Named like a recording, and sealed like one."""
    file = os.memfd_create("mprun-recording", os.MFD_ALLOW_SEALING)
    os.write(file, b"L" * 5000)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, SEALS)
    return file


def environment(number):
    """As mprun gives it to an interpreter."""
    return {**os.environ, "LD_PRELOAD": str(FOLDER / "libmprun-preload.so"),
            "MPRUN_RECORDING": number, "MPRUN_HOST": str(FOLDER / f"libmprun-host-{NUMBER}.so")}


@pytest.mark.parametrize("make", (a_file, a_memfd))
def test_another_descriptor_is_left_alone(tmp_path, make):
    """The program runs as without mprun, and nothing is written."""
    file = make(tmp_path)
    try:
        for number in (str(file), f"{file}x", "", "4294967296", "-1"):
            result = subprocess.run([harness.PYTHON, "-c", "print(1)"], env=environment(number),
                                    pass_fds=[file], capture_output=True, check=False)
            assert (result.returncode, result.stdout, result.stderr) == (0, b"1\n", b""), number
        assert os.pread(file, 6000, 0) == b"L" * 5000
    finally:
        os.close(file)


@pytest.mark.skipif(not (FOLDER / f"mprun-host-{NUMBER}").exists(),
                    reason="this build has no embedded host")
@pytest.mark.parametrize("make", (a_file, a_memfd))
def test_embedded_host_writes_to_no_other(tmp_path, make):
    """It says what it is for, and ends."""
    file = make(tmp_path)
    try:
        result = subprocess.run([FOLDER / f"mprun-host-{NUMBER}", "-c", "print(1)"],
                                env={**os.environ, "MPRUN_RECORDING": str(file)},
                                pass_fds=[file], capture_output=True, check=False)
        assert result.returncode != 0 and not result.stdout
        assert b"start a program with: mprun SCRIPT" in result.stderr
        assert os.pread(file, 6000, 0) == b"L" * 5000
    finally:
        os.close(file)
