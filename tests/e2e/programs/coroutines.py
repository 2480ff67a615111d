# SPDX-License-Identifier: MIT
"""Coroutines driven by hand: await on awaitables, nested, closed, never awaited."""


class Pause:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield self.value
        return got


async def leaf(x):
    y = await Pause(x)
    return y + 1


async def root(n):
    total = 0
    for i in range(n):
        total += await leaf(i)
    return total


c = root(3)
value = c.send(None)
while True:
    try:
        value = c.send(value * 10)
    except StopIteration as stop:
        print(stop.value)
        break
d = root(5)
d.send(None)
d.close()
e = root(1)
e.close()
