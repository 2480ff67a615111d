# SPDX-License-Identifier: MIT
"""Functions whose code was replaced or copied."""

import types


def f(x):
    y = x * 2
    return y


def g(x):
    z = x * 3
    return z


class Holder:
    pass


renamed = types.FunctionType(f.__code__.replace(co_name="renamed"), globals())
changed = f.__code__.replace(co_qualname="moved.f", co_consts=(None, 5))
moved = types.FunctionType(changed, globals())
print(f(1), renamed(2), moved(3))
f.__code__ = g.__code__
print(f(1), g(2))
f.__code__ = f.__code__.replace(co_qualname="f.again")
print(f(4))
copied = types.FunctionType(g.__code__, globals(), "copied")
print(copied(1))
