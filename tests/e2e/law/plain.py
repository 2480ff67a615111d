# SPDX-License-Identifier: MIT
"""Growing, shrinking and both within a line."""

from statm import Net, report

work_net = Net("work")


def work():
    work_net.go()
    a = [bytearray(300_000) for _ in range(20)]
    b = list(range(400_000))
    del a[:10]
    sum([1] * 1_000_000)
    for i in range(5):
        a.append(bytearray(400_000))
    c = b + b
    del b
    work_net.stop()
    return a, c


kept = work()
report()
