# SPDX-License-Identifier: MIT
"""What is written for readers agrees with itself and with the code: links, width, figures, messages."""

import contextlib
import json
import pathlib
import re
import sqlite3
import subprocess
import sys

import pytest

import harness

README = harness.REPO / "README.md"
DOCS = harness.REPO / "docs"
BENCH = harness.REPO / "tests" / "bench"
MEASURED = DOCS / "measured.md"
PAGES = [README, *sorted(DOCS.glob("*.md")), harness.REPO / "CONTRIBUTING.md",
         harness.REPO / "NEWS.md", harness.REPO / "examples" / "README.md"]

sys.path.insert(0, str(BENCH))
import measured  # noqa: E402

page = pytest.mark.parametrize("path", PAGES, ids=[str(p.relative_to(harness.REPO)) for p in PAGES])


def prose(path):
    """A page without its blocks of code."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)
    return re.sub(r"^    .*$", "", text, flags=re.M)


def anchors(path):
    """What a link to a heading of the page ends with, as GitHub makes it."""
    found = set()
    for title in re.findall(r"^#+ (.*)", prose(path), re.M):
        name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        numbered = (f"{name}-{n}" if n else name for n in range(100))
        found.add(next(each for each in numbered if each not in found))
    return found


def broken(path):
    """The links of a page that lead nowhere in this tree."""
    found = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"\w+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or anchor and anchor not in anchors(target):
            found.append(link)
    return found


@page
def test_documents_links(path):
    """Every relative link resolves, every anchor exists."""
    assert not broken(path)


def test_documents_broken_links_are_found(tmp_path):
    """A file and a heading that are not there."""
    (tmp_path / "b.md").write_text("# Two  words, `code`\n## Two words\n    # no heading\n")
    (tmp_path / "a.md").write_text(
        "[a](b.md) [b](b.md#two--words-code) [c](b.md#two-words) [d](https://nowhere/x)\n"
        "[e](c.md)\n[f](b.md#no-heading) [g](#here)\n")
    assert broken(tmp_path / "a.md") == ["c.md", "b.md#no-heading", "#here"]


def test_documents_are_all_linked():
    """Who starts at the README comes to all of them."""
    seen, left = set(), [README]
    while left:
        path = left.pop()
        if path not in seen:
            seen.add(path)
            left += [(path.parent / link).resolve()
                     for link in re.findall(r"\]\(([^)#:]+\.md)", prose(path))]
    assert set(PAGES) <= seen


@pytest.mark.parametrize("path", [README, *sorted(DOCS.glob("*.md"))], ids=lambda path: path.name)
def test_documents_are_wrapped(path):
    """100 columns at most, outside tables."""
    long = [line for line in path.read_text("utf-8").splitlines()
            if len(line) > 100 and not line.startswith("|")]
    assert not long, long


def test_readme_is_short():
    """What is too long for it stands in docs."""
    assert len(README.read_text("utf-8").splitlines()) < 200


def test_messages_on_the_page_on_security():
    """What it says that mprun says, mprun says."""
    code = "".join(path.read_text("utf-8") for path in (harness.REPO / "src").rglob("*.c"))
    code = re.sub(r'"\s*"', "", code)
    said = re.findall(r"`((?:cannot|is not) [^`]+)`", (DOCS / "security.md").read_text("utf-8"))
    # A sentence may be put together from two.
    words = {word for words in said for word in re.findall(r"[\w/.-]{4,}", words)}
    assert len(said) >= 9 and not [word for word in words if word not in code], said


# --- what is measured

def column(text, table, row, head):
    """A cell of the page."""
    rows = measured.read(text, table)
    at = next(i for i, title in enumerate(rows[0]) if title.startswith(head))
    (found,) = (cells[at] for cells in rows[2:] if cells[0] == row)
    return found


def test_readme_figures():
    """Those of its first paragraph are on the page."""
    opening = " ".join(README.read_text("utf-8").split("$ mprun")[0].split())
    text = MEASURED.read_text("utf-8")
    whole = column(text, "heap", "whole programs with heap, median", "measured")
    assert f"take {whole.strip('×')} times as long" in opening
    words = ("five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
             "eighteen nineteen twenty").split()
    shares = [words[int(column(text, "heap", f"added time over the first five, geometric mean, against {peer}",
                               "measured").removeprefix("1/")) - 5] for peer in ("memray", "tracemalloc")]
    assert f"{shares[0]} and {shares[1]} times as large" in opening
    quick, usual = (int(re.search(r": (\d+) ns", column(text, "lines", row, "`rusage`"))[1])
                    for row in ("a traced line that does nothing, with heap, against memory_profiler's",
                                "a traced line of half a microsecond, against memory_profiler's"))
    assert f"{quick / 1000:.2f} to {usual / 1000:.1f} µs" in opening
    assert "28 µs a line" in opening and "28 µs a line" in text


def test_measured_rows_are_the_bench_s():
    """Every row between marks is one that the bench fills."""
    code = ("import heap, json, lines; print(json.dumps([[b.name for b in lines.bars(True)] + "
            "heap.names(), list(heap.WORK.values())]))")
    rows, work = json.loads(subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=BENCH, stdout=subprocess.PIPE, check=True).stdout)
    text = MEASURED.read_text("utf-8")
    tables = re.findall(r"^<!-- bench: (\w+) -->$", text, re.M)
    assert len(tables) == text.count("<!-- end -->") == 5
    for table in tables:
        names = [cells[0] for cells in measured.read(text, table)[2:]]
        known = {"workloads": work, "machines": ["3.11", "3.12", "3.13", "3.14", "3.15"]}
        assert names and len(set(names)) == len(names), table
        assert set(names) <= set(known.get(table, rows)), table
    assert set(work) == {cells[0] for cells in measured.read(text, "workloads")[2:]}


def figures():
    """Some, as a run of the bench has them."""
    found = measured.Figures()
    found.machine, found.versions = "a machine", "some versions"
    for tier, value, limit, cost in (("rusage", "1/2", "1/60", ": 7 ns"),
                                     ("faults", "1/3", "1/400", ": 8 ns")):
        found.add("a traced line that does nothing, against memory_profiler's", tier, value, limit, cost)
    found.add("default invocation, pure-Python loop, against bare", "rusage", "9.99×", "6.00×")
    found.add("whole programs with heap, worst", "rusage", "8.88×", "1.60×")
    found.add("a row that the page does not have", "rusage", "7.77×", False)
    found.add_workload("mails built and parsed", {"bare": 1.0, "mprun": 3.0, "memray": 5.0})
    return found


def changed(before, after):
    """The lines that a page has now and had not."""
    old = before.splitlines()
    assert len(old) == len(after.splitlines())
    return [line for line, was in zip(after.splitlines(), old) if line != was]


def test_measured_write(tmp_path):
    """Every figure gets into its cells; nothing else changes."""
    before = MEASURED.read_text("utf-8")
    copy = tmp_path / "measured.md"
    copy.write_text(before, "utf-8")
    figures().write("3.11", measured.OWN_PYTHON, False, copy)
    after = copy.read_text("utf-8")
    line = "a traced line that does nothing, against memory_profiler's"
    assert column(after, "lines", line, "`rusage`") == "1/2: 7 ns"
    assert column(after, "lines", line, "`faults`") == "1/3: 8 ns"
    assert column(after, "lines", line, "bar") == "≤ 1/60, ≤ 1/400"
    assert column(after, "versions", line, "3.11") == "1/2, 1/3"
    assert column(after, "versions", line, "3.12") == column(before, "versions", line, "3.12")
    assert column(after, "heap", "whole programs with heap, worst", "measured") == "8.88×"
    assert column(after, "workloads", "mails built and parsed", "mprun /") == "3.00×"
    assert column(after, "workloads", "mails built and parsed", "memray") == "5.000"
    assert column(after, "workloads", "mails built and parsed", "scalene") == ""
    assert column(after, "machines", "3.11", "machine") == "a machine"
    assert len(changed(before, after)) == 8
    assert "7.77" not in after


def test_measured_write_of_another_python(tmp_path):
    """Its figures are in its column alone."""
    before = MEASURED.read_text("utf-8")
    copy = tmp_path / "measured.md"
    copy.write_text(before, "utf-8")
    figures().write("3.13", "/elsewhere/python3", True, copy)
    lines = changed(before, copy.read_text("utf-8"))
    assert len(lines) == 4
    assert column(copy.read_text("utf-8"), "versions", "whole programs with heap, worst", "3.13") == "8.88×"


def test_measured_table_that_is_not_there():
    """A page without a table is no page of measurements."""
    with pytest.raises(LookupError):
        measured.put(pathlib.Path(README).read_text("utf-8"), "lines", "x", {})
    text = MEASURED.read_text("utf-8")
    assert all(measured.shown(measured.read(text, table)) in text
               for table in ("lines", "versions", "workloads", "heap", "machines"))


def listed(table):
    """{first cell's names: the names in code of the row} of a table of a page."""
    found = {}
    for line in table.splitlines():
        if not line.startswith("| `"):
            continue
        cells = line.strip("| ").split(" | ")
        for name in re.findall("`([^`]+)`", cells[0]):
            found[name] = line
    return found


def keys_below(text, heading):
    """The keys of the JSON that the table below a heading has."""
    part = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return {name for line in part.splitlines() if line.startswith("| `")
            for name in re.findall("`([^`]+)`", line.split(" | ")[0])}


@harness.once
def test_documents_know_the_store(tmp_path):
    """docs/profile.md has each table and view with each column, and none that a store has not."""
    path = tmp_path / "run.mprun"
    assert harness.run([harness.MPRUN, "-q", "-o", str(path), "-c", "pass"]).status == 0
    text = (DOCS / "profile.md").read_text("utf-8")
    tables, views = text.split("\n# The store\n")[1].split("The views are for people")
    tables, views = listed(tables), listed(views)
    with contextlib.closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT type, name FROM sqlite_master ORDER BY rowid").fetchall()
        columns = {name: [row[1] for row in database.execute(f'PRAGMA table_info("{name}")')][1:]
                   for kind, name in names if kind == "table"}
    assert set(tables) == set(columns)
    assert set(views) == {name for kind, name in names if kind == "view"}
    sections = {"#functions": "`functions[]`", "#functionsrows": "`functions[].rows[]`",
                "#sites": "`sites[]`", "#marks": "`marks[]`", "#sections": "`sections[]`"}
    for table, row in tables.items():
        known = set(re.findall("`([^`]+)`", row)) - {table}
        for link in re.findall(r"\]\((#[\w-]+)\)", row):
            known |= keys_below(text, sections[link]) if link in sections else set(columns[table])
        if "as `timeline`" in row:
            known |= set(columns["timeline"])
        if "(`tree_…`)" in row:
            known |= {name for name in columns[table] if name.startswith("tree_")}
        assert set(columns[table]) <= known, (table, set(columns[table]) - known)
