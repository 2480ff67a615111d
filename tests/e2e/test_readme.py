# SPDX-License-Identifier: MIT
"""The README's picture is what its command prints: the same text, lines and layout. Figures differ
from machine to machine, so they are masked; the legend may be left out. Its commands run, and so do
those of docs/recipes.md."""

import os
import re
import shlex

import pytest

import harness

README = harness.REPO / "README.md"
RECIPES_PAGE = harness.REPO / "docs" / "recipes.md"
RULE = re.compile(r"^─+$")
FIGURE = re.compile(r"[+−]?\d[\d,.]*%?|[·~]")
# The blocks of the sparkline, and units of time.
MASKS = ((re.compile("[▁-█]+"), "▆"), (re.compile(r"[+−]?\d[\d,.]*"), "#"),
         (re.compile(r"# (s|ms|µs|ns)\b"), "# s"))
# What stands behind the peaks is the machine's: libraries, allocator.
MACHINE = re.compile(r" RSS # = heap .*")


def picture():
    """The words of the first command in the README, and what stands below it."""
    found = re.search(r"^    \$ mprun (.*)\n((?:    .*\n|\n)+)", README.read_text("utf-8"), re.M)
    return shlex.split(found[1]), re.sub("(?m)^    ", "", found[2])


def parts(report):
    """The lines of the table, and the text around it with figures masked and blanks as one."""
    lines = report.splitlines()
    rules = [i for i, line in enumerate(lines) if RULE.match(line)]
    assert len(rules) == 2, report
    around = " ".join(" ".join(lines[:rules[0] - 1] + lines[rules[1] + 1:]).split())
    for pattern, replacement in MASKS:
        around = pattern.sub(replacement, around)
    return lines[rules[0] - 1:rules[1] + 1], MACHINE.sub("", around).strip()


def layout(table):
    """The head and the rules of a table as they are, and of each row all but its figures; those
    must stand below the heads of their columns."""
    head = table[0]
    source, hits = head.index("Source"), head.index("Hits") + len("Hits")
    edges = {match.end() for match in re.finditer(r"\S+(?: RSS)?(?= )", head)}
    found = [head]
    for line in table[1:]:
        if RULE.match(line):
            found.append(line)
            continue
        figures = line[hits:source]
        assert not FIGURE.sub("", figures).strip(), line
        assert {match.end() + hits for match in FIGURE.finditer(figures)} <= edges, line
        found.append((line[:hits], line[source:]))
    return found


def test_readme_first_command():
    """The picture against a run of its command."""
    if harness.PYTHON != "/usr/bin/python3":
        pytest.skip("the picture's head has the distribution's interpreter, which sets its line ends")
    words, drawn = picture()
    result = harness.run([harness.MPRUN, "--rss", "rusage", "--width", "80", *words],
                         cwd=harness.REPO)
    assert result.status == 0, str(result)
    (table, around), (got_table, got_around) = parts(drawn), parts(result.stdout.decode())
    assert layout(table) == layout(got_table), result.stdout.decode()
    assert around == got_around, result.stdout.decode()


SETUP = {
    "script.py": """
import json


class Reader:
    def read(self):
        return json.loads("[1, 2]")


def load():
    return [str(i) for i in range(1000)]


def heavy_function():
    return Reader().read(), load()


heavy_function()
""",
    "app.py": "import script\n\nscript.Reader().read()\n",
    "test_x.py": """
def test_small():
    assert sum(range(10)) == 45


def test_big():
    rows = [str(i) for i in range(100_000)]
    assert len(set(rows)) == len(rows)
""",
}


@pytest.fixture
def clone(tmp_path):
    """A folder that looks like a clone to the README's commands, with a program to try them on.
    Returns what runs one of them by a shell that stops at its first error."""
    (tmp_path / "examples").symlink_to(harness.REPO / "examples")
    for name, text in SETUP.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = os.path.dirname(harness.MPRUN) + ":" + harness.BASE_ENV["PATH"]

    def run(command):
        return harness.run(["/bin/bash", "-euo", "pipefail", "-c", command], cwd=tmp_path,
                           env={"PATH": path})
    return run


