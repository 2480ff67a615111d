# SPDX-License-Identifier: MIT
"""@profile and @mprun on functions, bare and with arguments; only those are selected."""


@profile
def bare(n):
    total = 0
    for i in range(n):
        total += other(i)
    return total


@mprun
def second(n):
    def nested(k):
        return k + 1
    return nested(n) + (lambda x: x)(n)


@profile()
def called(n):
    return n


@mprun(precision=3)
def with_arguments(n):
    return [n
            for _ in range(2)]


def other(n):
    return n + 1


def never_called(n):
    return n


print(bare(3), second(1), called(2), with_arguments(4), other(1))
