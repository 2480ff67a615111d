# SPDX-License-Identifier: MIT
"""Decoration by a call, of functions that exist already, of lambdas, of another module's."""

from pkg_hits import part


def first(n):
    x = n + 1
    return x


def second(n):
    return n * 2


first = profile(first)
double = mprun(lambda n: n * 2)
part.public = profile(part.public)
print(first(1), second(2), double(3), part.public(4))
for n in range(5): first(n)
