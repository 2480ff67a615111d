# SPDX-License-Identifier: MIT
"""finally left by return, break, continue, exceptions; return in finally; nested ones."""


def returns(x):
    try:
        if x:
            return "try"
    finally:
        log.append(x)
    return "end"


def overrides():
    try:
        1 / 0
    finally:
        return "swallowed"


def in_loop(n):
    out = []
    for i in range(n):
        try:
            if i == 1: continue
            if i == 3: break
            out.append(i)
        finally:
            log.append(i)
    return out


def nested():
    try:
        try:
            raise KeyError("a")
        finally:
            log.append("inner")
    except KeyError:
        log.append("outer")
        return 1


log = []
print(returns(0), returns(1), overrides(), in_loop(5), nested(), log)
