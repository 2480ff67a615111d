# SPDX-License-Identifier: MIT
"""What sections of a program still hold at its end, against sizes that are known."""

import harness

HEAD = 33  # sys.getsizeof(b"")
SLACK = 250  # of lists that grow, and of what CPython keeps by the way


def live(folder, text, *options, status=0, **kwargs):
    """By name of the section."""
    text = "import mprun, os, threading; __import__('gc').disable()\nkept = [None] * 100\n" + text
    result = harness.profile_program(folder, text, *options, status=status, **kwargs)
    return {section["name"]: section["live_at_end"] for section in result.profile["sections"]}


def assert_near(found, expected):
    """Each is as large."""
    assert list(found) == list(expected), found
    for name, size in expected.items():
        assert size <= found[name] <= size + SLACK, (name, found[name], size)


def test_live_at_end_of_sections(tmp_path, host):
    """What it allocated, wherever, and what nobody has freed since; an outer one has the inner's."""
    found = live(tmp_path, """
def fill(at, n):
    for i in range(at, at + 10):
        kept[i] = bytes(n)
with mprun.section("outer"):
    fill(0, 10_000)
    with mprun.section("inner"):
        fill(10, 20_000)
        bytes(10_000_000)
    fill(20, 30_000)
    kept[0] = None
with mprun.section("freed"):
    fill(30, 5_000)
fill(40, 50_000)
for i in range(30, 40):
    kept[i] = None
with mprun.section("inner"):
    kept[60] = bytes(7_000)
""", host=host)
    inner = 10 * (20_000 + HEAD) + 7_000 + HEAD
    assert_near(found, {
        "outer": 9 * (10_000 + HEAD) + 10 * (20_000 + HEAD) + 10 * (30_000 + HEAD),
        "inner": inner, "freed": 0})


def test_live_at_end_within_itself(tmp_path):
    """Recursion through one name, and two names in turn: each byte once."""
    found = live(tmp_path, """
@mprun.section("even")
def even(n):
    kept[n] = bytes(1000)
    n and odd(n - 1)
@mprun.section("odd")
def odd(n):
    kept[n] = bytes(1000)
    n and even(n - 1)
even(19)
""", "--func", "even")
    assert_near(found, {"even": 20 * (1000 + HEAD), "odd": 19 * (1000 + HEAD)})


def test_live_at_end_of_its_own_thread(tmp_path):
    """Others' blocks are not in it."""
    found = live(tmp_path, """
go, done = threading.Event(), threading.Event()
def other():
    go.wait()
    kept[1] = bytes(1_000_000)
    with mprun.section("other"):
        kept[2] = bytes(2_000)
    done.set()
thread = threading.Thread(target=other)
thread.start()
with mprun.section("main"):
    go.set()
    done.wait()
    kept[0] = bytes(3_000)
thread.join()
""")
    assert sorted(found) == ["main", "other"]
    assert 3_000 < found["main"] < 20_000 and 2_000 < found["other"] < 5_000


def test_live_at_end_where_ends_cross(tmp_path):
    """One that ends before another that began in it."""
    found = live(tmp_path, """
one, two, three = (mprun.section(name) for name in ("one", "two", "three"))
one.__enter__()
kept[0] = bytes(1_000)
two.__enter__()
kept[1] = bytes(10_000)
three.__enter__()
one.__exit__()
kept[2] = bytes(100_000)
three.__exit__()
two.__exit__()
kept[3] = bytes(1_000_000)
def numbers():
    with mprun.section("generator"):
        kept[4] = bytes(5_000)
        yield
        kept[5] = bytes(6_000)
with mprun.section("around"):
    for _ in numbers():
        kept[6] = bytes(7_000)
with mprun.section("forgotten"):
    pass
del one, two, three
""")
    expected = {"one": 11_000, "two": 110_000, "three": 100_000, "around": 18_000, "generator": 18_000,
                "forgotten": 0}
    assert sorted(found) == sorted(expected)
    for name, size in expected.items():
        assert size <= found[name] < size + 1_200, (name, found)


