# SPDX-License-Identifier: MIT
"""Bench: so many calls of a function that is watched and does nothing: `calls.py N`. Prints the time
around them."""

import itertools
import sys
import time


def watched():
    return None


def main():
    start = time.perf_counter_ns()
    for _ in itertools.repeat(None, int(sys.argv[1])):
        watched()
    print("elapsed", time.perf_counter_ns() - start)


main()
