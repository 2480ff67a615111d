# SPDX-License-Identifier: MIT
"""What a decorator changes while code has been judged, and runs."""

import harness

JUDGED_AGAIN = """
def helper(): return 1
def a(x): return x
def b(x): return x
helper()
a = profile(a)
b = profile(b)
helper()
a(1); b(1); a(1); a(1)
"""


def test_code_that_is_judged_again(tmp_path, host):
    """Each keeps its own rows: what one has given up is not another's and still its own."""
    result = harness.profile_program(tmp_path, JUDGED_AGAIN, host=host)
    calls = {f["qualname"]: f["calls"] for f in result.profile["functions"]}
    assert calls == {"a": 3, "b": 1} and result.profile["dropped"] == 0, calls


WITHDRAWN_WHILE_IT_RUNS = """
def late(): return 1

def rec(n):
    if n:
        return rec(n - 1)
    big = bytearray(80_000_000)
    del big
    profile(late); profile(outer)
    return 0

def deeper(n):
    return deeper(n - 1) if n else late()

def outer():
    deeper(8)
    x = late()
    return x

rec(8)
for _ in range(20):
    outer()
"""


def test_withdrawn_while_it_runs(tmp_path, host):
    """Frames that were watched end as they began: nothing of theirs is left to others."""
    result = harness.profile_program(tmp_path, WITHDRAWN_WHILE_IT_RUNS, host=host)
    assert {f["qualname"] for f in result.profile["functions"]} == {"late", "outer"}
    for function in result.profile["functions"]:
        assert all(row["spike"] < 100_000 for row in function["rows"]), function
    assert result.function("outer")["calls"] == 20 and result.function("late")["calls"] == 40
    assert result.profile["dropped"] == 0


# A collection is due with the next object, wherever that is made.
DUE = """
import gc
kept = []
class Last:
    def __del__(self):
        kept.append([0] * 5_000_000)
def f(): return 1
gc.disable()
last = Last(); last.me = last; del last
hold = [{} for _ in range(500)]
gc.set_threshold(1)
gc.enable()
profile(f)
gc.collect()
f()
print(len(kept), gc.isenabled())
"""


def test_a_collection_in_the_decorator_is_counted(tmp_path, host):
    """What finalizers make is the program's, also while mprun looks for what is decorated."""
    result = harness.profile_program(tmp_path, DUE, "-f", "f", host=host)
    assert result.stdout == b"1 True\n", str(result)
    assert 40_000_000 < result.profile["heap"]["end"] < 45_000_000
