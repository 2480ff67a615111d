# SPDX-License-Identifier: MIT
"""Bench: calls, lines and allocations once a late session has come and gone, which has measured the same
code. `after_session.py N [BUILD]`: without a build there was no session."""

import os
import sys
import time


def work(n):
    kept = {}
    for i in range(n):
        kept[i & 1023] = [str(i)] * 3
    return kept


def measure_once(build):
    """One session over a little of it."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
    os.environ["LATE_BUILD"] = build
    import late  # pylint: disable=import-outside-toplevel
    with late.Session("work"):
        work(1000)


def main():
    work(1000)
    if len(sys.argv) > 2:
        measure_once(sys.argv[2])
    start = time.perf_counter_ns()
    work(int(sys.argv[1]))
    print("elapsed", time.perf_counter_ns() - start)


main()
