# SPDX-License-Identifier: MIT
"""Delegation: yield from generators, lists, over levels, with send and throw through it."""


def leaf(n):
    total = 0
    for i in range(n):
        got = yield i
        if got:
            total += got
    return total


def middle(n):
    result = yield from leaf(n)
    yield from [10, 20]
    return result


def top(n):
    try:
        result = yield from middle(n)
        print("result", result)
    except KeyError:
        yield "caught"
    finally:
        print("done")


print(list(top(3)))
t = top(4)
print(next(t), t.send(5), t.send(7), t.throw(KeyError("k")), list(t))
u = top(2)
next(u)
u.close()


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield depth
        yield from tree(depth - 1)


print(list(tree(4)))
