# SPDX-License-Identifier: MIT
"""`mprun diff`: two runs of a program, and of one that was changed."""

import json
import re

import pytest

import harness

pytestmark = harness.once

BEFORE = """\
def load(n):
    rows = [bytearray(100) for _ in range(n)]
    seen = len(rows)
    return rows, seen


def gone():
    return [0] * 1000


def old_name(k):
    block = bytearray(k)
    twice = bytes(block) * 2
    return len(twice)


def moved(k):
    block = bytearray(k)
    return len(block)


def main():
    data = load(2000)
    gone()
    old_name(3000)
    moved(100_000)
    return data


kept = main()
"""

# One function moved, one changed, one new, one gone, one renamed.
AFTER = '''\
def moved(k):
    block = bytearray(k)
    return len(block)


def load(n):
    """Twice as much."""
    rows = [bytearray(100) for _ in range(2 * n)]
    seen = len(rows)
    return rows, seen


def new_name(k):
    block = bytearray(k)
    twice = bytes(block) * 2
    return len(twice)


def appeared(count):
    wide = ["x"] * count
    return tuple(wide)


def main():
    data = load(2000)
    appeared(500)
    new_name(3000)
    moved(100_000)
    return data


kept = main()
'''


@pytest.fixture(scope="module", name="folder")
def make_folder(tmp_path_factory):
    """Stores of both, and of a second run of the first."""
    folder = tmp_path_factory.mktemp("diff")
    for text, names in ((BEFORE, ("before", "again")), (AFTER, ("after",))):
        harness.write_program(folder, text, "shop.py")
        for name in names:
            result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "-q", "-o",
                                  f"{name}.mprun", "shop.py"], cwd=folder)
            assert result.status == 0, str(result)
    return folder


def diff(folder, *words):
    return harness.run([harness.MPRUN, "diff", *words], cwd=folder)


def as_json(folder, before, after):
    result = diff(folder, f"{before}.mprun", f"{after}.mprun", "--format", "json", "-o", "-")
    assert result.status == 0 and result.stderr == b"", str(result)
    return json.loads(result.stdout)


def names(comparison, keep):
    """{(name before, name after)} of the functions that are to be kept."""
    return {tuple(side and side["qualname"] for side in (each["before"], each["after"]))
            for each in comparison["functions"] if keep(each)}


@pytest.mark.parametrize("after", ("before", "again"))
def test_a_program_and_itself(folder, after):
    """No difference, neither of a profile to itself nor of two runs of one program."""
    comparison = as_json(folder, "before", after)
    assert comparison["functions"] == []
    text = diff(folder, "before.mprun", f"{after}.mprun", "--fail-above", "4KiB")
    assert text.status == 0, str(text)
    assert b"Was" not in text.stdout
    if after == "before":
        assert comparison["sites"] == []
        assert b"No difference in 6 functions" in text.stdout


def test_what_became_of_functions(folder):
    """Exactly that: one moved, one changed, one new, one gone, one renamed."""
    comparison = as_json(folder, "before", "after")
    assert names(comparison, lambda each: each["fate"] == "new") == {(None, "appeared")}
    assert names(comparison, lambda each: each["fate"] == "gone") == {("gone", None)}
    assert names(comparison, lambda each: each["renamed"]) == {("old_name", "new_name")}
    assert names(comparison, lambda each: each["fate"] == "same" and each["moved"]
                 and not each["renamed"]) == {("moved", "moved")}
    assert names(comparison, lambda each: each["fate"] == "changed" and not each["renamed"]) \
        == {("load", "load"), ("main", "main"), ("<module>", "<module>")}


def test_rows_are_found_again(folder):
    """The line that was edited, two lines further down, with what it does more."""
    comparison = as_json(folder, "before", "after")
    load = next(each for each in comparison["functions"]
                if each["after"] and each["after"]["qualname"] == "load")
    row = next(row for row in load["rows"] if row["edited"])
    assert row["line"] == {"before": 2, "after": 8}
    assert row["heap_delta"]["change"] > 200_000
    assert row["heap_delta"]["after"] - row["heap_delta"]["before"] == row["heap_delta"]["change"]
    site = max(comparison["sites"], key=lambda site: site["live_at_end"]["change"])
    assert site["live_at_end"]["change"] > 200_000 and site["line"] == {"before": 2, "after": 8}
    assert comparison["totals"]["live_at_end"]["change"] > 200_000


def figures(value):
    """Each change in a comparison, negated; sides exchanged."""
    if isinstance(value, dict) and "change" in value:
        change = value["change"]
        return {"before": value["after"], "after": value["before"],
                "change": None if change is None else -change}
    if isinstance(value, dict) and set(value) == {"before", "after"}:
        return {"before": value["after"], "after": value["before"]}
    return value


def test_the_other_way_negates(folder):
    there, back = (as_json(folder, *pair) for pair in (("before", "after"), ("after", "before")))
    assert {key: figures(value) for key, value in there["totals"].items()} == {
        key: {name: value[name] for name in ("before", "after", "change")}
        for key, value in back["totals"].items()}

    def rows(comparison, turn):
        found = {}
        for each in comparison["functions"]:
            sides = (each["before"], each["after"])
            for row in each["rows"]:
                lines = (row["line"]["before"], row["line"]["after"])
                where = tuple(side and side["qualname"] for side in sides), lines
                where = tuple(pair[::-1] for pair in where) if turn else where
                change = row["heap_delta"]["change"]
                found[where] = -change if turn else change
        return found

    assert rows(there, False) == rows(back, True)


