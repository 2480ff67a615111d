# SPDX-License-Identifier: MIT
"""Methods that the interpreter calls from C or by specialised instructions."""


class Thing:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n

    def __hash__(self):
        return hash(self.n)

    def __bool__(self):
        return self.n > 1

    def __contains__(self, x):
        return x == self.n

    def __getattr__(self, name):
        return name * 2

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise StopIteration
        return self.n

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return True

    def __format__(self, spec):
        return f"<{self.n}{spec}>"

    def __index__(self):
        return self.n

    def __del__(self):
        self.gone = True


class Descriptor:
    def __get__(self, obj, kind):
        return 5

    def __set__(self, obj, value):
        obj.__dict__["kept"] = value


class User:
    field = Descriptor()


print(sorted([Thing(3), Thing(1), Thing(2)])[0].n, len({Thing(1), Thing(1)}), bool(Thing(0)),
      3 in Thing(3))
for _ in range(20):
    u = User()
    u.field = u.field
    x = Thing(2).absent
print(x, list(Thing(3)), f"{Thing(1):x}", [0, 1, 2][Thing(2)], u.kept)
with Thing(1) as t:
    raise ValueError
del t, u
