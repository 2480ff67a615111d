# SPDX-License-Identifier: MIT
"""The bars that need no heap."""

import pathlib

from common import (Bar, CHILDREN, HERE, MONITORED, MPRUN, PYTHON, VERSION, Variant, against_bare,
                    against_every_line, against_peer, elapsed, fraction, line_cost, line_costs,
                    line_limit, many, profiled, ratio, seconds, times, traced_line, wall)

AFTER = str(HERE / "after_session.py")
BUILD = str(pathlib.Path(MPRUN).parent)


def bars(quick):
    """The table of bars."""
    size = 1 if quick else 3
    return (
        Bar("a traced line that does nothing, against memory_profiler's",
            traced_line("short", 700_000 * size, 1_000 * size),
            against_peer, line_limit, fraction, line_costs, line_cost),
        # The rusage tier asks the kernel only after intervals that could hold a fault: a line that
        # does nothing is its best case, this one its usual case.
        Bar("a traced line of half a microsecond, against memory_profiler's",
            traced_line("long", 300_000 * size, 1_000 * size),
            against_peer, lambda tier: None, fraction, line_costs, line_cost),
        Bar("call-heavy program, one outer function selected, against bare",
            against_bare("call_heavy.py", 24 + size, func="outer"),
            ratio, lambda tier: 1.1 if MONITORED else 1.5, times, seconds),
        *(Bar(f"code that is not selected: {what}",
              against_bare("unselected.py", kind, 10_000 * size, func="outer"), ratio,
              lambda tier, limit=limit: limit if MONITORED else None, times, seconds)
          for what, kind, limit in (
              ("calls", "calls", 1.02), ("exceptions that leave it", "raises", 1.3),
              ("`gen.close()`", "closes", 2.5 if VERSION < (3, 15) else None))),
        Bar("default invocation, pure-Python loop, against bare",
            against_bare("default_loop.py", 40_000 * size),
            ratio, lambda tier: 6, times, seconds),
        Bar("a loop whose every line touches a fresh page, against `--rss every-line` "
            "(no dearer; 5 % allowed for noise)",
            against_every_line("fresh_pages.py", 30_000 * size, "work"), ratio,
            lambda tier: 1.05, times,
            lambda m: f"{m['mprun'] * 1e3:.1f} ms, every-line {m['bare'] * 1e3:.1f} ms"),
        Bar("start-up of an empty script, against `python3 -c pass`",
            lambda tier: {"bare": Variant([PYTHON, "-c", "pass"], wall),
                          "mprun": Variant(profiled(tier, "empty.py"), wall)},
            lambda m: m["mprun"] - m["bare"], lambda tier: 0.015,
            lambda value: f"+{value * 1e3:.1f} ms", seconds),
        *(Bar(f"start-up of a child that is {what}, against without",
              lambda tier, argv=argv: {
                  "bare": Variant(many(argv), elapsed),
                  "mprun": Variant(many(argv, CHILDREN), elapsed)},
              lambda m: m["mprun"] - m["bare"], lambda tier: 0.003,
              lambda value: f"+{value * 1e3:.2f} ms", seconds)
          for what, argv in (("a Python, which gets `profile`", [PYTHON, "-c", "pass"]),
                             ("`/bin/true`", ["/bin/true"]))),
        Bar("a process in which a session has come and gone (2 % allowed for noise)",
            lambda tier: {
                "bare": Variant([PYTHON, AFTER, str(700_000 * size)], elapsed),
                "mprun": Variant([PYTHON, AFTER, str(700_000 * size), BUILD], elapsed)},
            ratio, lambda tier: 1.02, times, seconds),
    )
