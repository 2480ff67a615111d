# SPDX-License-Identifier: MIT
"""What the reports say about real runs: ends, widths, what never ran, what matched nothing."""

import os
import signal

import pytest

import harness

SCRIPT = """
def load(n):
    return [i for i in range(n)]

class Reader:
    def read(self):
        return load(10)

def never():
    return 1

load(1000)
"""


def run(folder, *words, code=SCRIPT, env=None):
    """mprun with these words over user.py, which holds `code`."""
    harness.write_program(folder, code)
    return harness.run([harness.MPRUN, *words], cwd=folder, env=env)


def profile_of(folder, *words, code=SCRIPT):
    """The profile of such a run."""
    result = run(folder, "-q", "-o", "out.json", *words, code=code)
    return result, harness.read_profile(folder / "out.json")


# --- sizes at the end

def test_end_of_a_sudden_death(tmp_path, host):
    """What was resident at a sudden death is what the row that was open says, however old the
    newest sample is; the peak is not below it."""
    result, profile = profile_of(
        tmp_path, "--interval", "1s", "--host", host, "user.py",
        code="import os\ndef f():\n    x = bytearray(64 << 20)\n    os.kill(os.getpid(), 9)\nf()\n")
    assert result.status == -signal.SIGKILL, str(result)
    row = next(row for f in profile["functions"] if f["qualname"] == "f" for row in f["rows"]
               if row["line"] == 4)
    assert profile["rss"]["end"] == row["rss"] > 64 << 20
    assert profile["rss"]["peak"] >= profile["rss"]["end"]


# --- functions that never ran

def test_never_called_has_no_rows(tmp_path):
    """A function that was matched and never called is listed, without rows."""
    _, profile = profile_of(tmp_path, "--func", "*:*", "user.py")
    found = {f["qualname"]: f for f in profile["functions"]
             if f["file"] == str(tmp_path / "user.py")}
    assert found["load"]["rows"] and not found["never"]["rows"]
    assert (found["never"]["calls"], found["never"]["first_line"]) == (0, 9)
    assert found["never"]["last_line"] == 10


def test_never_called_decorated(tmp_path):
    """So is one that a decorator selected."""
    code = SCRIPT.replace("    def read", "    @profile\n    def read") + "profile(load)(5)\n"
    result, profile = profile_of(tmp_path, "user.py", code=code)
    assert result.status == 0, str(result)
    found = {f["qualname"]: f for f in profile["functions"]}
    assert found["Reader.read"]["calls"] == 0
    assert found["Reader.read"]["selected_by"] == "@profile"
    for words in ([], ["--func", "load"]):
        text = run(tmp_path, *words, "user.py", code=code).stdout.decode()
        assert "Matched, never called: Reader.read (user.py:" in text, (words, text)


# --- patterns that matched nothing

@pytest.mark.parametrize("pattern, parts, scoped", (
    ("laod", ("nearest: load (user.py:2)",), False),
    ("zzzzzz", ("some that there are: load (user.py:2), Reader (user.py:5), ",), False),
    ("json:zzzzzz", ("some that there are: load (user.py:2)",), True),
))
def test_unmatched(tmp_path, pattern, parts, scoped):
    """Names that are near, or else some; and how to search more than one's own code."""
    result = run(tmp_path, "user.py", "--func", pattern)
    said = "\n".join(result.own_lines)
    assert result.status == 125, str(result)
    for part in parts:
        assert part in said, str(result)
    assert (f"only your own code was searched; --func '*:{pattern}'" in said) == (not scoped)


# --- width

LONG = f"def f():\n    x = '{'wide ' * 60}'\nf()\n"


@pytest.mark.parametrize("columns, width", ((None, 80), ("120", 120), ("50", 50), ("7", 40),
                                            ("many", 80), ("0", 80)))
def test_width_of_a_pipe(tmp_path, columns, width):
    """80 columns, or what COLUMNS says, though not less than 40."""
    result = run(tmp_path, "user.py", code=LONG, env={"COLUMNS": columns})
    rules = {len(line) for line in result.stdout.decode().splitlines() if line.startswith("──")}
    assert rules == {width}, str(result)


@pytest.mark.parametrize("columns", (60, 100))
def test_width_of_a_terminal(tmp_path, columns):
    """A terminal's own width, also below 80."""
    (tmp_path / "user.py").write_text(LONG, encoding="utf-8")
    command = f"stty cols {columns}; exec {harness.MPRUN} --color never user.py"
    status, output = harness.run_pty(["/bin/sh", "-c", command], cwd=tmp_path)
    rules = {len(line) for line in output.decode().splitlines() if line.startswith("──")}
    assert os.waitstatus_to_exitcode(status) == 0 and rules == {columns}, output.decode()


# --- notes

def test_short_runs_have_no_note_on_the_peak(tmp_path):
    """A run of two intervals or less has few samples: that they missed the peak is no news."""
    result = run(tmp_path, "--interval", "5s", "user.py",
                 code="x = bytearray(32 << 20)\ndel x\n")
    assert "saw the peak" not in result.stdout.decode(), str(result)
