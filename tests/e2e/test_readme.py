# SPDX-License-Identifier: MIT
"""The README's picture is what its command prints: the same text, lines and layout. Figures differ
from machine to machine, so they are masked; the legend may be left out."""

import re
import shlex

import harness

README = harness.REPO / "README.md"
RULE = re.compile(r"^─+$")
FIGURE = re.compile(r"[+−]?\d[\d,.]*|[·~]")
# The blocks of the sparkline, and units of time.
MASKS = ((re.compile("[▁-█]+"), "▆"), (re.compile(r"[+−]?\d[\d,.]*"), "#"),
         (re.compile(r"# (s|ms|µs|ns)\b"), "# s"))
LEGEND = "Hits how often the line was reached."


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
    return lines[rules[0] - 1:rules[1] + 1], around.partition(LEGEND)[0].strip()


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
    words, drawn = picture()
    result = harness.run([harness.MPRUN, "--rss", "rusage", "--width", "80", *words],
                         cwd=harness.REPO)
    assert result.status == 0, str(result)
    (table, around), (got_table, got_around) = parts(drawn), parts(result.stdout.decode())
    assert layout(table) == layout(got_table), result.stdout.decode()
    assert around == got_around, result.stdout.decode()
