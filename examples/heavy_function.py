# SPDX-License-Identifier: MIT
# See which line of a function made the process grow, and what `del` gave back:
#   mprun heavy_function.py --func heavy_function


def heavy_function(n=100000):
    a = [i ** 2 for i in range(n)]   # Large memory allocation
    b = sum(a)
    c = [x / 2 for x in a]           # Another big spike
    del a                            # Cleanup
    return b + sum(c)


if __name__ == "__main__":
    print(heavy_function())
