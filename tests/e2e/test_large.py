# SPDX-License-Identifier: MIT
"""Long and large programs: nothing is lost, or the loss is reported, and memory stays bounded.

MPRUN_LONG=1 in the environment takes ten times as many line events. The figures printed (pytest -s)
are those of docs/measured.md.
"""

import os
import re
import subprocess
import time

import harness

LONG = os.environ.get("MPRUN_LONG", "") not in ("", "0")
MIB = 1 << 20


def high_water(pid):
    """VmHWM of a process in bytes, shared pages of the recording included; 0 once it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as status:
            found = re.search(r"VmHWM:\s*(\d+) kB", status.read())
    except OSError:
        return 0
    return int(found[1]) << 10 if found else 0


def measure(tmp_path, program, *options, limit=120):
    """(profile, supervisor's VmHWM, seconds) of a program's run."""
    script = tmp_path / "script.py"
    script.write_text(program, encoding="utf-8")
    profile = tmp_path / "profile.json"
    argv = harness.mprun_argv(
        [str(script)], ("-q", "-o", str(profile), "--format", "json", *options), "interpreter")
    start, highest = time.monotonic(), 0
    with open(tmp_path / "output", "wb") as output:
        process = subprocess.Popen(argv, cwd=tmp_path, env=harness.environment(None),
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        while process.poll() is None:
            highest = max(highest, high_water(process.pid))
            if time.monotonic() - start > limit:
                process.kill()
            time.sleep(0.005)
    seconds = time.monotonic() - start
    assert highest, "it ended before it was looked at"
    assert process.returncode == 0, (tmp_path / "output").read_text()
    read = harness.read_profile(profile)
    return read, highest, seconds


def say(what, profile, highest, seconds):
    """A row of the table in docs/measured.md."""
    print(f"\n| {what} | {seconds:.1f} s | {highest / MIB:.1f} MiB "
          f"| {profile['rss']['own'] / MIB:.1f} MiB | {profile['dropped']} |")


LOOP = """
def work(n):
    total = 0
    for i in range(n):
        total += i
    return total
work({})
"""


def test_many_line_events(tmp_path):
    """Memory does not grow with the number of events."""
    count = 50_000_000 if LONG else 5_000_000
    profile, highest, seconds = measure(tmp_path, LOOP.format(count), "--func", "work", limit=600)
    say(f"{2 * count:.0e} line events", profile, highest, seconds)
    (work,) = profile["functions"]
    assert [row["hits"] for row in work["rows"]] == [0, 1, count + 1, count, 1]
    assert profile["engines"]["events"] >= 2 * count
    assert profile["dropped"] == 0
    assert highest < 16 * MIB
    assert profile["rss"]["own"] < 4 * MIB


THREADS = """
import threading
def step(n):
    return n + 1
for n in range(10_000):
    thread = threading.Thread(target=step, args=(n,))
    thread.start()
    thread.join()
"""


def test_many_threads_one_after_another(tmp_path):
    """What a thread needed is used again by the next ones."""
    profile, highest, seconds = measure(tmp_path, THREADS, "--func", "step")
    say("10^4 threads one after another", profile, highest, seconds)
    (step,) = profile["functions"]
    assert step["calls"] == 10_000
    assert step["rows"][1]["hits"] == 10_000
    assert profile["dropped"] == 0
    assert highest < 16 * MIB
    assert profile["rss"]["own"] < 16 * MIB


def test_many_selected_functions(tmp_path):
    """Each is reported; the recording takes some hundred bytes for one."""
    count = 100_000
    program = "".join(f"def f{n}():\n    return {n}\n" for n in range(count))
    program += "for f in [*globals().values()]:\n    if hasattr(f, '__code__'):\n        f()\n"
    profile, highest, seconds = measure(tmp_path, program, "--func", "f*")
    say("10^5 selected functions", profile, highest, seconds)
    called = [f for f in profile["functions"] if f["calls"] == 1]
    assert len(called) == count
    assert profile["dropped"] == 0
    assert highest < 400 * MIB
    # The block table is a share of the heap, which here is what compiling the program took.
    assert profile["rss"]["own"] < 96 * MIB + 0.35 * profile["heap"]["peak"]
