# SPDX-License-Identifier: MIT
"""Comprehensions: one line, several lines, nested, with conditions, in arguments."""


def one_line(n):
    a = [i * i for i in range(n)]
    b = {i for i in a if i % 2}
    c = {i: str(i) for i in b}
    d = sum(i for i in c)
    return d


def several_lines(n):
    a = [
        i
        * 2
        for i in range(n)
        if i % 2
    ]
    b = {
        k: [
            k + j
            for j in range(k)
        ]
        for k in a
    }
    return sum(
        len(v)
        for v in b.values()
    )


def calls(n):
    return [helper(i) for i in range(n)] + [
        helper(i)
        for i in range(n)
    ]


def helper(i):
    return i + 1


top = [
    x
    for x in range(4)
]
print(one_line(6), several_lines(6), calls(3), top)
