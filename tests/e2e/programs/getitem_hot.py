# SPDX-License-Identifier: MIT
"""Subscription of a Python class in a hot loop: it bypasses a frame evaluator."""


class Table:
    def __init__(self, n):
        self.data = list(range(n))

    def __getitem__(self, i):
        value = self.data[i]
        return value

    def __setitem__(self, i, value):
        self.data[i] = value

    def __delitem__(self, i):
        del self.data[i]


def loop(table, n):
    total = 0
    for i in range(n):
        total += table[i]
        table[i] = total
    return total


t = Table(2000)
print(loop(t, 2000), loop(t, 1000), t[0])
del t[5]
print(sum(t[i] for i in range(10)))
