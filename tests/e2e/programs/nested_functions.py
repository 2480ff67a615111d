# SPDX-License-Identifier: MIT
"""Functions in functions, closures made many times, nonlocal."""


def outer(n):
    total = 0

    def inner(k):
        nonlocal total

        def innermost():
            return k * 2
        total += innermost()
        return total
    for i in range(n):
        inner(i)
    return inner, total


def maker(n):
    def made(x):
        return x + n
    return made


outer(3)[0](10)
print(sum(maker(i)(1) for i in range(10)))
