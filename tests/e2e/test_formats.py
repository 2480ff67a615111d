# SPDX-License-Identifier: MIT
"""Reports in formats of others, read by readers that are not ours."""

import csv
import json
import os
import re
import shlex
import time

import pytest

import harness

pytestmark = harness.once

PROGRAM = '''\
"""Quotes " and ' and, commas; a|b `c` </script> \\\\ = + @."""
def work(n):
    kept = [str(i) + ",\\"x\\"" for i in range(n)]  # |, `, ``, "
    text = "=1+2"
    return kept, text
def never():
    return 1
def again(n):
    for _ in range(3):
        yield bytearray(n)
kept = work(20_000), list(again(1 << 20))
'''


@pytest.fixture(scope="module", name="folder")
def make_folder(tmp_path_factory):
    """A folder with the program, and its JSON to compare with."""
    folder = tmp_path_factory.mktemp("formats")
    harness.write_program(folder, PROGRAM, "a,b.py")
    report(folder, "run.json")
    return folder


def report(folder, name, *options, **kwargs):
    """The report of a run in the file of that name."""
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "-q", "-o", name, *options, "a,b.py"],
                         cwd=folder, **kwargs)
    assert result.status == 0, str(result)
    return folder / name


def same_rows(folder):
    """Function, line, hits and source of each row as the JSON has them, in its order."""
    profile = json.loads((folder / "run.json").read_text("utf-8"))
    return [(function["file"], function["qualname"], row["line"], row["hits"], row["source"])
            for function in profile["functions"] for row in function["rows"]]


def records(path):
    """The records of a file as Python's csv reads it."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_csv_has_the_rows_of_the_json(folder):
    """Every row of every function, under the keys of the JSON."""
    found = records(report(folder, "run.csv"))
    assert [(row["file"], row["function"], int(row["line"]), int(row["hits"]), row["source"])
            for row in found] == same_rows(folder)
    profile = json.loads((folder / "run.json").read_text("utf-8"))
    keys = set(profile["functions"][0]["rows"][0])
    assert set(found[0]) == keys | {"file", "function"} and not any(None in row for row in found)
    grown = max(found, key=lambda row: int(row["heap_delta"] or 0))
    assert int(grown["heap_delta"]) == int(grown["heap_allocated"]) - int(grown["heap_freed"])
    assert int(grown["heap_delta"]) > 1 << 20


def test_csv_of_what_was_not_measured(folder):
    """No heap, no RSS: nothing stands there, where the JSON has null."""
    for row in records(report(folder, "bare.csv", "--no-heap", "--rss", "off")):
        assert row["line"] and row["hits"] and row["time_ns"], row
        assert not any(value for key, value in row.items()
                       if key.startswith(("rss", "heap", "live", "spike", "allocations"))), row


def test_csv_to_standard_output(folder):
    """By its name; a bare --format asks for -o."""
    words = [harness.MPRUN, "--python", harness.PYTHON, "--format", "csv"]
    result = harness.run([*words, "-o", "-", "a,b.py"], cwd=folder)
    assert result.stdout.startswith(b"file,function,line,hits,"), str(result)
    assert result.stdout.endswith(b"\r\n")
    refused = harness.run([*words, "a,b.py"], cwd=folder)
    assert refused.status == 125 and "-o FILE" in refused.own_lines[0], str(refused)


# --- mprof

MPROF = "/usr/bin/python3-mprof"
READ = """
import json, sys
sys.argv[0] = "mprof"
import mprof
print(json.dumps(mprof.read_mprofile_file(sys.argv[1])))
"""
mprof_is_there = pytest.mark.skipif(not os.path.exists(MPROF),
                                    reason="Debian's python3-memory-profiler is not installed")
GROWS = """
import sys, time
kept = []
for step in range(6):
    kept.append(bytearray(8 << 20))
    time.sleep(0.03)
"""


@mprof_is_there
def test_mprof_reads_it(tmp_path):
    """Its own reader: the command, and samples in order that grow as the program did."""
    harness.write_program(tmp_path, GROWS, "a b.py")
    before = time.time()
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "-o", "run.dat", "a b.py", "x y", "it's"],
                         cwd=tmp_path)
    after = time.time()
    assert result.status == 0, str(result)
    found = json.loads(harness.run(["/usr/bin/python3", "-c", READ, "run.dat"], cwd=tmp_path).stdout)
    assert shlex.split(found["cmd_line"]) == ["a b.py", "x y", "it's"]
    times, sizes = found["timestamp"], found["mem_usage"]
    assert len(times) == len(sizes) > 8 and times == sorted(times)
    assert before - 0.01 <= times[0] and times[-1] <= after + 0.01
    assert 40 < max(sizes) - sizes[0] < 70 and not found["children"]
    (begin, end, *memory, depth), = found["func_timestamp"]["__main__.<module>"]
    assert before < begin < end <= after and memory[1] - memory[0] > 40 and depth == 1
    peak = harness.run([MPROF, "peak", "run.dat"], cwd=tmp_path)
    assert peak.stdout.split()[-2:] == [f"{max(sizes):.3f}".encode(), b"MiB"], str(peak)


@mprof_is_there
def test_mprof_reads_hostile_words(folder):
    """Words with line ends and quotes stay on one line."""
    words = ["CMDLINE\nMEM 9 9\n", "'\"`|", "\u202e x", "é"]
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "-q", "-o", "hostile.dat", "a,b.py", *words],
                         cwd=folder)
    assert result.status == 0, str(result)
    found = json.loads(harness.run(["/usr/bin/python3", "-c", READ, "hostile.dat"], cwd=folder).stdout)
    assert shlex.split(found["cmd_line"]) == [
        "a,b.py", "CMDLINE\\x0aMEM 9 9\\x0a", "'\"`|", "\\u202e x", "é"]
    assert all(5 < size < 500 for size in found["mem_usage"])


# --- chrome

KINDS = {"M": {"args"}, "C": {"args"}, "i": {"args", "s"}, "X": {"args", "dur"}}


def events(path):
    """The events of a trace, each as the format's description wants it."""
    trace = json.loads(path.read_text("utf-8"))
    assert set(trace) == {"displayTimeUnit", "otherData", "traceEvents"}
    found, before = trace["traceEvents"], {}
    for event in found:
        assert set(event) == {"ph", "pid", "tid", "ts", "name"} | KINDS[event["ph"]], event
        assert event["pid"] > 0 and event["tid"] > 0 and event["ts"] >= before.get(event["ph"], 0), event
        assert event.get("s", "p") == "p" and event.get("dur", 0) >= 0
        before[event["ph"]] = event["ts"]
        if event["ph"] == "C":
            assert all(type(value) is int for value in event["args"].values()), event
    assert len({event["pid"] for event in found}) == 1
    return trace["otherData"], found


