# SPDX-License-Identifier: MIT
"""Long-lived threads that take turns, each growing and shrinking in selected lines of its own."""

import queue
import threading


def churn(n):
    kept = []
    for i in range(n):
        kept.append(bytearray(200_000))
        kept.append([j for j in range(2000)])
        if i % 3 == 0:
            kept.pop(0)
    return len(kept)


def serve(requests, results):
    while (n := requests.get()) is not None:
        results.put(churn(n))


requests, results = queue.SimpleQueue(), queue.SimpleQueue()
threads = [threading.Thread(target=serve, args=(requests, results)) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(9):
    requests.put(30)
print(sum(results.get() for _ in range(9)))
for thread in threads:
    requests.put(None)
for thread in threads:
    thread.join()
