# SPDX-License-Identifier: MIT
"""Anonymous maps touched late, given back by madvise and munmap; a bytearray that is resized."""

import mmap

from statm import Net, report

work_net = Net("work")


def work():
    work_net.go()
    area = mmap.mmap(-1, 8 << 20)
    area[: 6 << 20] = bytes(6 << 20)
    area.madvise(mmap.MADV_DONTNEED, 0, 2 << 20)
    for i in range(6 << 20, 8 << 20, 4096):
        area[i] = 1
    buffer = bytearray()
    for _ in range(40):
        buffer += bytes(100_000)
    del buffer[1_000_000:]
    other = mmap.mmap(-1, 4 << 20)
    other.write(b"x" * (3 << 20))
    other.close()
    work_net.stop()
    return area, buffer


kept = work()
report()
