# SPDX-License-Identifier: MIT
"""Lambdas: one, several in a line, over several lines, nested, as defaults."""

add = lambda a, b: a + b
pair = (lambda x: x + 1), (lambda x: x * 2)
long = lambda x: (
    x
    + 1
)
nested = lambda x: (lambda y: x + y)


def use(key=lambda x: -x):
    return sorted([3, 1, 2], key=key)


print(add(1, 2), pair[0](1), pair[1](2), long(5), nested(1)(2), use(), use(lambda x: x))
print([f(2) for f in [lambda x, i=i: x * i for i in range(3)]], list(map(lambda x: x, range(3))))
