# SPDX-License-Identifier: MIT
"""tests/same: one build is the same as itself, and what a build does otherwise is seen, be it one
byte."""

import os
import pathlib
import subprocess
import sys

import pytest

import harness

SAME = harness.REPO / "tests" / "same"
sys.path.append(str(SAME) + ".d")

import figures  # noqa: E402
import judge  # noqa: E402

pytestmark = harness.once
# Runs mprun and changes what it wrote. In Python: a shell would add to the environment, which
# stands in the target's memory.
DOCTORED = """#!/usr/bin/python3
import os, re, subprocess, sys
behind = os.path.join(os.path.dirname(sys.argv[0]), "mprun-host-behind")
done = subprocess.run([behind, *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
def doctored(text):
    return re.sub({pattern!r}, {instead!r}, text, flags=re.M)
if os.path.exists("report"):
    with open("report", "r+", encoding="utf-8") as file:
        text = doctored(file.read())
        file.seek(0)
        file.truncate()
        file.write(text)
sys.stdout.write(doctored(done.stdout))
sys.exit(done.returncode + {more})
"""


def doctored(folder, pattern="(?!)", instead="", more=0):
    """A build like that under test, but for its reports, where they match, and its status."""
    binary = pathlib.Path(harness.copy_of_mprun(folder))
    binary.rename(binary.parent / "mprun-host-behind")  # goes where its libraries go
    binary.write_text(DOCTORED.format(pattern=pattern, instead=instead, more=more),
                      encoding="utf-8")
    binary.chmod(0o755)
    return str(binary)


def same(after, *words):
    """Status and output of the script over one program, in one way and host."""
    done = subprocess.run(
        [sys.executable, str(SAME), harness.MPRUN, after, "programs/loops.py", "--host",
         "interpreter", "--jobs", "1", *words], check=False, text=True, timeout=300,
        env={**os.environ, "MPRUN_PYTHON": harness.PYTHON}, stdout=subprocess.PIPE)
    return done.returncode, done.stdout


def test_same_build(tmp_path):
    """The build under test and its copy, in two ways."""
    status, said = same(doctored(tmp_path), "--way", "json", "--way", "text no RSS")
    assert status == 0 and said.endswith("\n2 passed, 0 failed, 0 skipped\n"), said


@pytest.mark.parametrize("way, pattern, instead, path", (
    ("json", r'("line": 8,.*"hits": )', r"\g<1>1", ".hits: "),
    ("json", r'"notes"', "notes", "'notes'], then '<absent>'"),
    ("json", r'("heap": ."allocated": )', r"\g<1>1", "heap.allocated: "),
    ("json", r'("line": 8), ("source": ".*"), ("hits": \d+)', r"\1, \3, \2", " keys: "),
    ("json", r'"rss_max": \d+', '"rss_max": 0', ".rss_max: "),
    ("json", r'"time_ns": \d+', '"time_ns": 0', ".time_ns: "),
    ("json", r'^  "schema"', '"schema"', "layout "),
    ("text no RSS", "before its locals", " before its locals", "stdout line "),
), ids=("hits", "no JSON", "heap", "keys", "RSS", "times", "layout", "text"))
def test_same_sees(way, pattern, instead, path, tmp_path):
    """Each kind of change, and nothing else."""
    status, said = same(doctored(tmp_path, pattern, instead), "--way", way)
    different = [line for line in said.splitlines() if line.startswith("DIFFERENT")]
    assert status == 1 and said.endswith("\n0 passed, 1 failed, 0 skipped\n"), said
    assert different and path in different[0], said
    if path in (".hits: ", "heap.allocated: ", "stdout line "):
        assert all(path in line for line in different), said


def test_same_sees_status(tmp_path):
    """Another exit status."""
    status, said = same(doctored(tmp_path, more=1), "--way", "classic")
    assert status == 1 and "status: 0, then 1" in said, said


def runs(befores, afters):
    """The verdict on such values of one line of a text."""
    found = judge.Comparison()
    for before, after in zip(befores, afters):
        found.add(*(judge.Seen({}, {"stdout": [text]}) for text in (before, after)))
    return found.judge()


def test_same_masks():
    """What varied before is masked and told of, word by word; what did not is held to it."""
    found = runs(["a 1", "a 1"], ["a 1", "a 1"])
    assert (found.wrong, found.once, found.masked) == ({}, {}, [])
    found = runs(["a 1", "a 2"], ["a 3", "a 4"])
    assert not found.wrong and found.masked == ["stdout line 1"]
    assert runs(["a 1", "a 2"], ["b 1", "b 2"]).wrong
    found = runs(["a"] * 4, ["b", "a", "a", "a"])
    assert not found.wrong and found.once


def test_same_near():
    """RSS and times are compared roughly, and not with what is absent or nothing."""
    near = figures.Near
    assert near("rss", 9 << 20).within([near("rss", 10 << 20)])
    assert not near("rss", 20 << 20).within([near("rss", 10 << 20)])
    assert near("time", 9_000).within([near("time", 900_000)])
    assert not near("time", 0).within([near("time", 900_000)])
    assert not near("time", 10**9).within([near("time", 10**6)])
    assert not near("rss", 0).within([None])
