# SPDX-License-Identifier: MIT
# `del` takes a name away; memory comes back when the last name is gone. A function's names go
# when it returns: `checksum` holds its array, the line that calls it does not.
#   mprun del_and_scope.py --func two_names --func in_a_function --func checksum

SIZE = 40 << 20


def two_names():
    data = bytearray(SIZE)
    alias = data
    del data
    del alias


def checksum():
    data = bytearray(SIZE)
    return sum(data[::4096])


def in_a_function():
    total = checksum()
    return total


if __name__ == "__main__":
    two_names()
    print(in_a_function())
