# SPDX-License-Identifier: MIT
"""Loops of every shape, also on one line."""


def count(n):
    total = 0
    for i in range(n):
        total += i
    while total > 10:
        total //= 2
    else:
        total -= 1
    for i in range(n): total += 1
    while total > 5: total -= 1
    for i in range(0):
        total += 1
    else:
        total = -total
    return total


def early(n):
    for i in range(n):
        if i == 2:
            continue
        if i == 4:
            break
    else:
        return "never"
    return i


print(count(7), count(0), early(9), early(3))
