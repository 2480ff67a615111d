# SPDX-License-Identifier: MIT
"""Sessions that begin in a Python that runs: what they measure, and what they leave."""

import json
import pathlib
import subprocess

import pytest

import harness

BUILD = pathlib.Path(harness.MPRUN).parent
HERE = pathlib.Path(__file__).parent


def run(tmp_path, text, *words, timeout=120):
    """Run a program that has `late`; what it prints last is JSON."""
    script = tmp_path / "late_program.py"
    script.write_text(text)
    result = harness.run([harness.PYTHON, str(script), *words], timeout=timeout, env={
        "LATE_BUILD": str(BUILD), "PYTHONPATH": str(HERE)})
    assert result.status == 0, str(result)
    return json.loads(result.stdout.splitlines()[-1])


AGAIN = """
import json, threading, time
import late

running = True
def busy():
    while running:
        [bytearray(100) for i in range(50)]
        dict.fromkeys(range(20))
        time.sleep(0.0005)

def work():
    kept = []
    for i in range(50):
        kept.append(bytearray(1000))
    del kept
    return sum(range(100))

def measure():
    with late.Session("work", heap=HEAP, rss=RSS) as session:
        work()
    [function] = session.profile["functions"]
    return [{name: row[name] for name in FIGURES} for row in function["rows"]]

threads = [threading.Thread(target=busy) for i in range(THREADS)]
for thread in threads:
    thread.start()
measure()
measure()
before, maps = late.state(), late.maps()
first = measure()
for i in range(COUNT):
    last = measure()
after, more = late.state(), late.maps() - maps
running = False
for thread in threads:
    thread.join()
changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
print(json.dumps([first, last, repr(changed), more]))
"""


@pytest.mark.parametrize("threads", (0, 2))
@pytest.mark.parametrize("heap, rss", ((True, "auto"), (False, "every-line"), (True, "off")))
def test_again_and_again(tmp_path, heap, rss, threads):
    """A thousand sessions in one process: the last one's figures are those of the first, and nothing
    is left of any."""
    count = 1000 if threads and heap and rss == "auto" else 100
    figures = ("line", "hits") + (("heap_delta", "heap_allocated", "spike") if heap else ())
    text = f"HEAP, RSS, THREADS, COUNT, FIGURES = {(heap, rss, threads, count, figures)!r}\n" + AGAIN
    first, last, changed, more = run(tmp_path, text)
    assert first == last
    assert changed == "{}"
    assert more < 10  # the program's arenas, and mprun's own memory where it had to grow
    assert sum(row["hits"] for row in first) > 100
