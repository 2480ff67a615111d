# SPDX-License-Identifier: MIT
"""The examples teach what they say: each report matches its `.expected` file, and the relation that
the example is about holds in the figures. The course in `examples/README.md` is current: it has
every example, and each report in it is what the `.expected` file says.

An `.expected` file is the command behind `$ ` and what it prints below. Blanks and line ends count
as one blank. In the place of a number stands `{lo..hi}`, the range it must lie in, or `{lo..hi?}`
if it may also be blank or too small to print; `{*}` is any text."""

import re
import shlex
import subprocess

import pytest

import harness

EXAMPLES = harness.REPO / "examples"
MIB = 1 << 20
NUMBER = r"[+\-−]?[\d,]+(?:\.\d+)?"
LEGEND = "\nHits  how often the line was reached."
BLOCK = re.compile(r"^```\n(\$ mprun (?:.*\n)*?)```$", re.M)
PLACEHOLDER = re.compile(r"(\{\*\}|\{-?[\d.]+\.\.-?[\d.]+\??\})")


def blanks(text):
    """Runs of blanks and line ends as one blank."""
    return " ".join(text.split())


def compiled(expected):
    """The regular expression of an expected text, and the ranges of its numbers in order."""
    ranges, pattern = [], ""
    for part in PLACEHOLDER.split(blanks(expected)):
        if part == "{*}":
            pattern += ".*?"
        elif part.startswith("{") and ".." in part:
            low, high = part.strip("{?}").split("..")
            ranges.append((float(low), float(high)))
            if part.endswith("?}"):  # an absent number takes the blank before it along
                pattern = pattern.removesuffix("\\ ") + f"(?: ({NUMBER}|[·~]))?"
            else:
                pattern += f"({NUMBER})"
        else:
            pattern += re.escape(part)
    return re.compile(pattern), ranges


def out_of_range(match, ranges):
    """The numbers of a match that are not within their ranges, as text."""
    found = []
    for text, (low, high) in zip(match.groups(), ranges):
        number = (text or "").strip("·~").replace(",", "").replace("−", "-")
        if number and not low <= float(number) <= high:
            found.append(f"{text} is not within {low:g}..{high:g}")
    return found


def mismatch(expected, got):
    """Why a report is not what was expected; None if it is."""
    pattern, ranges = compiled(expected)
    match = pattern.fullmatch(blanks(got))
    if match:
        return "\n".join(out_of_range(match, ranges)) or None
    lines = expected.splitlines()
    for count in range(1, len(lines) + 1):
        if not compiled("\n".join(lines[:count]))[0].match(blanks(got)):
            return f"differs at the expected line {count + 1}: {lines[count - 1]}"
    return "something follows what was expected"


def read_expected(path):
    """The words of the command and what it prints."""
    command, _, report = path.read_text(encoding="utf-8").partition("\n")
    assert command.startswith("$ mprun "), f"{path.name} starts with `$ mprun …`"
    return shlex.split(command)[2:], report


def skip_without_imports(example):
    """An example whose package the interpreter does not have is skipped, and says so."""
    for package in re.findall(r"^import (numpy)\b", example.read_text(encoding="utf-8"), re.M):
        found = harness.run_python(["-c", f"import {package}; print({package}.__file__)"])
        if b"/dist-packages/" not in found.stdout:
            pytest.skip(f"{harness.PYTHON} has no {package} of the distribution's: the figures are "
                        "those of its build")


def skip_other_version(example):
    """What an example teaches may have changed."""
    if example.stem == "string_building" and harness.VERSION >= (3, 12):
        pytest.skip("since 3.12 StringIO keeps its text in another way than the example tells")


def run_example(words, host, *options):
    """mprun in the folder of the examples."""
    argv = [harness.MPRUN, "--host", host, "--python", harness.PYTHON, *options, *words]
    return harness.run(argv, cwd=EXAMPLES)


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_example_report(example, host):
    """All that the command prints."""
    skip_without_imports(example)
    skip_other_version(example)
    words, expected = read_expected(example.with_suffix(".expected"))
    result = run_example(words, host, "--width", "80", "--color", "never")
    assert result.status == 0, str(result)
    wrong = mismatch(expected, result.stdout.decode())
    assert not wrong, f"{wrong}\n{result}"


