# SPDX-License-Identifier: MIT
"""A generator expression belongs to the function that made it, whoever resumes it."""

from statm import Net, report

make_net = Net("make")


def make(n):
    return (
        grow(i)
        for i in range(n)
    )


def grow(i):
    kept.append(bytearray(200_000))
    return i


def use():
    numbers = make(12)
    while True:
        make_net.go()
        try:
            next(numbers)
        except StopIteration:
            break
        finally:
            make_net.stop()
        kept.append(bytearray(300_000))


kept = []
use()
report()
