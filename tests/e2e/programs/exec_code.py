# SPDX-License-Identifier: MIT
"""Code made at run time: compiled under this folder's names, executed many times, evaluated."""

import os

SOURCE = """\
def made(x):
    y = x + 1
    return y

total = 0
for i in range(3):
    total += made(i)
"""

path = os.path.join(os.path.dirname(__file__), "made_at_run_time.py")
space = {"__name__": "made"}
code = compile(SOURCE, path, "exec")
for _ in range(3):
    exec(code, space)
print(space["total"], space["made"](4), eval("made(5)", space))
for n in range(5):
    own = {}
    exec(compile(f"def same(x):\n    return x + {n}\n", path, "exec"), own)
    print(own["same"](1))
