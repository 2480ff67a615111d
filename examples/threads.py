# SPDX-License-Identifier: MIT
# RSS is the whole process's: the line that waits for a thread shows what the thread took, and so
# does the thread's own line. Do not add the two up.
#   mprun threads.py --func fill --func wait_for_it
from concurrent.futures import ThreadPoolExecutor

SIZE = 40 << 20


def fill():
    block = bytearray(SIZE)
    return block


def wait_for_it():
    pool = ThreadPoolExecutor(max_workers=1)
    block = pool.submit(fill).result()
    pool.shutdown()
    return block


if __name__ == "__main__":
    print(len(wait_for_it()))
