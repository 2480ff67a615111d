# SPDX-License-Identifier: MIT
"""The bars of the heap, beside memray, scalene and tracemalloc."""

import json
import math
import os
import pathlib
import statistics

from common import (Bar, FAULT_TIERS, FOLDER, HERE, MONITORED, OUTPUT, PYTHON, Variant, against_bare,
                    against_peer, bare, elapsed, fraction, line_cost, line_costs, per_event, profiled, ratio,
                    run, seconds, table, times, wall)

VENV = HERE.parents[1] / "build" / "bench-venv"
OWN = ("window", "comprehensions", "json_round", "numpy_work", "objects")
WHOLE = ("compile_library", "run_pytest", "mails", "tables", "texts")
WORK = {
    "window": "tuples, strings, lists in a window",
    "comprehensions": "two large comprehensions",
    "json_round": "json there and back",
    "numpy_work": "numpy arithmetic, sort",
    "objects": "calls, slotted objects",
    "compile_library": "parse and compile the standard library",
    "run_pytest": "pytest, 320 small tests",
    "mails": "mails built and parsed",
    "tables": "csv through sqlite3",
    "texts": "regular expressions, differences",
}
AGAINST = (("memray", 1 / 4), ("tracemalloc", 1 / 6), ("scalene", None))
MEMORY = (("two million small objects", "kept = [[i] for i in range(1_000_000)]", 0.35),
          ("300 arrays of 1 MiB", "kept = [bytes(1 << 20) for _ in range(300)]", 0.01))
NO_LIMIT = lambda tier: None


def with_heap(tier, program, *args, func=None):
    """mprun's command line with the heap."""
    return profiled(tier, program, *args, func=func, heap=True)


def line_limit(tier):
    """The bar of a traced line with heap."""
    return 1 / 300 if tier in FAULT_TIERS else 1 / 55


def start_up():
    """The variants of an empty script."""
    return lambda tier: {"bare": Variant([PYTHON, "-c", "pass"], wall),
                         "mprun": Variant(with_heap(tier, "empty.py"), wall)}


def bars(quick):
    """Bars of one program each."""
    size = 1 if quick else 3
    return (
        Bar("a traced line that does nothing, with heap, against memory_profiler's",
            lambda tier: {
                "bare": Variant(bare("tight_loop.py", "short", 700_000 * size), per_event),
                "mprun": Variant(with_heap(tier, "tight_loop.py", "short", 700_000 * size,
                                           func="short"), per_event),
                "peer": Variant(bare("tight_loop.py", "short", 1_000 * size, "decorate"),
                                per_event)},
            against_peer, line_limit, fraction, line_costs, line_cost),
        Bar("call-heavy program, one outer function selected, with heap, against bare",
            against_bare("call_heavy.py", 24 + size, func="outer", heap=True),
            ratio, lambda tier: 1.4 if MONITORED else 1.9, times, seconds),
        Bar("start-up of an empty script with heap, against `python3 -c pass`", start_up(),
            lambda m: m["mprun"] - m["bare"], lambda tier: 0.015,
            lambda value: f"+{value * 1e3:.1f} ms", seconds),
    )


# --- workloads beside the peers

def peers(figures):
    """{name: what makes a command line of the program's}; those that are not here say why."""
    found = {"tracemalloc": lambda words: [PYTHON, "-X", "tracemalloc=1", *words]}
    python = VENV / "bin" / "python"
    for name in ("memray", "scalene"):
        installed = list((VENV / "lib").glob(f"*/site-packages/{name}-*.dist-info"))
        if not python.exists() or not installed:
            print(f"{name}: not installed in {VENV}: left out")
            continue
        figures.versions += f", {installed[0].stem.replace('-', ' ')}"
        if name == "memray":
            found["memray"] = lambda words: [
                str(python), "-m", "memray", "run", "-q", "-f", "--trace-python-allocators", "-o",
                os.path.join(FOLDER.name, "memray.bin"), *words]
        else:
            found["scalene"] = lambda words: [
                str(python), "-m", "scalene", "run", "--memory", "-o",
                os.path.join(FOLDER.name, "scalene.json"), *words]
    return found


