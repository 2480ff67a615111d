# SPDX-License-Identifier: MIT
"""@profile on generators, coroutines and async generators."""

import asyncio


@profile
def gen(n):
    for i in range(n):
        yield i


@profile
async def coroutine(n):
    await asyncio.sleep(0)
    total = 0
    async for i in agen(n):
        total += i
    return total


@mprun
async def agen(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)


async def plain():
    return await asyncio.gather(coroutine(2), coroutine(3))


print(list(gen(3)), asyncio.run(plain()))
