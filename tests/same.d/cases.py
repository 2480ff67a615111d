# SPDX-License-Identifier: MIT
"""What is run: programs, the options that each is run with, and command lines without a program."""

import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
E2E = TESTS / "e2e"
EXAMPLES = TESTS.parent / "examples"
FOLDERS = (E2E / "programs", E2E / "law", E2E / "heap", E2E / "rss", EXAMPLES)
# Not programs of their own.
NO_PROGRAM = {
    "law/statm.py": "what the programs beside it import",
    "law/instrument.py": "takes a program to run; its figures are RSS",
    "heap/instrument.py": "takes a program to run; its figures are tracemalloc's",
}
NEEDED = ("greenlet", "numpy")

# Ends that no program of the corpus has, and ways to name a program.
COMMANDS = {
    "killed": ("-c", "import os, time\ndef f():\n    x = bytearray(8 << 20)\n    time.sleep(0.1)\n"
               "    os.kill(os.getpid(), 9)\nf()"),
    "exits": ("-c", "import os\ndef f():\n    x = [0] * 9999\n    os._exit(3)\nf()"),
    "raises": ("-c", "def f():\n    x = [0] * 9999\n    raise KeyError(len(x))\nf()"),
    "asks": ("-c", "import sys\n@profile\ndef f():\n    return sys.argv\nprint(f())", "--top"),
    "module": ("-m", "json.tool", "--help"),
    "no file": ("nothing_here.py",),
}

FEW = ("--width", "0", "-f", "*")
# name: (format, options). Without RSS a text report is compared to the blank.
WAYS = {
    "json": ("json", ("-q",)),
    "json all": ("json", ("-f", "*")),
    "json no heap": ("json", ("-f", "*:*", "--no-heap", "--rss", "rusage")),
    "json budgets": ("json", ("--rss", "off", "-f", "*", "--max-peak-heap", "1",
                              "--max-leak", "1")),
    "text": ("text", ()),
    "text whole": ("text", (*FEW, "--sort", "source", "--all-lines", "--columns",
                            "+time,+rss_max,+allocated,+freed,+allocations,+at_peak,+end")),
    "text no heap": ("text", ("-f", "*", "--no-heap", "--no-legend", "--sort", "rss")),
    "text no RSS": ("text", ("--rss", "off", "--sort", "peak", "--top", "20", "--fold-packages",
                             "--width", "120", "--unit", "KiB", "-f", "*")),
    "text colours": ("text", ("--rss", "off", "--color", "always", "--top", "0", "--sort", "heap",
                              "--columns", "line,hits,heap,allocated,source", "-f", "*")),
    "classic": ("classic", ()),
    "classic all": ("classic", ("-f", "*", "--all-lines", "--no-heap")),
}
# What is sorted by figures that vary: lines are compared in no order.
UNORDERED = {"text no heap"}
# All that mprun says without running anything. {dir} is a folder with an empty script.
WORDS = (
    (), ("--help",), ("--version",), ("help",), ("doctor",), ("completion", "bash"),
    ("completion", "zsh"), ("completion", "fish"), ("completion", "no"),
    *(("help", topic) for topic in ("columns", "heap", "rss", "patterns", "exit", "man", "no")),
    ("--no-such", "x.py"), ("--func",), ("--columns", "+no", "x.py"), ("--sort", "no", "x.py"),
    ("--top", "-1", "x.py"), ("--unit", "no", "x.py"), ("--color", "no", "x.py"),
    ("--width", "no", "x.py"), ("--rss", "no", "x.py"), ("--interval", "no", "x.py"),
    ("--max-peak-heap", "no", "x.py"), ("--python", "/no", "x.py"), ("--host", "no", "x.py"),
    ("--format", "no", "x.py"), ("--format", "json", "x.py"), ("-o", "x.py", "x.py"),
    ("-f", "", "x.py"), ("-f", "nobody", "x.py"), ("-o", "/no/x.json", "x.py"),
    ("doctor", "--format", "json", "-o", "-"), ("doctor", "no"), ("-m",), ("-c",),
)


def missing(python, text):
    """The module that a program needs and the interpreter lacks, or None."""
    for name in NEEDED:
        if f"import {name}" not in text:
            continue
        if subprocess.run([python, "-c", f"import {name}"], stderr=subprocess.DEVNULL,
                          check=False).returncode:
            return name
    return None


def programs(python, wanted):
    """({name: words of a command line}, {name: why it is left out})."""
    found, left_out = {}, {}
    for path in sorted(path for folder in FOLDERS for path in folder.glob("*.py")):
        name = f"{path.parent.name}/{path.name}"
        lacking = missing(python, path.read_text(encoding="utf-8"))
        if name in NO_PROGRAM or lacking:
            left_out[name] = NO_PROGRAM.get(name) or f"{python} has no {lacking}"
        else:
            found[name] = (str(path),)
    found |= COMMANDS
    if not wanted:
        return found, left_out
    for unknown in set(wanted) - set(found) - set(left_out):
        if not pathlib.Path(unknown).is_file():
            sys.exit(f"tests/same: no program {unknown}")
        found[unknown] = (str(pathlib.Path(unknown).resolve()),)
    return ({name: words for name, words in found.items() if name in wanted},
            {name: why for name, why in left_out.items() if name in wanted})
