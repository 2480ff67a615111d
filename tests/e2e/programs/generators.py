# SPDX-License-Identifier: MIT
"""Generators: send, throw, close, abandoned, exhausted, never started."""


def counter(n):
    for i in range(n):
        yield i


def echo():
    got = None
    while True:
        try:
            got = yield got
        except ValueError as error:
            got = str(error)
        except GeneratorExit:
            print("closing")
            raise


def same_line():
    x = yield 1; y = yield 2; yield x, y


def loop_line(n):
    for i in range(n): yield i


print(list(counter(3)), sum(counter(4)))
e = echo()
next(e)
print(e.send(1), e.throw(ValueError("v")), e.send(2))
e.close()
abandoned = counter(10)
next(abandoned)
next(abandoned)
del abandoned
never = counter(5)
never.close()
del never
s = same_line()
print(next(s), s.send("a"), s.send("b"), list(loop_line(3)))
a, b = counter(2), counter(3)
print(list(zip(a, b)), list(b))
