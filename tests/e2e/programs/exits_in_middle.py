# SPDX-License-Identifier: MIT
"""sys.exit from deep inside, through finally and with."""

import sys


def leave(n):
    try:
        if n == 0:
            sys.exit(0)
        leave(n - 1)
        print("never")
    finally:
        print("left", n)


for i in range(2):
    print(i)
leave(3)
print("never")
