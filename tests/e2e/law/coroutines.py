# SPDX-License-Identifier: MIT
"""Tasks that take turns: each counts only while it runs."""

import asyncio

from statm import Net, report

work_net = Net("work")


async def work(n):
    mine = []
    work_net.go()
    for i in range(n):
        mine.append(bytearray(180_000))
        work_net.stop()
        await asyncio.sleep(0)
        work_net.go()
    work_net.stop()
    return mine


async def main():
    noise = []
    task = asyncio.gather(work(10), work(7))
    for _ in range(12):
        noise.append(bytearray(220_000))
        await asyncio.sleep(0)
    return await task, noise


kept = asyncio.run(main())
report()
