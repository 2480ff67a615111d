# SPDX-License-Identifier: MIT
"""Statements over several lines: calls, literals, conditions, strings, decorators, backslashes."""


def f(a, b=0, *args, **kwargs):
    return a


def spread(n):
    x = f(
        n,
        f(
            n + 1,
            b=2,
        ),
        *[1,
          2],
        k=f(3),
    )
    y = {
        "a": f(1),
        "b": [
            f(2),
            3,
        ],
    }
    z = x + \
        f(4) + \
        len(y)
    text = (
        "one"
        f"{f(5)}"
        "two"
    )
    if (
        f(6)
        and not f(0)
        or f(7)
    ):
        z += 1
    del x, \
        y
    return (
        z,
        text,
    )


for i in range(
    2
):
    print(
        spread(i),
        end="\n",
    )
