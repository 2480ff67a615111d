# SPDX-License-Identifier: MIT
"""Bench: every line touches a page that was not there, so no gate helps. `fresh_pages.py N`."""

import mmap
import sys
import time


def work(area, n):
    page = mmap.PAGESIZE
    i = 0
    while i < n:
        area[i] = 1; i += page
        area[i] = 2; i += page
        area[i] = 3; i += page
        area[i] = 4; i += page
    return i


def main():
    n = int(sys.argv[1]) * mmap.PAGESIZE
    area = mmap.mmap(-1, n)
    area.madvise(mmap.MADV_NOHUGEPAGE)
    start = time.perf_counter_ns()
    work(area, n)
    print("elapsed", time.perf_counter_ns() - start)


main()
