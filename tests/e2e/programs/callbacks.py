# SPDX-License-Identifier: MIT
"""Selected functions that C code calls: sort keys, map, ctypes, re, sqlite, signal handlers."""

import ctypes
import os
import re
import signal
import sqlite3


def key(x):
    return -x


def replace(match):
    return match[0] * 2


def compare(a, b):
    return a[0] - b[0]


def handler(number, frame):
    seen.append(number)


seen = []
kind = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.POINTER(ctypes.c_int)] * 2)
data = (ctypes.c_int * 2)(2, 1)
ctypes.CDLL(None).qsort(data, 2, 4, kind(compare))
db = sqlite3.connect(":memory:")
db.create_function("key", 1, key)
signal.signal(signal.SIGUSR1, handler)
print(sorted([1, 3, 2], key=key), re.sub("b", replace, "abab"), list(data))
print(db.execute("select key(5)").fetchone(), list(filter(key, range(3))))
os.kill(os.getpid(), signal.SIGUSR1)
print(len(seen))
