# SPDX-License-Identifier: MIT
"""Bench: one selected function around many calls of functions that are not. `call_heavy.py N`."""

import sys
import time


class Counter:
    def __init__(self):
        self.count = 0

    def add(self, n):
        self.count += n
        return self.count


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def middle(counter, n):
    for i in range(n):
        leaf(counter, i)


def leaf(counter, i):
    counter.add(i)
    counter.add(abs(-i))


def outer(n):
    counter = Counter()
    x = fib(n)
    middle(counter, 8000 * n)
    return x + counter.count


def main():
    start = time.perf_counter_ns()
    outer(int(sys.argv[1]))
    print("elapsed", time.perf_counter_ns() - start)


main()
