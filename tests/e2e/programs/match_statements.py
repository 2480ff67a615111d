# SPDX-License-Identifier: MIT
"""match: every kind of pattern, guards, nested, in a loop."""

import dataclasses


@dataclasses.dataclass
class Point:
    x: int
    y: int


def describe(x):
    match x:
        case 0 | 1:
            return "small"
        case int(n) if n > 100:
            return "big"
        case [a, b]:
            result = a
        case [first, *rest] if (
            len(rest) > 2
        ):
            result = len(rest)
        case {"key": value, **others}:
            result = value
        case Point(x=0, y=y):
            result = y
        case Point():
            match x.y:
                case 5:
                    result = "five"
                case _:
                    result = "else"
        case str() as text:
            result = text
        case _:
            return None
    return result


print([describe(x) for x in (0, 1, 7, 101, [1, 2], [1, 2, 3, 4], [1], {"key": 2, "b": 1},
                             Point(0, 3), Point(1, 5), Point(1, 6), "t", 2.5)])
