# SPDX-License-Identifier: MIT
"""Comprehensions over several lines, nested, that call the function they belong to."""

from statm import Net, report

work_net = Net("work")


def work(n):
    if n == 3: work_net.go()
    result = [
        bytearray(150_000)
        for _ in range(4)
    ] + [
        [
            part
            for part in work(n - 1)
        ]
        for _ in range(2 if n else 0)
    ]
    if n == 3: work_net.stop()
    return result


kept = work(3)
report()
