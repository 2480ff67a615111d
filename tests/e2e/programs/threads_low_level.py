# SPDX-License-Identifier: MIT
"""_thread.start_new_thread, also from a thread, and a generator that moves between threads."""

import _thread

locks = [_thread.allocate_lock() for _ in range(4)]
for lock in locks: lock.acquire()


def gen():
    for i in range(6):
        yield i


shared = gen()
seen = []


def child(lock):
    seen.append(next(shared))
    lock.release()


def parent(lock, inner):
    seen.append(next(shared))
    _thread.start_new_thread(child, (inner,))
    inner.acquire()
    lock.release()


_thread.start_new_thread(parent, (locks[0], locks[1]))
locks[0].acquire()
_thread.start_new_thread(parent, (locks[2], locks[3]), {})
locks[2].acquire()
print(seen, list(shared))
