# SPDX-License-Identifier: MIT
"""Anonymous, file and shared maps: touched, resized, advised away, closed."""

import mmap
import tempfile


def work():
    total = 0
    for i in range(60):
        area = mmap.mmap(-1, 1 << 20)
        area[:500_000] = bytes(500_000)
        area[600_000] = 1
        area.madvise(mmap.MADV_DONTNEED)
        area[0] = 1
        area.close()
        own = mmap.mmap(-1, 1 << 20, mmap.MAP_PRIVATE)
        own[:300_000] = bytes(300_000)
        own.resize(2 << 20)
        own[1_900_000] = 1
        own.close()
        with tempfile.TemporaryFile() as file:
            file.truncate(1 << 20)
            view = mmap.mmap(file.fileno(), 0)
            view[::4096] = bytes(256)
            total += view[5]
            view.close()
    return total


print(work())
