# SPDX-License-Identifier: MIT
"""threading.Thread with own and shared functions, pools, timers."""

import threading
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
total = 0


def add(n):
    global total
    for i in range(n):
        with lock:
            total += i


class Worker(threading.Thread):
    def run(self):
        add(3)
        self.result = [x for x in gen(3)]


def gen(n):
    for i in range(n):
        yield i


threads = [threading.Thread(target=add, args=(5,)) for _ in range(4)] + [Worker()]
for t in threads: t.start()
for t in threads: t.join()
with ThreadPoolExecutor(3) as pool:
    print(sorted(pool.map(lambda x: x * 2, range(6))))
print(total)
