# SPDX-License-Identifier: MIT
"""Functions that run from deallocation and the collector, in the middle of other lines."""

import gc
import weakref


class Node:
    def __init__(self, name):
        self.name = name
        self.me = None

    def __del__(self):
        gone.append(self.name)


def churn(n):
    for i in range(n):
        node = Node(i)
    node.me = node
    del node
    gc.collect()
    return len(gone)


def callback(ref):
    gone.append("weak")


gc.disable()
gone = []
print(churn(4))
x = Node("x")
ref = weakref.ref(x, callback)
del x
print(gone)


def suspended():
    try:
        yield 1
    finally:
        gone.append("generator")


g = suspended()
next(g)
del g
print(gone)