def section(title):
    """What stands below a heading of the README."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## )", README.read_text("utf-8"), re.M | re.S)
    assert found, f"README.md has no section {title!r}"
    return found[1]


def blocks_of(text):
    """The indented blocks of a text."""
    return [re.sub("(?m)^    ", "", block) for block in re.findall(r"(?:^    .*\n)+", text, re.M)]


# The recipe, and what must be in its output.
RECIPES = (
    ("One function", r"^build   .*:19   1 call"),
    ("A whole script", r"^checksum (?:.*\n)+^<module> (?:.*\n)+^two_names "),
    ("A leak in a long loop", r"^line 18: 1[01]\d\d bytes a hit +CACHE\[key\] = render\(\*key\)$"),
    ("A test under pytest", r"^test_big   test_x.py:6   1 call"),
    ("A gate in CI", r"^true\ntrue$"),
    ("Before and after a change", r"^\d+ functions: the same in \d+\.$|^No difference in"),
    ("Any command", r"^\d+ sleep 0\.2$"),
    ("Two moments of one run", r"phases.py:4: size=(?:.*\n)+^loaded: \d+\nworked: \d+\nwork: \d+$"),
)


def recipes():
    """The commands of each recipe by its name."""
    text = RECIPES_PAGE.read_text("utf-8")
    names = re.findall(r"^\*\*(.*?)\.?\*\*", text, re.M)
    blocks = blocks_of(text)
    assert len(names) == len(blocks)
    return dict(zip(names, blocks))


@pytest.mark.parametrize("name,expected", RECIPES, ids=[name for name, _ in RECIPES])
def test_readme_recipe(clone, name, expected):
    """Every recipe runs as it stands and shows what it promises."""
    result = clone(recipes()[name])
    assert result.status == 0, str(result)
    assert re.search(expected, result.stdout.decode(), re.M), str(result)


def test_readme_recipes_all_tested():
    """A recipe without a test is not a recipe."""
    assert list(recipes()) == [name for name, _ in RECIPES]


BOUNDED = """
import functools
@functools.lru_cache(maxsize=200)
def load(n):
    return bytes(10_000)
kept = []
def serve_kept():
    for n in range(400):
        kept.append(bytes(10_000))
def serve_bounded():
    for n in range(2000):
        load(n)
serve_bounded()
serve_kept()
"""


def test_readme_leak_is_no_bounded_cache(clone, tmp_path):
    """What is full and stays as it is, is not named."""
    program = tmp_path / "bounded.py"
    program.write_text(BOUNDED, "utf-8")
    recipe = recipes()["A leak in a long loop"]
    assert "examples/leaking_cache.py" in recipe
    result = clone(recipe.replace("examples/leaking_cache.py", str(program)))
    assert re.fullmatch(rb"line 9: 10\d\d\d bytes a hit +kept\.append.*\n", result.stdout), str(result)


def test_readme_gate_closes(clone):
    """The gate of CI fails above its limits, and when the program fails."""
    gate = recipes()["A gate in CI"]
    for command in (gate.replace("< 200 *", "< 2 *"), gate.replace("< 64 *", "< 2 *"),
                    gate.replace("100MiB", "10MiB"), gate.replace("leak 1MiB", "leak 10"),
                    gate.replace("examples/slots.py", "examples/nothing.py")):
        assert command != gate
        assert clone(command).status != 0, command


@pytest.mark.parametrize("title", ("Use", "Recipes"))
def test_readme_use(clone, title):
    """The commands of these sections run."""
    lines = blocks_of(section(title))[0].splitlines()
    assert len(lines) >= 5
    for line in lines:
        if "before.mprun" in line:
            clone("mprun -q -o before.mprun script.py; mprun -q -o after.mprun script.py")
        result = clone(re.split(r" {2,}", line)[0])
        assert result.status == 0, str(result)


def test_readme_help_commands(clone):
    """The commands of the section Use that tell about mprun itself."""
    found = re.findall(r"^\* `(mprun .*?)`", section("Use"), re.M)
    assert found
    for command in found:
        result = clone(command)
        assert result.status == 0 and result.stdout, str(result)


def test_readme_memory_profiler_commands(clone):
    """What stands for memory_profiler's commands runs."""
    found = re.findall(r"^\|.*\| `(mprun .*?)`", section("Coming from memory_profiler"), re.M)
    assert len(found) >= 4
    for command in found:
        result = clone(command)
        assert result.status == 0, str(result)


TOUCH = """
import mmap, sys

def rows():
    return [str(i) * 10 for i in range(100_000)]

def work():
    a = bytes(76 << 20)
    a = bytearray(76 << 20)
    del a
    b = rows()
    del b
    b = rows()
    n = len([0] * 50_000_000)

work()
"""


def test_readme_heap_and_rss(tmp_path):
    """The table (docs/figures.md) of what a program does and what RSS shows of it."""
    (tmp_path / "touch.py").write_text(TOUCH, encoding="utf-8")
    result = harness.run_mprun(["touch.py"], tmp_path / "out.json", options=("-f", "work"),
                               cwd=tmp_path)
    heap = {row["line"]: row["heap_delta"] / 2**20 for row in result.function("work")["rows"]}
    rows = {row["line"]: row["rss_delta"] / 2**20 for row in result.function("work")["rows"]}
    lines = dict(enumerate(TOUCH.splitlines(), 1))
    untouched, touched, _, first, freed, again, passing = (
        rows[line] for line, text in lines.items() if line > 7 and text.startswith("    "))
    assert abs(untouched) < 1 and abs(touched - 76) < 1
    assert first > 9 and freed < -2
    assert again < first + 1
    assert abs(passing) < 1 and result.profile["rss"]["peak"] > 380 << 20
    moves = [heap[line] for line, text in lines.items() if line > 7 and text.startswith("    ")]
    rows_size = moves[3]
    expected = [76, 0, -76, rows_size, -rows_size, rows_size, 0]
    assert rows_size > 9 and all(abs(a - b) < 0.1 for a, b in zip(moves, expected)), moves
    spike = max(row["spike"] for row in result.function("work")["rows"]) / 2**20
    assert abs(spike - 381.5) < 0.1
