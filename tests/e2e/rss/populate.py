# SPDX-License-Identifier: MIT
"""MAP_POPULATE, MADV_POPULATE_WRITE and fixed maps over pages that are there: no fault happens."""

import ctypes
import mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t) + (ctypes.c_int,) * 3 + (ctypes.c_long,)
libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
ANONYMOUS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
READ_WRITE = mmap.PROT_READ | mmap.PROT_WRITE
MAP_FIXED, MAP_POPULATE, MADV_POPULATE_WRITE = 0x10, 0x8000, 23
SIZE = 400_000


def work():
    for i in range(80):
        a = libc.mmap(None, SIZE, READ_WRITE, ANONYMOUS | MAP_POPULATE, -1, 0)
        b = libc.mmap(None, SIZE, READ_WRITE, ANONYMOUS, -1, 0)
        libc.madvise(b, SIZE, MADV_POPULATE_WRITE)
        c = libc.mmap(a, SIZE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0)
        ctypes.memset(c, 1, SIZE // 2)
        libc.munmap(a, SIZE)
        libc.munmap(b, SIZE)
    return i


print(work())
