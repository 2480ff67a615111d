# SPDX-License-Identifier: MIT
# The same sum twice: the list holds every square at once, the generator one at a time.
#   mprun generator_vs_list.py --func 'sum_with_*'


def sum_with_list(n):
    squares = [i * i for i in range(n)]
    total = sum(squares)
    return total


def sum_with_generator(n):
    squares = (i * i for i in range(n))
    total = sum(squares)
    return total


if __name__ == "__main__":
    print(sum_with_generator(1_000_000) == sum_with_list(1_000_000))
