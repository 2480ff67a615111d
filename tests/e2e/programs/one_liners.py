# SPDX-License-Identifier: MIT
"""Everything on one line: the frame's last line repeats."""

def f(n): x = 1; y = 2; return x + y + n
def loop(n):
    for i in range(n): f(i)
def nested(n):
    while n: n -= 1; [f(i) for i in range(2)]
def cond(x): return 1 if x else 2
class A: x = 1; y = [i for i in range(3)]; z = lambda self: 1
def g(n):
    for i in range(n): yield i; f(i)
for k in range(3): f(k); loop(k)
nested(3); print(cond(0), cond(1), A().z(), list(g(3)))
if f(1) > 2: print("yes")
try: f(1); 1 / 0
except ZeroDivisionError: print("zero")
