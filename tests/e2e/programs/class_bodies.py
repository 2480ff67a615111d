# SPDX-License-Identifier: MIT
"""Class bodies: loops and functions in them, classes in classes, in functions, metaclasses."""


class Table:
    rows = []
    for i in range(3):
        rows.append(i)
    squares = [x * x for x in range(3)]

    class Inner:
        value = 1

        def get(self):
            return self.value

    def make(self):
        class Local(Table.Inner):
            value = 2
        return Local()


class Meta(type):
    def __new__(cls, name, bases, space):
        space["extra"] = len(space)
        return super().__new__(cls, name, bases, space)

    def __init_subclass__(cls):
        pass


class Made(metaclass=Meta):
    x = 1
    y = 2


print(Table().make().get(), Table.Inner().get(), [Table().make().value for _ in range(2)],
      Made.extra > 0)
