# SPDX-License-Identifier: MIT
"""Recursion 30,000 deep, and one that an exception ends."""

import sys


def down(n):
    if not n:
        return 0
    x = down(n - 1)
    return x + 1


def endless(n):
    depth.append(n)
    if n == 500:
        raise RecursionError
    endless(n + 1)


depth = []
try:
    endless(0)
except RecursionError:
    print("limit", len(depth))
sys.setrecursionlimit(10**6)
print(down(30_000))
print(down(10))
