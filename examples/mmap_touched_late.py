# SPDX-License-Identifier: MIT
# Asking for memory costs nothing, touching it does: RSS grows at the lines that write.
#   mprun mmap_touched_late.py --func touch_late
import mmap

SIZE = 64 << 20
HALF = SIZE // 2


def touch_late():
    area = mmap.mmap(-1, SIZE)
    area[:HALF] = bytes(HALF)
    for offset in range(HALF, SIZE, mmap.PAGESIZE):
        area[offset] = 1
    area.close()


if __name__ == "__main__":
    touch_late()
