# SPDX-License-Identifier: MIT
"""docs/measured.md: what a run has measured goes into the cells that are for it. A row of a table is
named there as in the bench; what was not measured stays as it is."""

import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "measured.md"
OWN_PYTHON = "/usr/bin/python3"  # whose figures all tables but that by version are
PEERS = ("tracemalloc", "memray", "scalene")  # seconds of another run stand beside nobody's


def marked(name):
    """A table of the page between its marks."""
    return re.compile(rf"(?<=<!-- bench: {name} -->\n)(.*?)(?=<!-- end -->)", re.S)


def read(text, name):
    """The cells of a table, a list a row; the first one is the head, the second one the rule."""
    found = marked(name).search(text)
    if not found:
        raise LookupError(f"no table '{name}' on the page")
    return [[cell.strip() for cell in line.strip("|").split("|")]
            for line in found[1].splitlines()]


def shown(rows):
    """The same as Markdown."""
    return "".join("|" + "---|" * len(row) + "\n" if set("".join(row)) <= {"-"} else
                   "".join(f"| {cell} " if cell else "| " for cell in row) + "|\n" for row in rows)


def put(text, table, row, values):
    """The page with `values`, {start of a column's head: cell}, in a row (of columns that start alike, the first one); the same page if the table
    has no such row."""
    rows = read(text, table)
    for found in rows[2:]:
        if found[0] == row:
            for head, cell in values.items():
                at = next(i for i, title in enumerate(rows[0]) if title.startswith(head))
                found[at] = cell
    return marked(table).sub(lambda _: shown(rows), text, count=1)


class Figures:
    """What one run has measured."""

    def __init__(self):
        self.machine = self.versions = ""
        self.tiers = {}      # {row: {tier: text}}
        self.costs = {}      # {row: {tier: what stands behind it in the first table}}
        self.bars = {}       # {row: {tier: text, or False}}
        self.workloads = {}  # {row: {tool: seconds}}

    def add(self, row, tier, value, limit, cost=""):
        """A figure of a row, and its bar."""
        self.tiers.setdefault(row, {})[tier] = value
        self.costs.setdefault(row, {})[tier] = cost
        self.bars.setdefault(row, {})[tier] = limit

    def add_workload(self, row, medians):
        """Seconds of a workload under each tool."""
        self.workloads[row] = medians

    def bar(self, row):
        """Its bar or, where the tiers have other ones, its bars."""
        return ", ".join(dict.fromkeys(f"≤ {limit}" for limit in self.bars[row].values() if limit))

    def whole(self, text):
        """The page with the figures of the tables that are not by version."""
        for row, values in self.tiers.items():
            cells = {"bar": self.bar(row)}
            for tier, value in values.items():
                head = "`rusage`" if tier == "rusage" else "`faults`"
                cells[head] = value + self.costs[row][tier]
                if tier not in ("rusage", "faults"):
                    cells[head] += f" ({tier})"
            text = put(text, "lines", row, cells)
            text = put(text, "heap", row, {"measured": values.get("rusage", ""),
                                           "bar": self.bar(row)})
        for row, seconds in self.workloads.items():
            ratio = f"{seconds['mprun'] / seconds['bare']:.2f}×"
            text = put(text, "workloads", row, {**dict.fromkeys(PEERS, ""), "mprun / bare": ratio, **{
                tool: f"{value:.3f}" for tool, value in seconds.items()}})
        return text

    def by_version(self, text, version, monitored):
        """The page with the figures in the column of a version."""
        for row, values in self.tiers.items():
            cells = {version: ", ".join(values.values())}
            if monitored and self.bar(row):
                cells["bar"] = self.bar(row)
            text = put(text, "versions", row, cells)
        return put(text, "machines", version, {"machine": self.machine, "versions": self.versions})

    def write(self, version, python, monitored, page=PAGE):
        """Puts all of it on the page."""
        text = page.read_text("utf-8")
        if python == OWN_PYTHON:
            text = self.whole(text)
        page.write_text(self.by_version(text, version, monitored), "utf-8")
