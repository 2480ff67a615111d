# SPDX-License-Identifier: MIT
"""Functions that an exception leaves, at every level, and one that catches it."""

from statm import Net, report

fails_net, catches_net = Net("fails"), Net("catches")


def fails(n):
    if n == 6: fails_net.go()
    kept.append(bytearray(250_000))
    try:
        if not n:
            raise ValueError
        fails(n - 1)
    finally:
        kept.append(bytearray(100_000))
        if n == 6: fails_net.stop()


def catches():
    catches_net.go()
    for _ in range(3):
        try:
            fails(6)
        except ValueError:
            kept.pop()
    catches_net.stop()


kept = []
catches()
report()
