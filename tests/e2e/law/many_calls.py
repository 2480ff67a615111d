# SPDX-License-Identifier: MIT
"""Many calls, memory moved between them; what dies with the locals is the caller's."""

from statm import Net, report

work_net, caller_net = Net("work"), Net("caller")


def work(i):
    work_net.go()
    temporary = bytearray(1_000_000)
    kept.append(bytearray(200_000))
    temporary[0] = 1
    work_net.stop()


def caller():
    caller_net.go()
    for i in range(15):
        work(i)
        kept.append(bytearray(130_000))
        if i % 5 == 4:
            del kept[:3]
    caller_net.stop()


kept = []
caller()
report()
