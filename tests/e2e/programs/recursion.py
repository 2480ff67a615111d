# SPDX-License-Identifier: MIT
"""Recursion: direct, mutual, through builtins, through comprehensions and generators."""


def fact(n):
    if n < 2:
        return 1
    return n * fact(n - 1)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def flatten(x):
    if isinstance(x, list):
        return [z for y in x for z in flatten(y)]
    return [x]


def walk(n):
    if n:
        for x in walk(n - 1):
            yield x
        yield n


def through(n):
    return n + sum(map(through, range(n)))


def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fact(20), even(51), flatten([1, [2, [3, [4]], 5]]), list(walk(6)), through(6), fib(12))
