# SPDX-License-Identifier: MIT
"""Two functions that call each other: each table has its own outermost activation."""

from statm import Net, report

ping_net, pong_net = Net("ping"), Net("pong")


def ping(n):
    if n == 10: ping_net.go()
    kept.append(bytearray(200_000))
    if n:
        pong(n - 1)
    if n == 10: ping_net.stop()
    return n


def pong(n):
    if n == 9: pong_net.go()
    kept.append(bytearray(260_000))
    if n:
        ping(n - 1)
    kept.pop()
    if n == 9: pong_net.stop()
    return n


kept = []
ping(10)
report()
