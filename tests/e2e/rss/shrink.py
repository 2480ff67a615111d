# SPDX-License-Identifier: MIT
"""Memory that is given back: large frees, arenas, buffers that shrink, clear()."""


def work():
    kept = [bytearray(300_000) for _ in range(200)]
    small = [[j for j in range(2000)] for _ in range(400)]
    for i in range(200):
        kept.pop()
        del small[-2:]
    for i in range(60):
        big = bytearray(600_000)
        del big[1000:]
        table = {j: str(j) for j in range(5000)}
        table.clear()
    return len(kept)


print(work())
