# SPDX-License-Identifier: MIT
"""A service that works for so many seconds: threads that come and go, children, exceptions that are
caught, generators that are left, code that is made at run time, a cache that is bounded. At the
end it has what it had at the beginning."""
import asyncio
import collections
import gc
import os
import queue
import subprocess
import sys
import threading
import time

CACHE = collections.OrderedDict()
LOCK = threading.Lock()


class Refused(Exception):
    """A request that cannot be served."""


def parse(number):
    """Fields of a request; every seventh is broken."""
    if number % 7 == 0:
        raise Refused(number)
    return [int(text) for text in f"{number},{number * 2},{number % 3}".split(",")]


def steps(fields):
    """A generator that is not always run to its end."""
    for field in fields:
        yield bytearray(field % 4096)


def serve(number):
    """One request."""
    try:
        fields = parse(number)
    except Refused as error:
        raise LookupError(number) from error
    total = 0
    for part in steps(fields):
        total += len(part)
        if total > 6000:
            break
    with LOCK:
        CACHE[number % 512] = bytes(total)
        if len(CACHE) > 256:
            CACHE.popitem(last=False)
    return total


def work(requests):
    """A thread of the pool."""
    while (number := requests.get()) is not None:
        try:
            serve(number)
        except LookupError:
            pass


def formula(number):
    """Code that is made for this request: always the same text, each time another code object."""
    names = {}
    exec(compile("def made(x):\n    y = x * 2\n    return [y] * 50\n", "<formula>", "exec"), names)
    return len(names["made"](number))


async def task(number):
    await asyncio.sleep(0)
    return serve(number * 7 + 1)


async def tasks(number):
    await asyncio.gather(*(task(number + i) for i in range(20)))


def child(number):
    """A fork that works and ends without a word, and one that another program takes over."""
    with LOCK:  # which no other thread has, then
        pid = os.fork()
    if pid == 0:
        try:
            serve(number * 7 + 1)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    subprocess.run(["/bin/true"], check=True)


def round_of(number, requests):
    """What happens again and again."""
    for i in range(400):
        requests.put(number * 400 + i)
    short = [threading.Thread(target=formula, args=(number,)) for _ in range(5)]
    for thread in short:
        thread.start()
    for thread in short:
        thread.join()
    asyncio.run(tasks(number))
    if number % 5 == 0:
        child(number)
    gc.collect()


def main():
    end = time.monotonic() + float(sys.argv[1])
    requests = queue.Queue(maxsize=100)
    pool = [threading.Thread(target=work, args=(requests,)) for _ in range(4)]
    for thread in pool:
        thread.start()
    number = 0
    while time.monotonic() < end:
        number += 1
        round_of(number, requests)
        time.sleep(0.1)
    for _ in pool:
        requests.put(None)
    for thread in pool:
        thread.join()
    print(number, "rounds")


main()
