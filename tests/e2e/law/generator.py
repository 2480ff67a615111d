# SPDX-License-Identifier: MIT
"""A generator: what its consumer does while it is suspended belongs to nobody in it."""

from statm import Net, report

produce_net, consume_net = Net("produce"), Net("consume")


def produce(n):
    produce_net.go()
    own = []
    for i in range(n):
        own.append(bytearray(300_000))
        produce_net.stop()
        yield own
        produce_net.go()
    produce_net.stop()


def consume():
    consume_net.go()
    total = []
    for own in produce(12):
        total.append(bytearray(500_000))
        if len(own) % 3 == 0:
            own.pop(0)
            total.pop(0)
    consume_net.stop()
    return total


kept = consume()
report()