def measure_workload(name, size, rounds, tools, tier):
    """{tool: seconds}, medians of alternating runs; a peer that fails is None."""
    words = [str(HERE / "workloads.py"), name, str(size)]
    argv = {"bare": [PYTHON, *words],
            "mprun": with_heap(tier, "workloads.py", name, size, func="outer")}
    argv.update({tool: make(words) for tool, make in tools.items()})
    values = {tool: [] for tool in argv}
    for _ in range(rounds):
        for tool, command in argv.items():
            values[tool].append(elapsed(run(command)))
    return {tool: statistics.median(found) for tool, found in values.items()}


def geometric_mean(values):
    """Less than a hundredth cannot be told from nothing, and counts as one whichever tool adds it."""
    return math.exp(statistics.fmean(math.log(max(value, 0.01)) for value in values))


def added(medians, tool):
    """The share of the bare time that a tool adds."""
    return medians[tool] / medians["bare"] - 1


def verdict(figures, what, value, limit, show):
    """A row of the summary; 1 if the bar is missed."""
    missed = value > limit
    figures.add(what, "rusage", show(value), show(limit))
    print(f"| {what} | {show(value)} | ≤ {show(limit)} | {'missed' if missed else 'met'} |")
    return int(missed)


def compared(tool):
    """The name of that row."""
    return f"added time over the first five, geometric mean, against {tool}"


def own_share(what):
    """The name of that row."""
    return f"mprun's own memory, of the heap: {what}"


def workload_tables(quick, rounds, tier, figures):
    """Every workload under every tool, then the bars over them."""
    tools = peers(figures)
    size = 2 if quick else 8
    names = ("bare", "mprun", *tools)
    print("\nSeconds (one outer function selected, heap on), median of alternating runs:\n")
    print("| workload | " + " | ".join(names) + " | mprun |")
    print("|---|" + "---|" * (len(names) + 1))
    results = {}
    for name in OWN + WHOLE:
        results[name] = measure_workload(name, size, rounds, tools, tier)
        row = " | ".join(f"{results[name][tool]:.3f}" for tool in names)
        figures.add_workload(WORK[name], results[name])
        print(f"| {WORK[name]} | {row} | {results[name]['mprun'] / results[name]['bare']:.2f}× |",
              flush=True)
    print("\n| what | measured | bar | |\n|---|---|---|---|")
    own = [results[name] for name in OWN]
    ours = geometric_mean([added(medians, "mprun") for medians in own])
    missed = 0
    for tool, limit in AGAINST:
        if tool not in tools:
            continue
        theirs = geometric_mean([added(medians, tool) for medians in own])
        what = compared(tool)
        if limit:
            missed += verdict(figures, what, ours / theirs, limit, fraction)
        else:
            print(f"| {what} | {fraction(ours / theirs)} | none | |")
    whole = [results[name]["mprun"] / results[name]["bare"] for name in WHOLE]
    missed += verdict(figures, "whole programs with heap, median", statistics.median(whole), 1.25, times)
    missed += verdict(figures, "whole programs with heap, worst", max(whole), 1.6, times)
    numpy = results["numpy_work"]
    missed += verdict(figures, "numpy-bound work with heap", numpy["mprun"] / numpy["bare"], 1.05, times)
    return missed


# --- memory

def own_memory(code):
    """mprun's own bytes beside an empty program's, over the heap's peak."""
    def profile(text):
        run(with_heap("rusage", "empty.py")[:-1] + ["-c", text])
        return json.loads(pathlib.Path(OUTPUT).read_text("utf-8"))
    base, found = profile("pass"), profile(code)
    return (found["rss"]["own"] - base["rss"]["own"]) / found["heap"]["peak"]


def memory_table(figures):
    """The bars of own memory."""
    print("\n| what | measured | bar | |\n|---|---|---|---|")
    return sum(verdict(figures, own_share(what), own_memory(code), limit,
                       lambda value: f"{value * 100:.1f} %")
               for what, code, limit in MEMORY)


def tables(quick, rounds, tier, figures):
    """All tables of the heap; how many bars are missed."""
    print()
    missed = table(bars(quick), dict.fromkeys(("rusage", tier)), rounds, figures)
    missed += workload_tables(quick, rounds, "rusage", figures)
    return missed + memory_table(figures)


def names():
    """Of all rows of these tables."""
    return [*(bar.name for bar in bars(True)),
            *(compared(tool) for tool, limit in AGAINST if limit),
            "whole programs with heap, median", "whole programs with heap, worst",
            "numpy-bound work with heap", *(own_share(what) for what, *_ in MEMORY)]
