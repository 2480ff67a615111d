# SPDX-License-Identifier: MIT
"""Threads that start and end all the time, each with selected lines of its own."""

import threading


def churn(n):
    kept = []
    for i in range(n):
        kept.append(bytearray(200_000))
        kept.append([j for j in range(2000)])
        if i % 3 == 0:
            kept.pop(0)
    return len(kept)


def work():
    for i in range(6):
        threads = [threading.Thread(target=churn, args=(30,)) for _ in range(2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    return i


print(work())
