# SPDX-License-Identifier: MIT
"""What is easily typed in the first minute: each is refused, before anything runs, with a sentence
that names the way out; and what looks like it and is right still runs."""

import pytest

import harness

SCRIPT = "def load(n):\n    return [0] * n\nload(1000)\nprint('ran')\n"
NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n'
SHELL = "#!/bin/sh\nset -e\nexec true\n"
REFUSED = 125


@pytest.fixture(scope="module", name="folder")
def make_folder(tmp_path_factory):
    """A folder with a script, a package, and what is no program."""
    folder = tmp_path_factory.mktemp("mistakes")
    harness.write_program(folder, SCRIPT, "s.py")
    harness.write_program(folder, NOTEBOOK, "n.ipynb")
    harness.write_program(folder, SHELL, "run.sh")
    (folder / "pkg").mkdir()
    harness.write_program(folder / "pkg", "print('ran')\n", "cli.py")
    harness.write_program(folder / "pkg", "print('ran')\n", "__main__.py")
    for options in (["-o", "r.json"], ["-o", "r.txt"], ["-o", "c.txt", "--format", "classic"]):
        result = harness.run([harness.MPRUN, "-q", *options, "s.py"], cwd=folder)
        assert result.status == 0, str(result)
    return folder


@pytest.mark.parametrize("words, says", (
    (["-o", "run.mprn", "s.py"], "the ending .mprn of run.mprn, only .txt, .md, .json, .csv"),
    (["-o", "run.html", "s.py"], "or name the format: --format text"),
    (["-o", "json", "s.py"], "json is a format, no file; write --format json -o FILE"),
    (["-o", "s.py"], "nothing to run: s.py is the value of --output"),
    (["-f", "s.py"], "nothing to run: s.py is the value of --func"),
    (["-f", "load()", "s.py"], "write load"),
    (["-f", "load,save", "s.py"], "give --func several times"),
    (["r.json"], "r.json is a report, no Python script; to write it anew: mprun -o r.json SCRIPT"),
    (["r.json", "s.py"], "mprun -o r.json SCRIPT"),
    (["r.txt"], "r.txt is a report, no Python script"),
    (["c.txt"], "c.txt is a report, no Python script"),
    (["n.ipynb"], "jupyter nbconvert --to script n.ipynb"),
    (["run.sh"], "run.sh is a shell script"),
    (["/bin/true"], "/bin/true is a compiled program"),
    (["s"], "there is no file s; is s.py meant?"),
    (["pkg/cli"], "is pkg/cli.py meant?"),
    (["pkg.cli"], "as a module: mprun -m pkg.cli"),
    (["true"], "there is no file true here; for the command: mprun \"$(command -v true)\""),
    (["plot"], "has no command 'plot'"),
    (["docter"], "there is no file docter; is the command meant? mprun doctor"),
    (["-q", "hlep", "rss"], "mprun help"),
), ids=" ".join)
def test_mistake(folder, words, says):
    """125, one message that says what to write, nothing started and no file made."""
    before = sorted(folder.iterdir())
    result = harness.run([harness.MPRUN, *words], cwd=folder)
    assert result.status == REFUSED and not result.stdout, str(result)
    assert says in "\n".join(result.own_lines) and not result.foreign_stderr, str(result)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("words", (
    ["-o", "out", "s.py"],
    ["-o", "out.1", "s.py"],
    ["-o", "out.2026.01.02", "s.py"],
    ["-o", "out.JSON", "s.py"],
    ["-o", "new.py", "--format", "text", "s.py"],
    ["-o", "run.mprun", "--format", "json", "s.py"],
    ["-o", "/dev/null", "s.py"],
    ["-o", "-", "s.py"],
    ["pkg"],
    ["-m", "pkg.cli"],
    ["-f", "*:load", "s.py"],
), ids=" ".join)
def test_no_mistake(folder, words):
    """These say what they mean."""
    result = harness.run([harness.MPRUN, *words], cwd=folder)
    assert result.status == 0 and result.stdout.startswith(b"ran\n"), str(result)


@pytest.mark.parametrize("name, text", (
    ("a.sh", "#!/bin/sh\n'''exec' python3 \"$0\" \"$@\"\n' '''\nprint('ran')\n"),
    ("a.txt", "# a.py: exit 0 in 0.10 s   CPython 3.11.2 /usr/bin/python3\nprint('ran')\n"),
    ("a.py", "print('ran'); x = 'x: exit 0   CPython 3.11'\n"),
    ("a", "print('ran'); x = '   CPython 3.11'\n"),
    ("a.json", '{"a": 1}\nprint("ran")\n'),
))
def test_odd_programs_run(tmp_path, name, text):
    """Python runs them, whatever they are called."""
    harness.write_program(tmp_path, text, name)
    result = harness.run([harness.MPRUN, name], cwd=tmp_path)
    assert result.status == 0 and result.stdout.startswith(b"ran\n"), str(result)


def test_a_fifo_is_not_waited_for_twice(tmp_path):
    """What a program comes from is not read before Python does."""
    result = harness.run(["/bin/bash", "-c", f"{harness.MPRUN} <(echo \"print('ran')\")"],
                         cwd=tmp_path)
    assert result.status == 0 and result.stdout.startswith(b"ran\n"), str(result)
