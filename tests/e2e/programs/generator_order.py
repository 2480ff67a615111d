# SPDX-License-Identifier: MIT
"""Many suspended generators that are resumed in every order, recycled and reused."""

import random


def source(name, n):
    for i in range(n):
        got = yield name, i
        if got:
            name = got
    return name


rng = random.Random(1)
live = [source(k, k % 7) for k in range(40)]
steps = 0
while live:
    i = rng.randrange(len(live))
    try:
        if rng.random() < 0.1:
            live.pop(i).close()
            live.append(source(99, 2)) if rng.random() < 0.5 else None
        else:
            next(live[i])
            steps += 1
    except StopIteration:
        live.pop(i)
print(steps)
