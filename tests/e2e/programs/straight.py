# SPDX-License-Identifier: MIT
"""One function, one call, no branch."""


def f(n):
    a = n + 1
    b = a * 2
    return b


print(f(3))
