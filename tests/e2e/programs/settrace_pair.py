# SPDX-License-Identifier: MIT
"""The program's own tracer, set and taken away again inside selected functions."""

import sys

log = []


def tracer(frame, event, arg):  # hits: any
    log.append(event)  # hits: any
    return tracer  # hits: any


def traced(x):
    return x + 1  # hits: any


def quiet(x):
    y = x
    return y


def pair():
    old = sys.gettrace()
    sys.settrace(tracer)  # hits: any
    traced(1)  # hits: any
    sys.settrace(old)  # hits: any
    return old  # hits: any


print(quiet(1), pair(), quiet(2), pair(), quiet(3))
print(quiet(4), "line" in log)
for i in range(3):
    quiet(i)
