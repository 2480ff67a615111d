# SPDX-License-Identifier: MIT
"""throw into a generator that has not started, and exceptions that leave generators."""


def g():
    try:
        yield 1
        yield 2
    finally:
        print("finally")


def failing():
    yield 1
    raise RuntimeError("inside")


for kind in KeyError, ValueError:
    try:
        g().throw(kind("unstarted"))
    except (KeyError, ValueError) as error:
        print(type(error).__name__)
x = g()
next(x)
try:
    x.throw(KeyError)
except KeyError:
    print("left")
try:
    for i in failing():
        print(i)
except RuntimeError as error:
    print(error)
