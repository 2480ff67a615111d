# SPDX-License-Identifier: MIT
"""Random programs (tests/fuzz/programs): a fixed set, and one that is new each time. What differs is
printed with its seed, and the smallest program that still does."""

import random
import subprocess
import sys

import pytest

import harness

PROGRAMS = harness.REPO / "tests" / "fuzz" / "programs"
EACH = 150  # scenarios
FRESH = random.SystemRandom().randrange(10**6, 2 * 10**9)
SHRINK_SECONDS = 120


def ask(*options, timeout=600):
    """What the generator says, with its status."""
    done = subprocess.run([sys.executable, str(PROGRAMS), *map(str, options)], timeout=timeout,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          env=harness.environment({"MPRUN": harness.MPRUN,
                                                   "MPRUN_PYTHON": harness.PYTHON}))
    return done.returncode, done.stdout.decode("utf-8", "replace")


def smallest(said):
    """Of the first seed that differs; nothing if that takes too long."""
    seed = said.partition("seed ")[2].partition(":")[0]
    try:
        return ask("--shrink", seed, timeout=SHRINK_SECONDS)[1] if seed else ""
    except subprocess.TimeoutExpired:
        return f"shrink it by: tests/fuzz/programs --shrink {seed}"


@pytest.mark.parametrize("first", [1, 1001, 2001, 3001])
def test_random_programs_fixed(first):
    """The same each time."""
    status, said = ask("--seed", first, "--count", EACH, "--jobs", 1)
    assert status == 0, said + smallest(said)
    assert said.endswith(f"{EACH} passed, 0 failed, 0 skipped\n"), said


@pytest.mark.parametrize("part", range(2))
def test_random_programs_fresh(part):
    """Others each time."""
    status, said = ask("--seed", FRESH + 1000 * part, "--count", EACH, "--jobs", 1)
    assert status == 0, said + smallest(said)


def test_random_programs_differ():
    """The generator can tell: a profile whose hits, or whose figures, are wrong is no profile."""
    script = """
import sys
sys.path.insert(0, sys.argv[1])
import check
row = {"line": 3, "hits": 2, "time_ns": 1, "heap_allocated": 5, "heap_freed": 1, "heap_delta": 4,
       "allocations": 1, "spike": 0, "live_at_peak": 0, "live_at_end": 0}
function = {"qualname": "f", "first_line": 2, "file": "p.py", "calls": 1, "rows": [row]}
profile = {"functions": [function], "dropped": 0}
assert check.sound(profile) == []
assert check.same_hits({("f", 2): (1, {3: 2})}, profile, "p.py") == []
assert check.same_hits({("f", 2): (1, {3: 1})}, profile, "p.py")
assert check.lawful(profile, "p.py", "\\n\\nx  # keeps 9000")
assert not check.lawful(profile, "p.py", "\\n\\nyield  # keeps 0")
row["live_at_end"] = -1
assert check.sound(profile)
row["live_at_end"] = 90_000
assert check.lawful(profile, "p.py", "\\n\\nyield  # keeps 0")
profile["dropped"] = 1
assert len(check.sound(profile)) == 1
"""
    done = subprocess.run([sys.executable, "-c", script, str(PROGRAMS) + ".d"], check=False,
                          env=harness.environment({"MPRUN": harness.MPRUN,
                                                   "MPRUN_PYTHON": harness.PYTHON}),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()
