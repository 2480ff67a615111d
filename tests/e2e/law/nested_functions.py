# SPDX-License-Identifier: MIT
"""A nested selected function has a table of its own and is part of its caller's lines too."""

from statm import Net, report

outer_net, inner_net = Net("outer"), Net("outer.<locals>.inner")


def outer():
    outer_net.go()
    own = [bytearray(500_000)]

    def inner(n):
        inner_net.go()
        own.append(bytearray(n))
        inner_net.stop()

    for i in range(8):
        inner(250_000)
    own.append((lambda n: bytearray(n))(300_000))
    outer_net.stop()
    return own


kept = outer()
report()
