# SPDX-License-Identifier: MIT
"""What the benchmarks share: variants of a command, run in turn, their medians against a bar.

"bare" is the same interpreter without mprun. MPRUN names the binary (default build/mprun), MPRUN_PYTHON
the interpreter."""

import dataclasses
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import typing

HERE = pathlib.Path(__file__).resolve().parent
MPRUN = os.environ.get("MPRUN", str(HERE.parents[1] / "build" / "mprun"))
PYTHON = os.environ.get("MPRUN_PYTHON", "/usr/bin/python3")
VERSION = tuple(int(part) for part in subprocess.run(
    [PYTHON, "-c", "import sys; print(*sys.version_info[:2])"],
    stdout=subprocess.PIPE, check=True).stdout.split())
CHILDREN = str(pathlib.Path(MPRUN).parent / "libmprun-children.so")
MONITORED = VERSION >= (3, 12)  # by sys.monitoring, which leaves other code alone
FAULT_TIERS = ("faults", "user-faults")


def run(argv):
    """Run argv; returns (wall seconds, stdout)."""
    start = time.perf_counter()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    wall = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return wall, done.stdout


def bare(program, *args):
    """The plain interpreter's command line."""
    return [PYTHON, str(HERE / program), *map(str, args)]


FOLDER = tempfile.TemporaryDirectory(prefix="mprun-bench-")  # goes with the process
OUTPUT = os.path.join(FOLDER.name, "profile.json")


def profiled(tier, program, *args, func=None, heap=False):
    """mprun's command line on a tier; the profile goes to OUTPUT."""
    options = ["--rss", tier, "-q", "-o", OUTPUT, "--format", "json", "--python", PYTHON,
               *([] if heap else ["--no-heap"]), *(["--func", func] if func else [])]
    return [MPRUN, *options, str(HERE / program), *map(str, args)]


MANY = """
import os, sys, time
count, argv = int(sys.argv[1]), sys.argv[2:]
start = time.perf_counter_ns()
for i in range(count):
    os.waitpid(os.posix_spawn(argv[0], argv, os.environ), 0)
print("elapsed", (time.perf_counter_ns() - start) // count)
"""


def many(argv, preload=None, count=50):
    """Starts argv many times, one after the other; `elapsed` is the mean of one. With `preload` from
    a process that passes that library on."""
    given = ["env", f"LD_PRELOAD={preload}"] if preload else []
    return [*given, "/usr/bin/python3", "-c", MANY, str(count), *argv]


def wall(result):
    """The whole run, start-up included."""
    return result[0]


def elapsed(result):
    """What the program measured around its work."""
    return int(re.search(r"elapsed (\d+)", result[1])[1]) / 1e9


def per_event(result):
    """Seconds of the program's work for each line event."""
    return elapsed(result) / int(re.search(r"events (\d+)", result[1])[1])


@dataclasses.dataclass(frozen=True)
class Variant:
    """One command of a measurement and what is read from its run."""

    argv: typing.Sequence
    value: typing.Callable


@dataclasses.dataclass(frozen=True)
class Bar:
    """A row of the table: variants measured in turn, a figure of their medians, its limit."""

    name: str
    variants: typing.Callable  # (tier) -> {name: Variant}
    figure: typing.Callable    # (medians) -> what the bar limits
    limit: typing.Callable     # (tier) -> number, or None where there is no bar
    show: typing.Callable      # number -> text
    detail: typing.Callable    # (medians) -> text
    cost: typing.Callable = lambda medians: ""  # (medians) -> what stands behind the figure on the page


def traced_line(kind, many, few):
    """The variants of the traced line: many events for mprun, few for the slow peer."""
    return lambda tier: {
        "bare": Variant(bare("tight_loop.py", kind, many), per_event),
        "mprun": Variant(profiled(tier, "tight_loop.py", kind, many, func=kind), per_event),
        "peer": Variant(bare("tight_loop.py", kind, few, "decorate"), per_event),
    }


