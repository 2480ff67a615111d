# SPDX-License-Identifier: MIT
"""@profile and @mprun on methods of every kind."""


class Thing:
    def __init__(self, n):
        self.n = n

    @profile
    def method(self, k):
        return self.n + k

    @staticmethod
    @profile
    def static_inner(k):
        return k + 1

    @profile
    @staticmethod
    def static_outer(k):
        return k + 2

    @classmethod
    @mprun
    def class_inner(cls, k):
        return cls(k)

    @mprun
    @classmethod
    def class_outer(cls, k):
        return cls(k)

    @property
    @profile
    def double(self):
        return self.n * 2

    @profile
    @property
    def triple(self):
        return self.n * 3

    def plain(self):
        return self.n


class Child(Thing):
    @profile
    def method(self, k):
        return super().method(k) + 1


t = Thing(3)
print(t.method(1), t.static_inner(1), t.static_outer(1), t.class_inner(2).n, t.class_outer(4).n)
print(t.double, t.triple, t.plain(), Child(1).method(2))
