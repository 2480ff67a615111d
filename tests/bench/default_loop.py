# SPDX-License-Identifier: MIT
"""Bench: a pure-Python loop, the whole script selected. `default_loop.py N`."""

import sys
import time


def sieve(n):
    flags = bytearray([1]) * (n + 1)
    count = 0
    for i in range(2, n + 1):
        if flags[i]:
            count += 1
            for j in range(i * i, n + 1, i):
                flags[j] = 0
    return count


def collatz(n):
    longest = 0
    for start in range(1, n):
        x = start
        steps = 0
        while x != 1:
            x = x // 2 if x % 2 == 0 else 3 * x + 1
            steps += 1
        if steps > longest:
            longest = steps
    return longest


def main():
    n = int(sys.argv[1])
    start = time.perf_counter_ns()
    sieve(n * 5)
    collatz(n // 5)
    print("elapsed", time.perf_counter_ns() - start)


main()