def against_peer(medians):
    """What tracing adds to a line, over what memory_profiler adds."""
    return (medians["mprun"] - medians["bare"]) / (medians["peer"] - medians["bare"])


def line_limit(tier):
    """The bar of the traced line."""
    return 1 / 400 if tier in FAULT_TIERS else 1 / 60


def line_cost(medians):
    """What mprun adds to a line."""
    return f": {(medians['mprun'] - medians['bare']) * 1e9:.0f} ns"


def line_costs(medians):
    """The times behind against_peer."""
    return (f"{(medians['mprun'] - medians['bare']) * 1e9:.0f} ns, memory_profiler's "
            f"{(medians['peer'] - medians['bare']) * 1e6:.1f} µs, "
            f"bare {medians['bare'] * 1e9:.0f} ns")


def against_bare(program, *args, func=None, heap=False):
    """The variants of a program under mprun and bare."""
    return lambda tier: {
        "bare": Variant(bare(program, *args), elapsed),
        "mprun": Variant(profiled(tier, program, *args, func=func, heap=heap), elapsed),
    }


def against_every_line(program, size, func):
    """The variants of a program with the gate and without it."""
    return lambda tier: {
        "bare": Variant(profiled("every-line", program, size, func=func), elapsed),
        "mprun": Variant(profiled(tier, program, size, func=func), elapsed),
    }


def ratio(medians):
    """mprun's time over the bare interpreter's."""
    return medians["mprun"] / medians["bare"]


def times(value):
    """A ratio as text."""
    return f"{value:.2f}×"


def fraction(value):
    """A small ratio as text."""
    return f"1/{1 / value:.0f}" if value > 0 else "0"


def seconds(medians):
    """Two absolute times as text."""
    return f"{medians['mprun'] * 1e3:.1f} ms, bare {medians['bare'] * 1e3:.1f} ms"


def measure(bar, tier, rounds):
    """Medians of alternating runs."""
    variants = bar.variants(tier)
    values = {name: [] for name in variants}
    for _ in range(rounds):
        for name, variant in variants.items():
            values[name].append(variant.value(run(variant.argv)))
    return {name: statistics.median(found) for name, found in values.items()}


def best_tier():
    """The tier that mprun chooses by itself here, and its host."""
    run([MPRUN, "-q", "-o", OUTPUT, "--python", PYTHON, str(HERE / "empty.py")])
    profile = json.loads(pathlib.Path(OUTPUT).read_text("utf-8"))
    return profile["engines"]["rss"], profile["host"]


def cpu_model():
    """The processor's name."""
    found = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text("utf-8"))
    return found[1] if found else platform.machine()


def version_of(argv):
    """A program's own word on its version."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip()


def print_head(tier, host, figures):
    """Machine, kernel, versions."""
    peer = version_of([PYTHON, "-c", "import memory_profiler as m; print(m.__version__)"])
    figures.machine = f"{cpu_model()}, {os.cpu_count()} processors, Linux {platform.release()}"
    figures.versions = (f"{version_of([PYTHON, '--version'])} (`{PYTHON}`), memory_profiler {peer}, "
                        f"{version_of([MPRUN, '--version'])}, host {host}")
    print(f"{figures.machine}; {figures.versions}; best tier {tier}\n")


def table(bars, tiers, rounds, figures):
    """Measure and print every bar on every tier; how many are missed."""
    print("| what | tier | measured | bar | | medians |\n|---|---|---|---|---|---|")
    missed = 0
    for bar in bars:
        for each in tiers:
            medians = measure(bar, each, rounds)
            value, limit = bar.figure(medians), bar.limit(each)
            missed += limit is not None and value > limit
            figures.add(bar.name, each, bar.show(value), limit is not None and bar.show(limit),
                        bar.cost(medians))
            verdict = ("none | " if limit is None else
                       f"≤ {bar.show(limit)} | {'missed' if value > limit else 'met'}")
            print(f"| {bar.name} | {each} | {bar.show(value)} | {verdict} "
                  f"| {bar.detail(medians)} |", flush=True)
    return missed
