# SPDX-License-Identifier: MIT
# Two tasks at once. While a task waits in `await`, what others do is not put down to its line:
# `idle` waits while `fetch` takes 40 MiB and gives them back, and shows nothing.
#   mprun async_tasks.py --func fetch --func idle
import asyncio

SIZE = 40 << 20


async def fetch(done):
    body = bytearray(SIZE)
    await asyncio.sleep(0.02)
    size = len(body)
    del body
    done.set()
    return size


async def idle(done):
    await done.wait()
    return 0


async def main():
    done = asyncio.Event()
    print(sum(await asyncio.gather(idle(done), fetch(done))))


if __name__ == "__main__":
    asyncio.run(main())
