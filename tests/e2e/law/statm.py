# SPDX-License-Identifier: MIT
"""What the programs of the law measure themselves: net change of resident memory of a function's
running intervals, read from /proc/self/statm without allocating more than a few hundred bytes."""

import json
import os

FD = os.open("/proc/self/statm", os.O_RDONLY)
PAGE = os.sysconf("SC_PAGESIZE")
nets = {}


def rss():
    """Resident bytes now."""
    return int(os.pread(FD, 200, 0).split()[1]) * PAGE


class Net:
    """Sum of the intervals between go() and stop(), under a function's name."""

    def __init__(self, name):
        self.name = name
        self.mark = 0
        nets.setdefault(name, 0)

    def go(self):
        """The function runs, or runs again."""
        self.mark = rss()

    def stop(self):
        """It returns, yields or awaits."""
        nets[self.name] += rss() - self.mark


def report():
    """What the test reads."""
    print(json.dumps(nets))


# Everything above runs once before it counts.
_warm = Net("warm")
_warm.go()
_warm.stop()
del nets["warm"]
