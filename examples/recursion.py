# SPDX-License-Identifier: MIT
# Ten calls, one in the other, hold a block each. The rows still add up: what the inner calls
# took is in their own row, and the line that calls has what came back when they returned.
#   mprun recursion.py --func descend

BLOCK = 4 << 20


def descend(depth):
    block = bytearray(BLOCK)
    if depth == 1:
        return len(block)
    below = descend(depth - 1)
    return below + len(block)


if __name__ == "__main__":
    print(descend(10))
