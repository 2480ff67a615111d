# SPDX-License-Identifier: MIT
"""Hits and calls of every line of a corpus of programs equal what sys.settrace sees (oracle.py).

A source line may end in `# hits: N` where the oracle itself cannot see what happens, or in
`# hits: any` where a tracer of the program's own makes the count arbitrary."""

import json
import pathlib
import re

import pytest

import harness

PROGRAMS = pathlib.Path(__file__).parent / "programs"
CORPUS = sorted(PROGRAMS.glob("*.py"))
REMARK = re.compile(r"# hits: (\d+|any)\b")


def remarks(path):
    """{line: count or None} of the `# hits:` remarks of a file."""
    found = {}
    if not pathlib.Path(path).exists():  # a name that a program invented
        return found
    for number, text in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        match = REMARK.search(text)
        if match:
            found[number] = None if match[1] == "any" else int(match[1])
    return found


def oracle(program, tmp_path):
    """The oracle's table of a program."""
    out = tmp_path / "oracle.json"
    result = harness.run_python([str(PROGRAMS.parent / "oracle.py"), str(out), str(program)])
    assert result.status == 0, str(result)
    return json.loads(out.read_text(encoding="utf-8")), result.stdout


def expected_table(table, program, selection):
    """{(file, qualname, first line): (calls, {line: hits})} of what the selection selects."""
    if selection == "default":
        if any(f["decorated"] for f in table):
            table = [f for f in table if f["decorated"]]
        else:
            table = [f for f in table if f["file"] == str(program)]
    return {(f["file"], f["qualname"], f["first_line"]):
            (f["calls"], {int(line): count for line, count in f["hits"].items()})
            for f in table if f["hits"]}


def measured_table(profile):
    """The same of a profile; functions without a hit are left out."""
    table = {}
    for function in profile["functions"]:
        counts = {row["line"]: row["hits"] for row in function["rows"] if row["hits"]}
        if counts and function["file"].startswith(str(PROGRAMS)):
            key = function["file"], function["qualname"], function["first_line"]
            assert key not in table, f"two tables for {key}"
            table[key] = function["calls"], counts
    return table


def apply_remarks(table, notes_of):
    """Put the counts that sources state in the place of those found; a function of which nothing
    is certain goes."""
    for key, (_, counts) in list(table.items()):
        stated = notes_of(key[0])
        for line in [line for line in counts if line in stated]:
            counts[line] = stated[line]
        if not any(counts.values()):
            del table[key]
    return table


def differences(expected, measured):
    """One line of text for each thing that is not equal."""
    found = []
    for key in sorted(set(expected) | set(measured)):
        where = f"{pathlib.Path(key[0]).name}:{key[2]} {key[1]}"
        if key not in expected or key not in measured:
            found.append(f"{where}: {'not expected' if key not in expected else 'missing'}")
            continue
        (calls, lines), (got_calls, got_lines) = expected[key], measured[key]
        if calls != got_calls:
            found.append(f"{where}: {got_calls} calls, expected {calls}")
        for line in sorted(set(lines) | set(got_lines)):
            if lines.get(line) != got_lines.get(line):
                found.append(f"{where}: line {line} hit {got_lines.get(line)} times, "
                             f"expected {lines.get(line)}")
    return found


@pytest.mark.parametrize("program", CORPUS, ids=lambda path: path.stem)
def test_hits(program, tmp_path):
    """Default selection and `--func '*'`, both hosts, against one run of the oracle."""
    table, output = oracle(program, tmp_path)
    known = {}

    def notes_of(file):
        return known.setdefault(file, remarks(file))

    for selection, options in (("default", ()), ("everything", ("--func", "*"))):
        expected = apply_remarks(expected_table(table, program, selection), notes_of)
        for host in harness.HOSTS:
            result = harness.run_mprun([str(program)], tmp_path / "profile.json", host, options)
            assert result.stdout == output, str(result)
            harness.assert_armed(result, host)
            assert result.profile["engines"]["events"] > 0, str(result)
            harness.assert_rows_whole(result.profile)
            measured = apply_remarks(measured_table(result.profile), notes_of)
            wrong = differences(expected, measured)
            assert not wrong, f"{host}, {selection}:\n" + "\n".join(wrong)


def test_hits_corpus_is_wide():
    """The corpus does not shrink unnoticed."""
    assert len(CORPUS) >= 45