def test_as_text(folder):
    text = diff(folder, "before.mprun", "after.mprun", "--width", "100").stdout.decode()
    assert re.search(r"^load +shop\.py:1 (→|->) shop\.py:6", text, re.M), text
    assert re.search(r"^ +2 +8 .*! +rows = ", text, re.M), text
    assert re.search(r"^new: appeared ", text, re.M) and re.search(r"^gone: gone ", text, re.M), text
    assert "Renamed: old_name" in text and "Moved: moved" in text, text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_fail_above(folder):
    """Ends with 3 and names the line."""
    result = diff(folder, "before.mprun", "after.mprun", "-q", "--fail-above", "100KiB")
    assert result.status == 3 and result.stdout == b"", str(result)
    assert b"shop.py:8 in load: what it holds at the " in result.stderr, str(result)
    assert b"the heap at the end grew by" in result.stderr
    assert diff(folder, "before.mprun", "after.mprun", "-q", "--fail-above", "1GiB").status == 0
    assert diff(folder, "after.mprun", "before.mprun", "-q", "--fail-above", "1%").status == 0


def test_without_the_heap(folder):
    """RSS is compared, and --fail-above says what it lacks."""
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "-q", "--no-heap", "-o",
                          "no_heap.mprun", "shop.py"], cwd=folder)
    assert result.status == 0, str(result)
    result = diff(folder, "no_heap.mprun", "after.mprun")
    assert result.status == 0 and b"RSS, highest" in result.stdout, str(result)
    result = diff(folder, "no_heap.mprun", "after.mprun", "--fail-above", "1%")
    assert result.status == 125 and b"--fail-above" in result.stderr, str(result)


@pytest.mark.parametrize("words, message", (
    (("before.mprun",), b"which profiles?"),
    ((), b"which profiles?"),
    (("before.mprun", "after.mprun", "again.mprun"), b"'again.mprun' is one too many"),
    (("before.mprun", "nowhere.mprun"), b"nowhere.mprun"),
    (("shop.py", "after.mprun"), b"shop.py"),
    (("before.mprun", "after.mprun", "--fail-above", "much"), b"--fail-above"),
    (("before.mprun", "after.mprun", "--format", "csv"), b"text, markdown, json"),
    (("before.mprun", "after.mprun", "-o", "new.mprun"), b"--format store"),
    (("before.mprun", "after.mprun", "--format", "text", "-o", "after.mprun"), b"a file that is read"),
    (("before.mprun", "after.mprun", "--func", "load"), b"--func"),
), ids=lambda value: " ".join(value) or "none" if isinstance(value, tuple) else "")
def test_mistakes(folder, words, message):
    before = (folder / "after.mprun").read_bytes()
    result = diff(folder, *words)
    assert result.status == 125 and result.stdout == b"", str(result)
    assert message in result.stderr, str(result)
    assert (folder / "after.mprun").read_bytes() == before


def test_to_a_file(folder, tmp_path):
    out = tmp_path / "changes.md"
    result = diff(folder, "before.mprun", "after.mprun", "-o", str(out))
    assert result.status == 0 and result.stdout == b"", str(result)
    text = out.read_text(encoding="utf-8")
    assert text.startswith("## Memory, `before.mprun` against `after.mprun`")
    tables = re.findall(r"(?:^\|.*\n)+", text, re.M)
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table


SNAPSHOTS = """
import mprun
kept = []

def fill(count):
    for i in range(count):
        kept.append(bytearray(1000))

fill(10)
mprun.snapshot("first")
fill(200)
mprun.snapshot("second")
mprun.mark("none")
"""


def test_two_marks_of_one_run(tmp_path):
    """What is live at each: 200 blocks more."""
    harness.write_program(tmp_path, SNAPSHOTS, "snapshots.py")
    result = harness.run([harness.MPRUN, "--python", harness.PYTHON, "-q", "-o", "run.mprun",
                          "snapshots.py"], cwd=tmp_path)
    assert result.status == 0, str(result)
    result = diff(tmp_path, "run.mprun@first", "run.mprun@second", "--format", "json", "-o", "-")
    assert result.status == 0 and result.stderr == b"", str(result)
    comparison = json.loads(result.stdout)
    fill = next(each for each in comparison["functions"] if each["after"]["qualname"] == "fill")
    [row] = [row for row in fill["rows"] if "bytearray" in row["source"]["after"]]
    assert 200 * 1000 <= row["live_at_end"]["change"] <= 200 * 1100
    assert row["hits"]["change"] == 0
    report = harness.run([harness.MPRUN, "report", "run.mprun@first", "--width", "100"], cwd=tmp_path)
    assert report.status == 0 and b"fill" in report.stdout, str(report)
    for words, message in ((("run.mprun@third", "run.mprun"), b"no snapshot called third"),
                           (("run.mprun@none", "run.mprun"), b"the mark none has no snapshot"),
                           (("other.mprun@first", "run.mprun"), b"other.mprun")):
        result = diff(tmp_path, *words)
        assert result.status == 125 and message in result.stderr, str(result)
    (tmp_path / "run.mprun@third").write_bytes((tmp_path / "run.mprun").read_bytes())
    assert diff(tmp_path, "run.mprun@third", "run.mprun").status == 0
