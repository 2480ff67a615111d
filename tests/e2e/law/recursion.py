# SPDX-License-Identifier: MIT
"""Recursion: only the outermost activation's interval is the net change."""

from statm import Net, report

down_net = Net("down")


def down(n):
    if n == 12: down_net.go()
    mine = bytearray(250_000)
    kept.append(bytearray(200_000))
    if n:
        down(n - 1)
    del mine
    kept.append(bytearray(50_000))
    if n == 12: down_net.stop()
    return n


kept = []
down(12)
report()
