# SPDX-License-Identifier: MIT
"""Functions that share a name: redefined, in branches, in classes, on one line."""


def f(x):
    return x


first = f


def f(x):
    y = x + 1
    return y


class A:
    def f(self):
        return 1


class B:
    def f(self): return 2


if len("a") == 1:
    def g():
        return "then"
else:
    def g():
        return "else"

pairs = [lambda: 1, lambda: 2]
print(first(1), f(1), A().f(), B().f(), g(), [p() for p in pairs])
for _ in range(3):
    class A:
        def f(self):
            return 3
    A().f()
