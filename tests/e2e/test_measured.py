# SPDX-License-Identifier: MIT
"""What must be measured, and right, in programs that make it hard."""

import time

import pytest

import harness


def measured(tmp_path, host, program, *options, words=(), limit=""):
    """The result of a program; `limit` is a shell command that goes before."""
    script = tmp_path / "script.py"
    script.write_text(program, encoding="utf-8")
    profile = tmp_path / "profile.json"
    options = ("-q", "-o", str(profile), *options)
    argv = harness.mprun_argv([*words] or [str(script)], options, host)
    if limit:
        argv = ["/bin/bash", "-c", f'{limit}; exec "$@"', "bash", *argv]
    result = harness.run(argv, cwd=tmp_path)
    assert result.status == 0, str(result)
    result.profile = harness.read_profile(profile)
    harness.assert_armed(result, host)
    return result


def test_code_word_is_its_own_file_only(host, tmp_path):
    """The standard library compiles code under the name `<string>` too; that is not the user's."""
    code = "import collections; P=collections.namedtuple('P','a b'); print(P(1, 2))"
    result = measured(tmp_path, host, "", words=["-c", code])
    module = result.function("<module>")
    assert (module["file"], module["calls"]) == ("<string>", 1), module
    assert [f["qualname"] for f in result.profile["functions"]] == ["<module>"]


DECORATIONS = """
def make():
    def closure():
        return 1
    return closure
total = 0
for n in range(40_000):
    total += profile(make())()
print(total)
"""


def test_many_decorations_of_one_closure(host, tmp_path):
    """One code object, however often it is decorated: no search gets longer."""
    start = time.monotonic()
    result = measured(tmp_path, host, DECORATIONS)
    assert time.monotonic() - start < 3
    assert result.stdout == b"40000\n"
    assert result.function("make.<locals>.closure")["calls"] == 40_000


BESIDE_DEEP = """
import sys, threading
deep, done = threading.Event(), threading.Event()
def work(n):
    kept = []
    for i in range(n):
        kept.append(bytearray(100_000))
    return len(kept)
def beside():
    deep.wait()
    work(30)
    done.set()
def down(n):
    if n:
        return down(n - 1)
    deep.set()
    return done.wait(30)
sys.setrecursionlimit(10**6)
thread = threading.Thread(target=beside)
thread.start()
print(down(100_000))
thread.join()
"""


def test_thread_beside_a_deep_recursion(host, tmp_path):
    """What other threads run is measured while the main thread is 100,000 calls deep."""
    result = measured(tmp_path, host, BESIDE_DEEP, "--func", "work")
    assert result.stdout == b"True\n", str(result)
    work = result.function("work")
    assert work["calls"] == 1 and [row["hits"] for row in work["rows"]] == [0, 1, 31, 30, 1]
    assert work["rss_delta"] > 2_900_000, work


HOSTILE = """
import os
with open("hostile", "w") as file:
    file.write("1 99999 1 1 0 1 0\\n")
def work():
    kept = []
    for i in range(20):
        kept.append(bytearray(200_000))
        del kept[:1]
def grab():
    held = []
    try:
        while True:
            held.append(os.open("hostile", os.O_RDONLY))
    except OSError as error:
        print(error.errno)
    return held
{take}
work()
print(max(held), {{os.pread(fd, 7, 0) for fd in held}})
for fd in held: os.close(fd)
work()
"""
ABSURD = 40 << 20
FREE = "held = grab()"
OVER = """
source = os.open("hostile", os.O_RDONLY)
held = [os.dup2(source, fd{inheritable}) for fd in range(source + 1, 256)]
grab()
"""
TAKE_ALL = {
    "closerange": f"os.closerange(3, 256)\n{FREE}",
    "close": f"for fd in range(3, 256):\n    try: os.close(fd)\n    except OSError: pass\n{FREE}",
    "dup2": OVER.format(inheritable=""),
    "dup3": OVER.format(inheritable=", False"),
}


def check_hostile(result, highest):
    """No row shows the file's 99,999 pages."""
    assert result.stdout == f"24\n{highest} {{b'1 99999'}}\n".encode(), str(result)
    for function in result.profile["functions"]:
        for row in function["rows"]:
            assert abs(row["rss_delta"] or 0) < 8 << 20, row
            assert 0 <= (row["rss_max"] or 0) < ABSURD, row
    assert result.function("work")["calls"] == 2


def test_hostile_file_beside_statm(host, tmp_path):
    """Every number that is free becomes a file that looks like statm."""
    result = measured(tmp_path, host, HOSTILE.format(take=FREE), "--func", "*",
                      limit="ulimit -n 256")
    check_hostile(result, 254)


@pytest.mark.parametrize("take", TAKE_ALL.values(), ids=TAKE_ALL)
def test_hostile_file_in_the_place_of_statm(take, host, tmp_path):
    """The program takes mprun's number too, and no other is left."""
    result = measured(tmp_path, host, HOSTILE.format(take=take), "--func", "work",
                      limit="ulimit -n 256")
    check_hostile(result, 255)


OUTLIVED = """
import sys, threading, time
begun, over = threading.Event(), threading.Event()

def helper(i):
    if i == 2:
        begun.set(); over.wait()
        time.sleep(0.02)
    return i

def lasting():
    for i in range(6):
        helper(i)
    block = bytearray(30_000_000)
    return block

def deep(n):
    if n:
        return deep(n - 1) + 1
    thread.start(); begun.wait()
    return 0

sys.setrecursionlimit(10**6)
thread = threading.Thread(target=lasting)
deep(60000)
over.set(); thread.join()
"""


def test_thread_outlives_the_deep_recursion_that_armed_it(host, tmp_path):
    """Its selected frame goes on being watched, although no evaluator has seen it start."""
    script = tmp_path / "script.py"
    script.write_text(OUTLIVED, encoding="utf-8")
    result = harness.run_mprun([str(script)], tmp_path / "o.json", host, ("--func", "lasting"))
    assert result.status == 0, str(result)
    rows = {row["line"]: row for row in result.function("lasting")["rows"]}
    assert rows[13]["hits"] == 6, rows
    assert rows[14]["hits"] == 1 and rows[14]["rss_delta"] > 28 << 20, rows
