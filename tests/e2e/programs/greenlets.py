# SPDX-License-Identifier: MIT
"""greenlet switches inside selected functions, in loops, across nested calls, with a throw."""

import greenlet


def ping(n):
    got = []
    for i in range(n):
        got.append(deeper(i))
    return got


def deeper(i):
    x = main.switch(i)
    return x


def drive(n):
    a = greenlet.greenlet(ping)
    b = greenlet.greenlet(ping)
    out = [a.switch(n), b.switch(n)]
    while not (a.dead and b.dead):
        if not a.dead:
            out.append(a.switch("a"))
        if not b.dead:
            out.append(b.switch("b"))
    return out


def thrown():
    try:
        main.switch("waiting")
    except KeyError:
        return "caught"


main = greenlet.getcurrent()
print(drive(3))
t = greenlet.greenlet(thrown)
print(t.switch(), t.throw(KeyError))
