# SPDX-License-Identifier: MIT
"""A report that does not fit into the memory that mprun may have: less of it, and a sentence, or all
of it; never a lost run. The program limits mprun's address space when it is done, not its own."""


import harness
import pytest

FUNCTIONS, LINES = 600, 25
LIMITS = [0, 200, 90, 60, 45, 35, 30, 25, 20, 15, 10, 1]

PROGRAM = f"""
import os, resource, sys
text = "".join(f"def f{{i}}(kept):\\n" + "".join(
    f"    kept.append([{{n}}] * 10)  # of line {{n}} in function {{i}}\\n" for n in range({LINES}))
    for i in range({FUNCTIONS}))
with open("made.py", "w") as file:
    file.write(text)
import made
kept = []
for i in range({FUNCTIONS}):
    getattr(made, f"f{{i}}")(kept)
if sys.argv[1] != "0":
    resource.prlimit(os.getppid(), resource.RLIMIT_AS, (int(sys.argv[1]) << 20, -1))
"""
LEFT_OUT = "There was not memory enough for "


def run(tmp_path, limit, name, *options):
    """mprun over PROGRAM with so many MiB for itself, 0 for no limit."""
    script = harness.write_program(tmp_path, PROGRAM)
    argv = harness.mprun_argv([script, str(limit)], ("-f", "made:f*", "-o", name, *options))
    result = harness.run(argv, cwd=tmp_path, env={"PYTHONPATH": "."})
    assert result.status in (0, 125), str(result)
    assert (result.status == 125) == (f"{LEFT_OUT}the report " in result.stderr.decode()), result
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["made.py", "user.py", *([] if name == "-" else [name])]), str(result)
    return result


def check(profile):
    """What a JSON report shows is right; how much that is."""
    heap, rows = profile["heap"], 0
    for key in ("allocated", "freed", "end", "allocations"):
        assert heap[key] == heap["python"][key] + heap["native"][key] and heap[key] > 0
    assert heap["end"] > FUNCTIONS * LINES * 80 and profile["rss"]["peak"] > heap["end"]
    for function in profile["functions"]:
        for row in function["rows"][1:]:
            assert row["hits"] == 1 and row["heap_allocated"] >= 80, row
            assert (row["source"] is not None) == ("source_problem" not in function)
            rows += 1
    held = any(row["live_at_end"] for f in profile["functions"] for row in f["rows"])
    assert held == bool(profile["sites"])
    source = any(row["source"] for f in profile["functions"] for row in f["rows"])
    return bool(rows) + held + source, rows


@harness.once
def test_sweep(tmp_path):
    """The less memory there is, the less is told; and that is said."""
    levels = []
    for limit in LIMITS:
        result = run(tmp_path, limit, "out.json")
        profile = harness.read_profile(tmp_path / "out.json")
        level, rows = check(profile)
        assert rows == (FUNCTIONS * LINES if level else 0)
        left_out = [note for note in profile["notes"] if note.startswith(LEFT_OUT)]
        assert len(left_out) == (level < 3), profile["notes"]
        assert (LEFT_OUT in result.stderr.decode()) == (level < 3), str(result)
        levels.append(level)
        (tmp_path / "out.json").unlink()
    assert levels[:2] == [3, 3] and levels[-1] == 0 and levels == sorted(levels, reverse=True)


@pytest.mark.parametrize("limit", [0, 30, 1])
@pytest.mark.parametrize("name", ["out.txt", "-"])
@pytest.mark.parametrize("form", ["text", "classic"])
def test_formats(tmp_path, form, name, limit):
    """The same for people, in a file and in a pipe."""
    result = run(tmp_path, limit, name, "--format", form, "--all-lines")
    text = result.stdout.decode() if name == "-" else (tmp_path / name).read_text(encoding="utf-8")
    if limit == 0:
        assert LEFT_OUT not in result.stderr.decode()
        assert f"kept.append([{LINES - 1}]" in text
    elif form == "text":
        assert (LEFT_OUT in text.replace("\n", " ")) == (LEFT_OUT in result.stderr.decode()), text
        assert "Heap peak" in text


def test_budget(tmp_path):
    """A budget needs the whole program's figures only."""
    result = run(tmp_path, 1, "out.json", "--max-peak-heap", "1M")
    assert "--max-peak-heap: the heap's peak is" in result.stderr.decode(), str(result)
