# SPDX-License-Identifier: MIT
"""asyncio: tasks that interleave, gather, cancellation, queues, async with and async for."""

import asyncio


class Resource:
    async def __aenter__(self):
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *exc):
        await asyncio.sleep(0)
        return False


async def produce(queue, n):
    for i in range(n):
        await queue.put(i)
        await asyncio.sleep(0)
    await queue.put(None)


async def consume(queue):
    got = []
    while True:
        item = await queue.get()
        if item is None:
            return got
        got.append(item)


async def ticks(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)


async def forever():
    try:
        while True:
            await asyncio.sleep(3600)
    except asyncio.CancelledError:
        return "cancelled"


async def main():
    queue = asyncio.Queue(2)
    _, got = await asyncio.gather(produce(queue, 5), consume(queue))
    async with Resource() as r, Resource():
        got.append(len(str(type(r))) > 0)
    async for i in ticks(3):
        got.append(i)
    task = asyncio.create_task(forever())
    await asyncio.sleep(0)
    task.cancel()
    print(got, await task)


asyncio.run(main())
