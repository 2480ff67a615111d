# SPDX-License-Identifier: MIT
"""A function in other threads, one at a time."""

import threading

from statm import Net, report

work_net = Net("work")


def work(n):
    work_net.go()
    for _ in range(n):
        kept.append(bytearray(220_000))
    work_net.stop()


kept = []
for n in range(5):
    thread = threading.Thread(target=work, args=(n,))
    thread.start()
    thread.join()
report()
