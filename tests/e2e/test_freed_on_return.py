# SPDX-License-Identifier: MIT
"""What a call releases between its last row and its return: its locals, and nothing of its caller's."""

import pytest

import harness

PROGRAM = """
import functools

def load(n):
    a = bytes(n)
    b = [0] * n
    return len(b)

def keep(n):
    return bytes(n)

def main():
    for i in range(5):
        load(100_000)
    x = keep(50_000)
    del x
    y = bytes(70_000)
    y = None
    return 1

def gen(n):
    a = bytes(n)
    yield 1

def drive():
    for x in gen(200_000):
        pass

def recursive(depth):
    a = bytes(30_000)
    return recursive(depth - 1) if depth else 0

def raises(n):
    a = bytes(n)
    raise ValueError

class Final:
    def __init__(self, n):
        self.n = n
    def __del__(self):
        finalized(self.n)

def finalized(n):
    a = bytes(n)
    return len(a)

def holder():
    a = Final(40_000)
    b = bytes(10_000)
    return 0

async def coroutine(n):
    a = bytes(n)
    return 1

def run(c):
    try:
        c.send(None)
    except StopIteration:
        pass

main()
drive()
recursive(3)
for i in range(2):
    try:
        raises(60_000)
    except ValueError:
        pass
holder()
run(coroutine(90_000))
sorted(range(3), key=lambda v: load(100_000))
"""

# Bytes, to 400 a call: instances, generators and ints are freed as well.
RELEASED = {
    "load": (8, 8 * (100_033 + 800_056)),
    "keep": (1, 0),
    "gen": (1, 200_033),
    "recursive": (4, 30_033),  # the inner ones' are in the outer's last row
    "finalized": (1, 40_033),
    "holder": (1, 10_033),
    "main": (1, 0),
    "raises": (2, 0),  # the traceback holds the frame: the caller's row has it
    # C code resumes it, and in 3.11 nothing tells when that goes on.
    "coroutine": (1, 0 if harness.VERSION < (3, 12) else 90_033),
}


@pytest.mark.parametrize("name", RELEASED)
def test_freed_on_return(name, tmp_path, host):
    """Over all calls; where C code called, where a generator ends, where a finalizer runs meanwhile."""
    result = harness.profile_program(tmp_path, PROGRAM, "-f", "*", host=host)
    calls, released = RELEASED[name]
    function = result.function(name)
    assert function["calls"] == calls
    assert abs(function["freed_on_return"] - released) <= 400 * calls, function["freed_on_return"]


def test_freed_on_return_balances(tmp_path, host):
    """Of what its rows add up to, a call keeps the int that it returns."""
    result = harness.profile_program(tmp_path, PROGRAM, "-f", "load", host=host)
    function = result.function("load")
    assert 0 <= function["heap_delta"] - function["freed_on_return"] <= 32 * 8, function
    text = harness.run(harness.mprun_argv([str(tmp_path / "user.py")], ("-f", "load"), host))
    line = next(l for l in text.stdout.decode().splitlines() if "freed on return" in l)
    assert "−6.9" in line or "-6.9" in line, line


def test_freed_on_return_without_heap(tmp_path, host):
    """Not measured, and not shown."""
    result = harness.profile_program(tmp_path, PROGRAM, "-f", "load", "--no-heap", host=host)
    assert result.function("load")["freed_on_return"] is None