def test_chrome_is_a_trace(tmp_path):
    """Counters that grow as the program did, on the clock of its run."""
    harness.write_program(tmp_path, GROWS, "a b.py")
    begun = time.monotonic()
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "-o", "run.trace.json", "a b.py"],
                         cwd=tmp_path)
    lasted = time.monotonic() - begun
    assert result.status == 0, str(result)
    run, found = events(tmp_path / "run.trace.json")
    levels = {name: [event["args"]["bytes"] for event in found if event["name"] == name]
              for name in ("RSS", "heap")}
    assert len(levels["RSS"]) > 8 and levels["heap"]
    for name, least in (("RSS", 40 << 20), ("heap", 38 << 20)):
        assert max(levels[name]) - levels[name][0] > least
        assert max(levels[name]) <= run[f"peak_{name.lower()}"]
    assert 150_000 < max(event["ts"] for event in found) < lasted * 1e6
    call, = (event for event in found if event["ph"] == "X")
    assert call["name"] == "<module>" and 150_000 < call["dur"] and run["calls_left_out"] == 0
    assert call["args"]["rss_end"] - call["args"]["rss_begin"] > 38 << 20
    named = {event["name"]: event["args"] for event in found}
    assert named["process_name"] == {"name": "a b.py"}
    assert named["highest sample of RSS"]["bytes"] == max(levels["RSS"])
    assert named["highest sample of the heap"]["bytes"] == max(levels["heap"])
    assert named["highest sample of RSS"]["line"] in range(2, 8)


def test_chrome_of_what_was_not_measured(folder):
    """Without the heap no counter of it, and null for its peak."""
    run, found = events(report(folder, "bare.trace.json", "--no-heap"))
    assert run["peak_heap"] is None and run["peak_rss"] > 0
    assert not any("heap" in event["name"] for event in found)


# --- markdown

def cells(line):
    """The cells of a table's line, as GitHub splits it: a bar behind a backslash is one of a cell's."""
    assert line.startswith("|") and line.endswith("|"), line
    return [cell.strip(" ").replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line[1:-1])]


def source_of(cell):
    """What a code span shows."""
    fence, text = re.fullmatch(r"(`+)(.*[^`]|.*?)\1", cell).groups()
    if text.startswith(" ") and text.endswith(" ") and text.strip():
        text = text[1:-1]
    assert fence not in re.findall("`+", text), cell
    return text


def tables(text):
    """Name and lines of each function's table; all have as many cells as heads."""
    found = {}
    for part in text.split("\n### ")[1:]:
        name, table = source_of(part.splitlines()[0]), part.split("\n\n")[2].splitlines()
        lines = [cells(line) for line in table]
        assert len({len(line) for line in lines}) == 1, part
        assert set("".join(lines[1])) <= set(":-") and name not in found
        found[name] = [dict(zip(lines[0], line)) for line in lines[2:]]
    return found


def test_markdown_has_the_lines_of_the_json(folder):
    """Source and hits of each line, whatever stands in it."""
    text = report(folder, "run.md", "--all-lines", "--columns", "line,hits,heap,source").read_text("utf-8")
    assert text.startswith("## Memory of `a,b.py`\n\nexit 0 in ")
    found = tables(text)
    profile = json.loads((folder / "run.json").read_text("utf-8"))
    for function in profile["functions"]:
        if not function["calls"]:
            assert f"Matched, never called: `{function['qualname']}`" in text
            continue
        rows = [line for line in found.pop(function["qualname"]) if line["Line"]]
        assert [(int(row["Line"]), int(row["Hits"].replace(",", "").strip("·") or 0),
                 row["Source"] and source_of(row["Source"])) for row in rows] == [
                     (row["line"], row["hits"], row["source"]) for row in function["rows"]]
    assert not found


def test_markdown_shows_what_the_text_does(folder):
    """The same functions, lines and columns, folded alike."""
    options = ("--columns", "line,heap,source", "--width", "0", "--no-legend")
    text = report(folder, "same.txt", *options).read_text("utf-8")
    found = tables(report(folder, "same.md", *options).read_text("utf-8"))
    drawn = re.findall(r"^ *(\d+|⋮) ", text.split("Heap peak")[0], re.M)
    assert drawn == [line["Line"] for lines in found.values() for line in lines if line["Line"]]


def test_markdown_to_standard_output(folder):
    """It is for people: no -o is asked for."""
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "--format", "markdown", "a,b.py"], cwd=folder)
    assert result.status == 0 and b"\n### `work`\n" in result.stdout, str(result)
