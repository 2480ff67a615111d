# SPDX-License-Identifier: MIT
"""The C heap: small blocks through malloc, freed, trimmed; realloc that grows by remapping."""

import ctypes

libc = ctypes.CDLL(None)
libc.malloc.restype = libc.realloc.restype = ctypes.c_void_p
libc.malloc.argtypes = (ctypes.c_size_t,)
libc.realloc.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
libc.free.argtypes = (ctypes.c_void_p,)


def fill(n, size):
    blocks = [libc.malloc(size) for _ in range(n)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    return blocks


def work():
    for i in range(40):
        blocks = fill(200, 3000)
        for block in blocks:
            libc.free(block)
        libc.malloc_trim(0)
        big = libc.malloc(300_000)
        ctypes.memset(big, 1, 300_000)
        big = libc.realloc(big, 900_000)
        ctypes.memset(big, 1, 900_000)
        libc.free(big)
    return i


print(work())
