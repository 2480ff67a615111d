# SPDX-License-Identifier: MIT
"""Decorators of the program's own, functools.wraps, partial, lru_cache, singledispatch."""

import functools


def twice(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        function(*args, **kwargs)
        return function(*args, **kwargs)
    return wrapper


def repeat(n):
    def decorator(function):
        @functools.wraps(function)
        def wrapper(*args):
            for _ in range(n):
                result = function(*args)
            return result
        return wrapper
    return decorator


@twice
@repeat(3)
def work(x):
    return x + 1


@functools.lru_cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@functools.singledispatch
def show(x):
    return "object"


@show.register
def _(x: int):
    return "int"


print(work(1), fib(10), show(1), show("a"), functools.partial(work, 5)(),
      functools.reduce(lambda a, b: a + b, [1, 2, 3]))
