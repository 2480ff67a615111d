# SPDX-License-Identifier: MIT
"""Bench: so many pairs of an allocation and its free and nothing else, in a function that is not
watched: `pairs.py object|large N`, or `pairs.py malloc|nothing N held|released` for the C library's
malloc and for the same calls of what allocates nothing, with the GIL or without it. Prints the time
around `outer`."""

import ctypes
import itertools
import sys
import time

ADDRESS = 0x7F0123456780


def objects(n, size):
    """One block of Python's object domain, which pymalloc has (up to 512 bytes) or malloc."""
    for _ in itertools.repeat(None, n):
        bytes(size)


def calls(n, take, give, word):
    """Two calls through ctypes, the first one's result being the second one's argument."""
    for _ in itertools.repeat(None, n):
        give(take(word))


def foreign(library, name, result):
    """A function of the C library's that takes one word."""
    function = library(None)[name]
    function.argtypes, function.restype = (ctypes.c_size_t,), result
    return function


def outer(work, *arguments):
    return work(*arguments)


def main():
    kind, n = sys.argv[1], int(sys.argv[2])
    if kind in ("object", "large"):
        work = objects, n, 40 if kind == "object" else 600
    else:
        library = ctypes.PyDLL if sys.argv[3] == "held" else ctypes.CDLL  # the GIL
        take, give, word = ("malloc", "free", 40) if kind == "malloc" else ("labs", "labs", ADDRESS)
        work = (calls, n, foreign(library, take, ctypes.c_void_p), foreign(library, give, None),
                word)
    start = time.perf_counter_ns()
    outer(*work)
    print("elapsed", time.perf_counter_ns() - start)


main()
