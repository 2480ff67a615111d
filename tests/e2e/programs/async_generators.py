# SPDX-License-Identifier: MIT
"""Async generators: comprehension over them, asend, athrow, aclose, abandoned ones."""

import asyncio


async def numbers(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                print("got", got)
    finally:
        print("closed", n)


async def main():
    print([i async for i in numbers(3)], {i: i async for i in numbers(2)})
    print([i async for i in numbers(6) if i % 2])
    a = numbers(5)
    print(await a.__anext__(), await a.asend("x"))
    try:
        await a.athrow(ValueError("thrown"))
    except ValueError as error:
        print(error)
    b = numbers(9)
    async for i in b:
        if i == 1:
            break
    await b.aclose()


asyncio.run(main())
