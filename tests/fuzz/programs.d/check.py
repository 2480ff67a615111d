# SPDX-License-Identifier: MIT
"""A program bare, under the oracle of hits and under mprun: what is not as it must be."""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parents[1]
sys.path.insert(0, str(TESTS / "e2e"))

import harness  # noqa: E402

OPTIONS = (("-f", "*:*"), ("-f", "*:*"), (), ("-f", "*:*", "--no-heap"))
KEEPS = re.compile(r"# keeps (\d+)")
NEVER_NEGATIVE = ("hits", "time_ns", "heap_allocated", "heap_freed", "allocations", "spike",
                  "live_at_peak", "live_at_end")
SLACK = 3000  # bytes at a line: what the interpreter allocates for itself


def same_outcome(bare, ours):
    """Status and both streams."""
    found = []
    if bare.status != ours.status:
        found.append(f"status {bare.status}, then {ours.status}")
    for name, before, after in (("stdout", bare.stdout, ours.stdout),
                                ("stderr", bare.stderr, ours.foreign_stderr)):
        if before != after:
            pairs = list(zip(before.split(b"\n"), after.split(b"\n")))
            at = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
            found.append(f"{name} differs at line {at + 1}: {line_of(before, at)!r}, "
                         f"then {line_of(after, at)!r}")
    return found


def beside_any_tool(program, ours):
    """CPython does some things otherwise in code that is watched, whoever watches it: before 3.12
    some frames of coroutines die a little earlier, later another tool hears of some lines and calls
    once more, or threads take turns elsewhere, each time where they like. Is it just so with a tool
    that does nothing, or is that tool's run not always the same?"""
    for which in ("all", "own"):
        seen = set()
        for _ in range(6):
            traced = harness.run_python([str(HERE / "traced.py"), which, str(program)])
            seen.add((traced.status, traced.stdout))
            if len(seen) > 1 or (ours.status, ours.stdout) in seen:
                return True
    return False


def line_of(text, index):
    lines = text.split(b"\n")
    return lines[index][:200] if index < len(lines) else b"<end>"


def oracle_hits(program, folder):
    """{(function, first line): (calls, {line: hits})} as settrace sees it."""
    out = folder / "oracle.json"
    result = harness.run_python([str(TESTS / "e2e" / "oracle.py"), str(out), str(program)])
    if not out.exists():
        return None, [f"no oracle: {result}"]
    table = json.loads(out.read_text(encoding="utf-8"))
    return {(f["qualname"], f["first_line"]):
            (f["calls"], {int(line): count for line, count in f["hits"].items()})
            for f in table if f["hits"] and f["file"] == str(program)}, []


def finalized(hits, stdout):
    """The oracle is told of no finalizer that runs as a thread ends; but each prints a line."""
    for (name, first), (_, lines) in hits.items():
        if name == "Final.__del__":
            count = len(re.findall(rb"^finalized", stdout, re.M))
            hits[name, first] = count, dict.fromkeys(lines, count)
            return


def same_hits(expected, profile, program):
    """Calls and the hits of each line."""
    measured = {}
    for function in profile["functions"]:
        counts = {row["line"]: row["hits"] for row in function["rows"] if row["hits"]}
        if counts and function["file"] == str(program):
            measured[function["qualname"], function["first_line"]] = function["calls"], counts
    found = []
    for key in sorted(set(expected) | set(measured)):
        if expected.get(key) != measured.get(key):
            found.append(f"{key[0]} in line {key[1]}: (calls, hits) {expected.get(key)}, "
                         f"then {measured.get(key)}")
    return found


def sound(profile):
    """What holds for any row."""
    found = []
    if profile["dropped"]:
        found.append(f"dropped {profile['dropped']}")
    for function in profile["functions"]:
        for row in function["rows"]:
            wrong = [f"{name} {row[name]}" for name in NEVER_NEGATIVE
                     if row[name] is not None and row[name] < 0]
            if row["heap_delta"] is not None and (
                    row["heap_delta"] != row["heap_allocated"] - row["heap_freed"]):
                wrong.append("heap_delta is not allocated less freed")
            if wrong:
                found.append(f"{function['qualname']} line {row['line']}: {', '.join(wrong)}")
    return found


def lawful(profile, program, text):
    """A line that keeps a block has just that, one that gives up control nothing: by hits."""
    keeps = {number: int(match[1]) for number, line in enumerate(text.split("\n"), 1)
             if (match := KEEPS.search(line))}
    found = []
    for function in profile["functions"]:
        for row in function["rows"] if function["file"] == str(program) else ():
            size = keeps.get(row["line"])
            if size is None or row["heap_delta"] is None:
                continue
            kept = row["live_at_end"] - size * row["hits"]
            if not -1 < kept <= SLACK + 128 * row["hits"]:
                found.append(f"{function['qualname']} line {row['line']}: "
                             f"{row['live_at_end']} bytes live, {row['hits']} times {size}")
    return found


def check(program, text, plain, folder, options, host=None):
    """All that is wrong with one program, as lines of text."""
    bare = harness.run_python([str(program)])
    ours = harness.run_mprun([str(program)], folder / "out.json", host, options)
    found = same_outcome(bare, ours)
    if found and beside_any_tool(program, ours):
        found = []
    if ours.profile is None:
        return found + ["no profile"]
    found += sound(ours.profile)
    if not plain:
        return found
    if options:
        expected, problems = oracle_hits(program, folder)
        if not problems:
            finalized(expected, bare.stdout)
        found += problems or same_hits(expected, ours.profile, program)
    return found + lawful(ours.profile, program, text)