def test_mismatch_finds_differences():
    """The comparison itself: ranges, optional numbers, texts that differ, texts that go on."""
    expected = "a {1..2} {*} b {-1..1?} c\nd"
    assert mismatch(expected, "a 1.5 any thing b  c d") is None
    assert mismatch(expected, "a +2 x b −0.5 c\nd") is None
    assert "3 is not within 1..2" in mismatch(expected, "a 3 x b · c d")
    assert "−2 is not within" in mismatch(expected, "a 1 x b −2 c d")
    assert "expected line 3: d" in mismatch(expected, "a 1 x b c e")
    assert "follows" in mismatch(expected, "a 1 x b c d e")


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_example_form(example):
    """At most 40 lines; says above its code what to see, and names the command that is tested."""
    lines = example.read_text(encoding="utf-8").splitlines()
    command = example.with_suffix(".expected").read_text(encoding="utf-8").splitlines()[0]
    assert len(lines) <= 40 and max(map(len, lines)) <= 100
    assert f"#   {command.removeprefix('$ ')}" in lines[:5]


def course_problems(text):
    """What is wrong with a text of the course: the examples that it lacks or has without a heading,
    and reports that are not what is expected."""
    expected = dict(path.read_text(encoding="utf-8").split("\n", 1)
                    for path in EXAMPLES.glob("*.expected"))
    blocks = [block[1].split("\n", 1) for block in BLOCK.finditer(text)]
    headings = re.findall(r"^## (\d+)\. ", text, re.M)
    found = [f"{command}: not in the course"
             for command in set(expected) - {command for command, _ in blocks}]
    if headings != [str(number) for number in range(1, len(blocks) + 1)]:
        found.append(f"{len(blocks)} reports below the headings {headings}")
    for command, report in blocks:
        wrong = mismatch(expected.get(command, "").partition(LEGEND)[0], report)
        found += [f"{command}: {wrong}"] if wrong else []
    return found


