# SPDX-License-Identifier: MIT
# The same points three times: as dictionaries, as objects, and as objects with __slots__, which
# have no room for further attributes and so need less memory.
#   mprun slots.py --func build


class Plain:
    def __init__(self, x, y):
        self.x, self.y = x, y


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


def build(n):
    as_dicts = [{"x": i, "y": i} for i in range(n)]
    as_objects = [Plain(i, i) for i in range(n)]
    as_slotted = [Slotted(i, i) for i in range(n)]
    return as_dicts, as_objects, as_slotted


if __name__ == "__main__":
    build(60_000)
