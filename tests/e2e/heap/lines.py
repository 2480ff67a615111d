# SPDX-License-Identifier: MIT
"""Lines whose Python memory is the same in each run. Every statement of `measured` stands on a line of
its own; the test runs the same text with readings of tracemalloc between them, under plain python3."""

import gc
import types

collect = gc.collect  # empties free lists, too: each statement starts from the same


class Node:
    def __init__(self, value, next_node):
        self.value = value
        self.next = next_node


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


def chain(n):
    head = None
    for i in range(n):
        head = Node(i + 1000, head)
    return head


def grow(n):
    out = []
    for i in range(n):
        out.append(i + 1000)
    return out


def churn(n):
    kept = {}
    for i in range(n):
        kept[i % 97] = [i] * (i % 50)
    return kept


def texts(n):
    text = ""
    for i in range(n):
        text += str(i)
    return text


def numbers(n):
    for i in range(n):
        yield [i + 1000] * 10


def fails(n):
    values = list(range(1000, 1000 + n))
    if values:
        raise ValueError(values)


def caught(n):
    try:
        fails(n)
    except ValueError as error:
        return error
    return None


def spike(n):
    return len([0] * n)


def resize(n):
    data = bytearray()
    for i in range(n):
        data += b"0123456789" * (i % 20)
    del data[1000:]
    return data


def nested(depth):
    if depth == 0:
        return [[] for _ in range(50)]
    return [nested(depth - 1), (depth + 1000,) * depth]


def keyed(n):
    return {str(i): [i + 1000] for i in range(n)}


def slotted(n):
    return [Slotted(x + 1000, str(x)) for x in range(n)]


def measured():
    collect()
    a = [i * 1.5 for i in range(5000)]
    collect()
    b = keyed(3000)
    collect()
    c = chain(2000)
    collect()
    d = grow(20_000)
    collect()
    e = churn(5000)
    collect()
    f = texts(3000)
    collect()
    del a
    collect()
    g = [list(numbers(300)), sum(len(x) for x in numbers(300))]
    collect()
    h = caught(500)
    collect()
    i = spike(200_000)
    collect()
    j = resize(500)
    collect()
    k = nested(30)
    collect()
    b.clear()
    collect()
    l = slotted(2000)
    collect()
    m = sorted(keyed(5000), key=len)
    collect()
    del c
    collect()
    n = [dict(x=i, y=[i] * 10) for i in range(1000, 1100)]
    collect()
    o = eval("[x for x in range(1000, 3000)]")
    collect()
    p = {frozenset((x, x + 1000)) for x in range(2000)}
    collect()
    q = b"x" * 100_000 + b"y" * 50_000
    collect()
    q = None
    collect()
    d[5000:] = []
    collect()
    d.extend(range(1000, 9000))
    collect()
    r = [q, i, f, g, h, j, k, l, m, n, o, p, e]
    collect()
    del e, f, g, h
    collect()
    r.clear()
    collect()
    s = "".join(chr(300 + x % 500) for x in range(4000))
    collect()
    t = s.encode().decode()
    collect()
    u = [[0] * 600 for x in range(100)]
    collect()
    v = bytearray(600_000)
    collect()
    del v[100_000:]
    collect()
    return d, t, u, v


def warm():
    """The same once more, under another name: free lists are full then."""
    return types.FunctionType(measured.__code__.replace(co_name="warm", co_qualname="warm"),
                              globals())()


if __name__ == "__main__":
    gc.disable()
    for _ in range(3):
        warm()
    measured()