def test_live_at_end_of_a_sudden_death(tmp_path):
    """Known up to the last block."""
    found = live(tmp_path, """
with mprun.section("last"):
    kept[0] = bytes(123_000)
    os.kill(os.getpid(), 9)
""", status=-9)
    assert 123_000 < found["last"] < 124_500


def test_live_at_end_is_in_the_trees_rows_as_well(tmp_path):
    """A section takes nothing from lines, sites and the whole."""
    program = """
import mprun; __import__("gc").disable()
kept = []
def fill():
    kept.append(bytes(50_000))
{}
    for _ in range(20):
        fill()
"""
    with_section, without = (
        harness.profile_program(tmp_path, program.format(line), "--func", "fill").profile
        for line in ("with mprun.section('s'):", "if mprun:"))
    rows = [each["functions"][0]["rows"] for each in (with_section, without)]
    for one, other in zip(*rows, strict=True):
        assert one["live_at_end"] == other["live_at_end"]
        assert abs(one["heap_delta"] - other["heap_delta"]) <= SLACK  # what CPython let go of there
    sites = [sorted((site["live_at_end"], site["allocated"]) for site in each["sites"]
                    if site["function"] == "fill") for each in (with_section, without)]
    assert sites[0] == sites[1]


def test_live_at_end_without_the_heap(tmp_path):
    """It is not known."""
    assert live(tmp_path, "with mprun.section('s'): pass\n", "--no-heap") == {"s": None}


def test_live_at_end_where_another_thread_ends_it(tmp_path):
    """What the section's own thread allocates later is not in it; what began in it goes on."""
    found = live(tmp_path, """
def task():
    with mprun.section("task"):
        kept[0] = bytes(10_000)
        yield
        kept[1] = bytes(20_000)
one = task()
next(one)
with mprun.section("inner"):
    kept[2] = bytes(40_000)
    thread = threading.Thread(target=next, args=(one, None))
    thread.start()
    thread.join()
    kept[3] = bytes(80_000)
kept[4] = bytes(160_000)
""")
    assert sorted(found) == ["inner", "task"]
    assert 50_000 < found["task"] < 60_000 and 120_000 < found["inner"] < 130_000, found


def whole(folder, text):
    """By name of the section: change of the heap, and seconds."""
    result = harness.profile_program(folder, text)
    return {section["name"]: (section["heap_delta"], section["time_ns"] / 1e9)
            for section in result.profile["sections"]}


def test_tasks_that_run_one_section_at_once(tmp_path):
    """Of one thread, they begin and end in any order: what is changed while one of them is in it
    counts, and counts once. One that nobody ends takes nothing from the others."""
    found = whole(tmp_path, """
import time; __import__("gc").disable()
kept = [None] * 9
def task(name, n):
    with mprun.section(name):
        kept[n] = bytes(1_000_000)
        time.sleep(0.05)
        yield
        kept[n + 1] = bytes(1_000_000)
        time.sleep(0.05)
one, two, three = (task("in turn", n) for n in (0, 2, 4))
for each in one, two, one, three, three, two:
    next(each, None)
first = mprun.section("left")
first.__enter__()
second = mprun.section("left")
second.__enter__()
kept[6] = bytes(1_000_000)
del first
second.__exit__()
""")
    size, seconds = found["in turn"]
    assert 6_000_000 < size < 6_010_000 and 0.29 < seconds < 0.6, found
    assert 1_000_000 < found["left"][0] < 1_010_000, found


def test_what_an_ended_thread_left_is_no_other_threads(tmp_path):
    """Where its block was the next thread has its own: a section begun there is within none."""
    found = whole(tmp_path, """
import threading; __import__("gc").disable()
kept, left = [None] * 20, []
def begin():
    left.append(mprun.section("a"))
    left[-1].__enter__()
def work(n):
    with mprun.section("a"):
        kept[n] = bytes(1_000_000)
def run(*words):
    thread = threading.Thread(target=words[0], args=words[1:])
    thread.start()
    thread.join()
run(begin)
for n in range(20):
    run(work, n)
""")
    size, _ = found["a"]
    assert 20_000_000 < size < 20_100_000, found
