# SPDX-License-Identifier: MIT
"""Bench: code that is not selected, beside a function that is. `unselected.py calls|raises|closes N`."""

import sys
import time


class Point:
    def __init__(self, x):
        self.x = x

    def moved(self, by):
        return self.x + by


def calls(n):
    """Calls, attributes, loops."""
    total = 0
    for i in range(n * 20):
        total += Point(i).moved(1)
        total += sum([total & 1, i & 1])
    return total


def fail(depth):
    if depth == 0:
        raise ValueError("too deep")
    fail(depth - 1)


def raises(n):
    """Exceptions that go through a few frames."""
    caught = 0
    for i in range(n * 4):
        try:
            fail(i % 4)
        except ValueError:
            caught += 1
    return caught


def numbers():
    try:
        yield 1
        yield 2
    finally:
        pass


def closes(n):
    """Generators that are closed while a handler waits in them."""
    for _ in range(n * 10):
        one = numbers()
        next(one)
        one.close()


def outer(work, n):
    return work(n)


def main():
    work = globals()[sys.argv[1]]
    work(10)
    start = time.perf_counter_ns()
    outer(work, int(sys.argv[2]))
    print("elapsed", time.perf_counter_ns() - start)


main()
