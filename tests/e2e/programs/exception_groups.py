# SPDX-License-Identifier: MIT
"""except* and tracebacks that are kept and walked."""

import sys


def fail():
    raise ExceptionGroup("g", [ValueError(1), TypeError(2), KeyError(3)])


def split():
    got = []
    try:
        fail()
    except* ValueError as group:
        got.append(len(group.exceptions))
    except* (TypeError, KeyError) as group:
        got.append(len(group.exceptions))
    return got


def kept():
    try:
        fail()
    except ExceptionGroup:
        tb = sys.exc_info()[2]
        lines = []
        while tb:
            lines.append(tb.tb_lineno)
            tb = tb.tb_next
        return lines


print(split(), kept())
