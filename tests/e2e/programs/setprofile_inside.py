# SPDX-License-Identifier: MIT
"""A profile function of the program's own beside the rows."""

import cProfile
import sys

events = []


def profiler(frame, event, arg):
    if event == "call":
        events.append(frame.f_code.co_name)


def work(n):
    total = 0
    for i in range(n):
        total += helper(i)
    return total


def helper(i):
    return i


def inside():
    sys.setprofile(profiler)
    x = work(2)
    sys.setprofile(None)
    return x


print(inside(), events, work(3))
p = cProfile.Profile()
p.enable()
work(4)
p.disable()
print(sum(e.callcount for e in p.getstats() if "helper" in str(e.code)))
