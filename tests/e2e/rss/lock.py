# SPDX-License-Identifier: MIT
"""mlock, munlock and MAP_LOCKED: pages that come without being touched."""

import ctypes
import mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t) + (ctypes.c_int,) * 3 + (ctypes.c_long,)
for name in ("munmap", "mlock", "munlock"):
    getattr(libc, name).argtypes = (ctypes.c_void_p, ctypes.c_size_t)
MAP_LOCKED = 0x2000
SIZE = 200_000


def work():
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    locked = 0
    for i in range(100):
        area = libc.mmap(None, SIZE, 3, flags, -1, 0)
        locked += libc.mlock(area, SIZE // 2) == 0
        libc.munlock(area, SIZE // 2)
        other = libc.mmap(None, SIZE, 3, flags | MAP_LOCKED, -1, 0)
        libc.munmap(area, SIZE)
        libc.munmap(other, SIZE)
    return locked


print(work())