def test_course_current():
    """examples/README.md; and a text with one report changed or left out is found."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert not course_problems(text), "run examples/make-readme"
    assert course_problems(text.replace("del alias", "del other"))
    assert course_problems(BLOCK.sub("", text, count=1))


def test_make_readme(tmp_path):
    """The script that makes the course leaves its words alone and renews every report."""
    if harness.MINOR != "3.11":
        pytest.skip("the course shows the reports of 3.11")
    for example in EXAMPLES.glob("*.py"):
        skip_without_imports(example)
    text, made = (EXAMPLES / "README.md").read_text(encoding="utf-8"), tmp_path / "README.md"
    subprocess.run([EXAMPLES / "make-readme", "-o", made], check=True, timeout=harness.TIMEOUT)
    renewed = made.read_text(encoding="utf-8")
    assert BLOCK.sub("", renewed) == BLOCK.sub("", text)
    assert not course_problems(renewed)
    assert BLOCK.findall(renewed) != BLOCK.findall(text), "no report is new"


@pytest.fixture
def changes(request, host, tmp_path):
    """{qualname: {"net": …, a line's source before its comment: its +RSS}} of the example that the
    test is named after, in bytes."""
    name = request.function.__name__.removeprefix("test_")
    skip_without_imports(EXAMPLES / f"{name}.py")
    words, _ = read_expected(EXAMPLES / f"{name}.expected")
    out = tmp_path / "out.json"
    result = run_example(words, host, "-q", "-o", str(out))
    assert result.status == 0, str(result)
    return {f["qualname"]: {"net": f["rss_delta"],
                            **{row["source"].strip().partition("  ")[0]: row["rss_delta"]
                               for row in f["rows"]}}
            for f in harness.read_profile(out)["functions"]}


def near(value, mebibytes, tolerance=0.5):
    """Is a number of bytes about so many MiB?"""
    return abs(value - mebibytes * MIB) < tolerance * MIB


def test_heavy_function(changes):
    """The two lists are what grows, and `del a` gives back a part of what the first one took."""
    rows = changes["heavy_function"]
    first, second = rows["a = [i ** 2 for i in range(n)]"], rows["c = [x / 2 for x in a]"]
    assert 3 * MIB < first < 6 * MIB and 2 * MIB < second < 5 * MIB
    assert MIB / 2 < -rows["del a"] < first
    assert near(rows["b = sum(a)"], 0, 0.25)
    assert first + second > 10 * abs(rows["return b + sum(c)"])


def test_generator_vs_list(changes):
    """The list costs tens of MiB, the generator next to nothing, for the same sum."""
    as_list, as_generator = changes["sum_with_list"], changes["sum_with_generator"]
    assert as_list["squares = [i * i for i in range(n)]"] > 30 * MIB
    assert all(near(change, 0, 0.25) for change in as_generator.values())
    assert as_list["net"] > 100 * abs(as_generator["net"])


def test_generator_pipeline(changes):
    """A stage that passes on is flat; the one that sorts holds everything, in that line."""
    assert all(near(change, 0) for change in changes["keep"].values())
    rows = changes["in_order"]
    assert rows["collected = sorted(lines)"] > 10 * MIB
    assert near(rows["yield from collected"], 0)


def test_string_building(changes):
    """The pieces of the list cost more than the text that they become, and StringIO needs them
    not."""
    skip_other_version(EXAMPLES / "string_building.py")
    joined, collected = changes["with_join"], changes["with_stringio"]
    pieces, text = joined['pieces.append(f"{i:064d}")'], joined['text = "".join(pieces)']
    assert near(text, 6.1) and pieces > 1.5 * text
    assert joined["net"] > 1.5 * collected["net"]
    assert near(collected["text = buffer.getvalue()"], 0)


def test_del_and_scope(changes):
    """Memory returns with the last name, or with the function that had it."""
    names = changes["two_names"]
    assert near(names["data = bytearray(SIZE)"], 40) and near(names["del data"], 0)
    assert near(names["del alias"], -40) and near(names["net"], 0)
    assert near(changes["checksum"]["net"], 40)
    assert near(changes["in_a_function"]["total = checksum()"], 0)


def test_recursion(changes):
    """Ten blocks in one row, nine given back in the other, and the rows add up."""
    rows = changes["descend"]
    assert near(rows["block = bytearray(BLOCK)"], 40)
    assert near(rows["below = descend(depth - 1)"], -36)
    assert sum(rows.values()) == 2 * rows["net"] and near(rows["net"], 4)


def test_slots(changes):
    """Dictionaries cost more than objects, and these more than objects with slots."""
    rows = {line.partition(" ")[0]: change for line, change in changes["build"].items()}
    assert rows["as_dicts"] > 1.5 * rows["as_objects"]
    assert rows["as_objects"] > 1.3 * rows["as_slotted"]
    assert rows["as_slotted"] > 4 * MIB


def test_leaking_cache(changes):
    """A kilobyte stays for every request, all in one line; with a bound, none."""
    rows = changes["serve_unbounded"]
    a_request = rows["CACHE[key] = render(*key)"] / 20_000
    assert 1000 < a_request < 1300
    assert near(rows["net"], rows["CACHE[key] = render(*key)"] / MIB)
    assert near(changes["serve_bounded"]["net"], 0)


def test_exception_keeps_frame(changes):
    """The locals of the frame live as long as the exception: until the list is cleared, or until
    the end of the `except` block."""
    kept, dropped = changes["collect_errors"], changes["collect_messages"]
    assert near(kept["parse()"], 40) and near(dropped["parse()"], 40)
    assert near(kept["errors.append(error)"], 0) and near(kept["errors.clear()"], -40)
    assert near(dropped["messages.append(str(error))"], -40)
    assert near(dropped["messages.clear()"], 0)


def test_mmap_touched_late(changes):
    """The map costs nothing; its two halves cost 32 MiB each where they are written."""
    rows = changes["touch_late"]
    assert near(rows["area = mmap.mmap(-1, SIZE)"], 0, 0.25)
    assert near(rows["area[:HALF] = bytes(HALF)"], 32)
    assert near(rows["area[offset] = 1"], 32)
    assert near(rows["area.close()"], -64)


def test_numpy_views_and_copies(changes):
    """A view costs nothing and keeps its array; a copy costs what it holds."""
    rows = changes["views_and_copies"]
    assert near(rows["grid = np.ones((1024, 5120))"], 40, 2)
    assert near(rows["view = grid[::2]"], 0)
    assert near(rows["copy = grid[::2].copy()"], 20, 2)
    assert near(rows["single = grid.astype(np.float32)"], 20, 2)
    assert near(rows["grid *= 2"], 0) and near(rows["del grid"], 0)
    assert near(rows["del view"], -40, 2)


def test_threads(changes):
    """The thread's line and the line that waits for it both show what the process grew by once."""
    assert near(changes["fill"]["block = bytearray(SIZE)"], 40, 1)
    assert near(changes["wait_for_it"]["block = pool.submit(fill).result()"], 40, 1)
    assert near(changes["wait_for_it"]["net"], 40, 1)


def test_async_tasks(changes):
    """One task takes and gives back, the other waits meanwhile and shows nothing."""
    busy = changes["fetch"]
    assert near(busy["body = bytearray(SIZE)"], 40) and near(busy["del body"], -40)
    assert all(near(change, 0) for change in changes["idle"].values())


def test_every_example_has_a_relation():
    """A new example needs a test of what it teaches."""
    assert {f"test_{path.stem}" for path in EXAMPLES.glob("*.py")} <= set(globals())
