# SPDX-License-Identifier: MIT
"""The examples teach what they say: each report matches its `.expected` file, and the relation that
the example is about holds in the figures.

An `.expected` file is the command behind `$ ` and what it prints below. Blanks and line ends count
as one blank. In the place of a number stands `{lo..hi}`, the range it must lie in, or `{lo..hi?}`
if it may also be blank or too small to print; `{*}` is any text."""

import pathlib
import re
import shlex

import pytest

import harness

EXAMPLES = harness.REPO / "examples"
MIB = 1 << 20
NUMBER = r"[+\-−]?[\d,]+(?:\.\d+)?"
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


def run_example(words, host, *options):
    """mprun in the folder of the examples."""
    argv = [harness.MPRUN, "--host", host, "--python", harness.PYTHON, *options, *words]
    return harness.run(argv, cwd=EXAMPLES)


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_example_report(example, host):
    """All that the command prints."""
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


def profile_of(name, host, tmp_path):
    """{qualname: {line's first word after stripping: row}} of an example."""
    words, _ = read_expected(EXAMPLES / f"{name}.expected")
    out = tmp_path / "out.json"
    result = run_example(words, host, "-q", "-o", str(out))
    assert result.status == 0, str(result)
    functions = harness.read_profile(out)["functions"]
    return {f["qualname"]: {"net": f["rss_delta"],
                            **{row["source"].strip().partition("  ")[0]: row["rss_delta"]
                               for row in f["rows"]}} for f in functions}


def test_heavy_function(host, tmp_path):
    """The two lists are what grows, and `del a` gives back a part of what the first one took."""
    rows = profile_of("heavy_function", host, tmp_path)["heavy_function"]
    first, second = rows["a = [i ** 2 for i in range(n)]"], rows["c = [x / 2 for x in a]"]
    assert 3 * MIB < first < 6 * MIB and 2 * MIB < second < 5 * MIB
    assert MIB / 2 < -rows["del a"] < first
    assert abs(rows["b = sum(a)"]) < MIB / 4
    assert first + second > 10 * abs(rows["return b + sum(c)"])


def test_generator_vs_list(host, tmp_path):
    """The list costs tens of MiB, the generator next to nothing, for the same sum."""
    tables = profile_of("generator_vs_list", host, tmp_path)
    as_list, as_generator = tables["sum_with_list"], tables["sum_with_generator"]
    assert as_list["squares = [i * i for i in range(n)]"] > 30 * MIB
    assert all(abs(change) < MIB / 4 for change in as_generator.values())
    assert as_list["net"] > 100 * abs(as_generator["net"])


def test_mmap_touched_late(host, tmp_path):
    """The map costs nothing; its two halves cost 32 MiB each where they are written."""
    rows = profile_of("mmap_touched_late", host, tmp_path)["touch_late"]
    half = 32 * MIB
    assert abs(rows["area = mmap.mmap(-1, SIZE)"]) < MIB / 4
    assert abs(rows["area[:HALF] = bytes(HALF)"] - half) < MIB / 2
    assert abs(rows["area[offset] = 1"] - half) < MIB / 2
    assert abs(rows["area.close()"] + 2 * half) < MIB / 2
