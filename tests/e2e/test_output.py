# SPDX-License-Identifier: MIT
"""Where a report goes: which file a name stands for, what is never replaced, what stays of a file
that is."""

import json
import os
import uuid

import pytest

import harness

SCRIPT = "print(1)\n"


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    """A folder with a script."""
    harness.write_program(tmp_path, SCRIPT)
    return tmp_path


def mprun(folder, *words, program=("user.py",)):
    """mprun -q over the script, with these words before it."""
    return harness.run([harness.MPRUN, "-q", "--python", harness.PYTHON, *words, *program],
                       cwd=folder)


def shell(folder, command):
    """A shell's command line, in which $M stands for mprun -q."""
    command = command.replace("$M", f"{harness.MPRUN} -q --python {harness.PYTHON}")
    return harness.run(["/bin/sh", "-c", command], cwd=folder)


def is_report(text):
    """One whole report in JSON and nothing else?"""
    return json.loads(text)["schema"] == 1


# --- the file is asked, not its path

def test_file_below_dev(folder):
    """A plain file below /dev is one: made where there is none, replaced where there is."""
    path = f"/dev/shm/mprun-{uuid.uuid4()}.json"
    try:
        for _ in range(2):
            result = mprun(folder, "-o", path)
            assert result.status == 0, str(result)
            with open(path, encoding="utf-8") as file:
                assert is_report(file.read())
    finally:
        os.unlink(path)


@pytest.mark.parametrize("name", ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"))
def test_descriptor(folder, name):
    """What is open is written to, also where it is a plain file: the program wrote there, too."""
    (folder / "link").symlink_to("/dev/stdout")
    result = shell(folder, f"$M -o {name} --format json user.py >out")
    assert result.status == 0, str(result)
    first, report = (folder / "out").read_text(encoding="utf-8").split("\n", 1)
    assert first == "1" and is_report(report)
    assert sorted(os.listdir(folder)) == ["link", "out", "user.py"]
