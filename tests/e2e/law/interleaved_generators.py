# SPDX-License-Identifier: MIT
"""Two instances of one generator, suspended inside each other's intervals; delegation."""

from statm import Net, report

leaf_net, top_net = Net("leaf"), Net("top")


def leaf(n):
    leaf_net.go()
    mine = []
    for i in range(n):
        mine.append(bytearray(250_000))
        leaf_net.stop()
        yield mine
        leaf_net.go()
    kept.append(mine)
    leaf_net.stop()


def top(n):
    top_net.go()
    extra = bytearray(1_600_000)
    kept.append(extra)
    for mine in leaf(n):
        top_net.stop()
        yield mine
        top_net.go()
    top_net.stop()


kept = []
a, b = top(6), leaf(8)
while next(a, None) is not None:
    next(b, None)
    kept.append(bytearray(150_000))
list(b)
report()
