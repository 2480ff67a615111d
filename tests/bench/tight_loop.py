# SPDX-License-Identifier: MIT
"""Bench: line events of one function, of lines that do next to nothing, or half a microsecond's
work each. `tight_loop.py short|long N [decorate]`."""

import sys
import time


def short(n):
    total = 0
    i = 0
    while i < n:
        total += i
        i += 1
    return total


def long(n):
    data = range(150)
    whole = sum(data)
    total = 0
    i = 0
    while i < n + sum(data) - whole:
        total += sum(data)
        i += sum(data) - whole + 1
    return total


def main():
    n = int(sys.argv[2])
    function = short if sys.argv[1] == "short" else long
    if sys.argv[3:] == ["decorate"]:
        import memory_profiler
        function = memory_profiler.profile(function, stream=open("/dev/null", "w"))
    start = time.perf_counter_ns()
    function(n)
    elapsed = time.perf_counter_ns() - start
    print("elapsed", elapsed, "events", 3 * n)


main()
