# SPDX-License-Identifier: MIT
"""`--format classic` against memory_profiler itself: same program, same bytes but for the figures."""

import re

import pytest

import harness

pytest.importorskip("memory_profiler",
                    reason="Debian's python3-memory-profiler is not installed")

PROGRAM = '''\
"""Decorated for both profilers."""


@profile
def build(n):
    """Some lines run, some do not."""
    rows = []
    # a comment

    for i in range(n):
        rows.append([i] * 100)
    if n < 0:\tnever = 1
    del rows
    return "ü"


@profile
def unused():
    return 1


class Holder:
    @profile
    def twice(self, x):
        y = x * 2
        return y


@profile
def one_line(x): return x


build(1000)
holder = Holder()
holder.twice(1)
holder.twice(2)
one_line(3)
'''
FIGURES = re.compile(r"^( *\d+ )(?: *-?\d+\.\d{3} MiB){2} +(\d+)   ", re.M)


def masked(text):
    """The table without its sizes; the columns are checked to stand where they should."""
    for match in FIGURES.finditer(text):
        assert re.match(r" {0,5}\d{1,6} [ \d.-]{8} MiB [ \d.-]{8} MiB  [ \d]{10}   $",
                        match[0]), match[0]
    return FIGURES.sub(lambda match: f"{match[1]}SIZES {match[2]:>10}   ", text)


def test_same_bytes_as_memory_profiler(tmp_path):
    """Header, rule, lines, blank rows, occurrences, gaps: all equal once the sizes are masked."""
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    theirs = harness.run([harness.PYTHON, "-m", "memory_profiler", "program.py"], cwd=tmp_path)
    ours = harness.run([harness.MPRUN, "--python", harness.PYTHON, "--format", "classic",
                        "program.py"], cwd=tmp_path)
    assert theirs.status == ours.status == 0, f"{theirs}\n{ours}"
    expected = masked(theirs.stdout.decode())
    assert expected.count("Filename: program.py\n") == 3 and "SIZES" in expected
    assert masked(ours.stdout.decode()) == expected


def test_first_row_is_the_entry_and_rows_go_on_from_it(tmp_path):
    """Increment of the first row is its Mem usage; a line that fills memory shows it."""
    (tmp_path / "program.py").write_text(
        "@profile\ndef fill():\n    kept = bytearray(64 << 20)\n    return len(kept)\nfill()\n",
        encoding="utf-8")
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "--format", "classic",
                          "program.py"], cwd=tmp_path)
    assert result.status == 0, str(result)
    rows = {}
    for line in result.stdout.decode().splitlines():
        found = re.match(r" *(\d+) +([\d.]+) MiB +(-?[\d.]+) MiB +(\d+)   ", line)
        if found:
            rows[int(found[1])] = (float(found[2]), float(found[3]), int(found[4]))
    assert rows[1][0] == rows[1][1] and rows[1][2] == 1
    assert 63.5 < rows[3][1] < 66 and rows[3][0] >= rows[1][0] + 63.5
