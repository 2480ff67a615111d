# SPDX-License-Identifier: MIT
"""The timeline drawn in the text report of real runs."""

import re

import pytest

import harness

pytestmark = harness.once

PROGRAM = """
import time
def low():
    kept = bytearray(20 << 20)
    time.sleep(0.15)
    return kept
def high():
    kept = bytearray(200 << 20)
    time.sleep(0.08)
def after():
    time.sleep(0.15)
kept = low()
high()
after()
"""


@pytest.fixture(scope="module", name="folder")
def make_folder(tmp_path_factory):
    """A folder with the program: a peak of a fifth of its time."""
    folder = tmp_path_factory.mktemp("plot")
    harness.write_program(folder, PROGRAM, "p.py")
    return folder


def run(folder, *options, **kwargs):
    """The report with a plot."""
    words = [harness.MPRUN, "--python", harness.PYTHON, "--plot", *options, "p.py"]
    result = harness.run(words, cwd=folder, **kwargs)
    assert result.status == 0, str(result)
    return result.stdout.decode()


def panel(report, title):
    """The figure at the top, and the height of each column in eighths of a row."""
    lines = report.split(f"{title} over time")[1].splitlines()[2:10]
    edge = re.search("[┤│]", lines[0]).start()
    rows = [line[edge + 1:] for line in lines]
    heights = [0] * max(map(len, rows))
    for row in rows:
        for at, cell in enumerate(row):
            heights[at] += " ▁▂▃▄▅▆▇█".index(cell)
    return float(lines[0][:edge].split()[0].replace(",", "")), heights


def bands(report):
    """The columns of each function."""
    part = report.split("When each function ran")[1].split("\n\n")[1]
    return {line.split()[0]: {match.start() for match in re.finditer("━", line)}
            for line in part.splitlines() if "━" in line}


@pytest.mark.parametrize("width", (60, 80, 200))
def test_plot_is_as_high_as_the_program_was(folder, width):
    """The peak is in both panels, the end is low again, and functions stand where they ran."""
    report = run(folder, "--width", str(width))
    assert all(len(line) <= width for line in report.splitlines() if set("┤│┼━") & set(line))
    for title in ("RSS", "Heap"):
        top, heights = panel(report, title)
        assert 215 < top < 300 and max(heights) == 64 and heights[-1] < 20, (title, top, heights)
    found = bands(report)
    assert {"low", "high", "after"} <= set(found)
    assert max(found["low"]) < max(found["high"]) < max(found["after"])
    assert min(found["high"]) > min(found["low"]) and len(found["high"] & found["after"]) <= 1


def test_plot_in_ascii_and_colour(folder):
    """As the terminal is."""
    report = run(folder, "--color", "never", env={"LANG": "C"})
    assert report.isascii() and re.search(r"[\d.]+ \+ +#+", report) and "=====" in report
    report = run(folder, "--color", "always")
    assert re.search("\033\\[3[2-6]m[▁-█]+\033\\[0m", report)


def test_plot_of_what_is_left(folder):
    """One panel without the heap; RSS is sampled from outside, also with --rss off."""
    assert "Heap over time" not in run(folder, "--no-heap")
    assert "RSS over time" in run(folder, "--rss", "off")


def test_plot_wants_the_text_report(folder):
    """In no other format there is a place for it."""
    for words in (("-o", "x.json"), ("--format", "classic"), ("-o", "x.csv")):
        result = harness.run([harness.MPRUN, "--plot", *words, "p.py"], cwd=folder)
        assert result.status == 125 and "--plot is drawn in the text report" in result.own_lines[0], str(result)
