# SPDX-License-Identifier: MIT
"""Methods, properties, class and static methods, inheritance, operators, callable objects."""


class Base:
    kind = "base"

    def __init__(self, n):
        self.n = n

    @property
    def double(self):
        return self.n * 2

    @double.setter
    def double(self, value):
        self.n = value // 2

    @classmethod
    def make(cls, n):
        return cls(n)

    @staticmethod
    def helper(x):
        return x + 1

    def __add__(self, other):
        return type(self)(self.n + other.n)

    def __call__(self, x):
        return self.helper(x) + self.n

    def __len__(self):
        return self.n

    def __eq__(self, other):
        return self.n == other.n

    def __iter__(self):
        for i in range(self.n):
            yield i


class Derived(Base):
    kind = "derived"

    def __init__(self, n):
        super().__init__(n)
        self.extra = self.double


d = Derived.make(2)
d.double = 6
print((d + Base(4))(1), len(d), d == Base(3), list(d), d.extra, sorted([Base(2), d], key=len)[0].n)
