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
