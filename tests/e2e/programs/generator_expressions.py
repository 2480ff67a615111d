# SPDX-License-Identifier: MIT
"""Generator expressions: consumed elsewhere, abandoned, nested, passed into other functions."""


def make(n):
    return (
        i
        for i in range(n)
    )


def use(it):
    total = 0
    for x in it:
        total += x
    return total


def chain(n):
    a = (i for i in range(n))
    b = (i + 1 for i in a)
    return list(b)


g = make(4)
next(g)
print(use(g), use(x * 2 for x in make(3)), chain(4), any(x > 1 for x in make(9)))
