# SPDX-License-Identifier: MIT
"""The package where nothing is measured, and in a program that mprun runs."""

import json
import subprocess

import pytest

import harness
import within

NAMES = """
import json, mprun
from mprun import mark, snapshot, section, profile
@mprun.profile
def bare(): return 1
@profile(stream=None, precision=4)
def called(): return 2
@mprun
def module(): return 3
@section("s")
def in_section(): return 4
def plain(): return 5
same = mprun.profile(plain) is plain
mark("m")
with section("part") as part, profile:
    shot = snapshot("shot")
mprun.enable_by_count(); mprun.disable_by_count()
shot.filter_traces([mprun.Filter(True, "*"), mprun.DomainFilter(False, "mmap")])
profile.enable_by_count(); profile.enable(); profile.disable(); profile.disable_by_count()
mprun.reset_peak()
now = mprun.current()
print(json.dumps([bare(), called(), module(), in_section(), same, part.name, shot.name,
                  shot.top(1), shot.compare_to(shot), now.heap, now.rss_peak, len(now)]))
"""


def test_idle(tmp_path):
    """All names are there, and do nothing."""
    assert within.told(tmp_path, NAMES) == [
        1, 2, 3, 4, True, "part", "shot", [], [], None, None, 6]


@pytest.mark.parametrize("name", ("mark", "section", "snapshot"))
def test_idle_names_are_text(tmp_path, name):
    """As in a measured program."""
    result = within.run(tmp_path, f"import mprun; mprun.{name}(3)", status=1)
    assert f"TypeError: {name}() takes a str, not int".encode() in result.stderr


COST = """
import json, sys, time, mprun
def f(): pass
def timed(call):
    best = 1e9
    for _ in range(7):
        begin = time.perf_counter()
        for _ in range(100_000):
            call()
        best = min(best, time.perf_counter() - begin)
    return best / 100_000
bare = timed(f)
print(json.dumps([timed(mprun.profile(f)) - bare, timed(lambda: mprun.profile(f))]))
"""


def test_cost_of_decorated_calls(tmp_path):
    """The function itself is called; the bars are 0.1 µs and 2 µs."""
    call, decoration = within.told(tmp_path, COST)
    assert call < 1e-7
    assert decoration < 1e-5


IMPORT = """
import json, sys, threading, atexit, builtins, os
before = set(sys.modules), set(vars(builtins)), atexit._ncallbacks(), list(sys.meta_path)
import mprun
after = set(sys.modules), set(vars(builtins)), atexit._ncallbacks(), list(sys.meta_path)
print(json.dumps([sorted(after[0] - before[0]), before[1:] == after[1:]]))
"""


def test_import_hooks_nothing(tmp_path):
    """It loads nothing but its own light modules."""
    modules, same = within.told(tmp_path, IMPORT)
    assert [name for name in modules if name.split(".")[0] not in ("mprun", "__future__")] == []
    assert "mprun._profiler" not in modules
    assert same


UNDER = """
import json, sys, mprun
from mprun import mark
def work():
    return bytearray(3_000_000)
@mprun.profile
def decorated():
    return len(work())
with mprun.Profiler([work]) as profiler:
    decorated()
mark("here")
with mprun.section("part"):
    kept = bytearray(1_000_000)
print(json.dumps([profiler.profile.functions, profiler.profile.notes, profiler.profile.path,
                  mprun.current().heap > 1_000_000, type(mprun.snapshot("s").top(1)[0]).__name__,
                  mprun.__file__.endswith("__init__.py"),
                  issubclass(mprun.SessionError, mprun.Error)]))
try:
    profiler.profile.to_dict()
except mprun.ProfileError as reason:
    print(reason)
"""


@pytest.mark.parametrize("host", harness.HOSTS)
def test_under_mprun(tmp_path, host):
    """The session that is there is used: one report, mprun's; all names are complete."""
    script = tmp_path / "program.py"
    script.write_text(UNDER)
    result = harness.run_mprun([str(script)], tmp_path / "run.json", host=host,
                               env=within.environment(tmp_path))
    assert result.status == 0, str(result)
    first, second = result.stdout.decode().splitlines()
    assert json.loads(first) == [[], ["mprun runs this program: its report, at the end, has the "
                                      "figures."], None, True, "Statistic", True, True]
    assert second == json.loads(first)[1][0]
    assert {f["qualname"]: f["calls"] for f in result.profile["functions"]} == {
        "work": 1, "decorated": 1}
    assert 3_000_000 < result.function("work")["rows"][1]["heap_allocated"] < 3_000_100
    assert [mark["name"] for mark in result.profile["marks"]] == ["here", "s"]
    assert [part["name"] for part in result.profile["sections"]] == ["part"]


CHILD = """
import mprun, os, subprocess, sys
def work(): return bytearray(1000)
def tell():
    with mprun.Profiler([work]) as profiler:
        work()
    print(profiler.profile.notes[0][:22], flush=True)
if len(sys.argv) > 1:
    tell()
else:
    if os.fork() == 0:
        tell()
        os._exit(0)
    os.wait()
    subprocess.run([sys.executable, __file__, "child"], check=True)
    tell()
"""


def test_children_under_mprun(tmp_path):
    """They are not measured, and told so."""
    script = tmp_path / "program.py"
    script.write_text(CHILD)
    result = harness.run_mprun([str(script)], tmp_path / "run.json",
                               env=within.environment(tmp_path))
    assert result.stdout.decode().splitlines() == ["Nothing is measured he"] * 2 + [
        "mprun runs this progra"], str(result)


USAGE = """
import json, mprun, os, subprocess, sys, time
calls = []
def work(size, *, more=0):
    calls.append(size)
    return len(bytearray(size + more))
peak, value = mprun.memory_usage((work, (60_000_000,), {"more": 5}), max_usage=True, retval=True)
before = mprun.memory_usage()
one = mprun.memory_usage(-1, interval=0.01, timeout=0.1, timestamps=True)
begin = time.monotonic()
levels = mprun.memory_usage((time.sleep, (0.4,)), interval=0.02, timeout=0.1)
slept = time.monotonic() - begin
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.5)"])
seen = mprun.memory_usage(child, interval=0.05, timeout=0.2)
alive = child.poll() is None
child.kill(); child.wait()
errors = []
for what in (2 ** 22 + 1, "x"):
    try:
        mprun.memory_usage(what)
    except (mprun.Error, TypeError) as reason:
        errors.append(type(reason).__name__)
print(json.dumps([calls, value, peak - before[0], len(before), len(one) > 5, len(one[0]),
                  len(levels), slept, len(seen), alive, errors]))
"""


def test_memory_usage(tmp_path):
    """A function runs once, and its peak is the kernel's; a timeout ends the looking, nothing else;
    nobody is killed."""
    calls, value, rise, once, many, pair, levels, slept, seen, alive, errors = within.told(
        tmp_path, USAGE)
    assert (calls, value, once, many, pair, alive) == ([60_000_000], 60_000_005, 1, True, 2, True)
    assert 55 < rise < 62
    assert 4 <= levels <= 9 and slept >= 0.4
    assert seen > 1
    assert errors == ["Error", "TypeError"]


@harness.once
def test_load(tmp_path):
    """A profile that mprun has saved; what is none is refused with the reason."""
    script = tmp_path / "saved.py"
    script.write_text("def work():\n    return bytearray(2_000_000)\nwork()\n")
    saved = tmp_path / "run.mprun"
    subprocess.run([harness.MPRUN, "-q", "-o", saved, "-f", "work", "--python", harness.PYTHON,
                    script], check=True)
    (tmp_path / "none.mprun").write_text("nothing")
    names, html, refused, missing = within.told(tmp_path, """
import json, mprun, sys
profile = mprun.Profile.load("run.mprun")
profile.save("copy.mprun")
profile.save("report.json")
assert mprun.Profile.load("copy.mprun").rows == profile.rows
assert mprun.Profile.load("report.json").rows == profile.rows
assert "2_000_000" in profile.text() and profile.sites and not profile.path.endswith("copy.mprun")
bundle = profile._repr_mimebundle_()
def refusal(path):
    try:
        mprun.Profile.load(path)
    except mprun.ProfileError as reason:
        return str(reason)
print(json.dumps([[row["function"] for row in profile.rows], bundle["text/html"],
                  refusal("none.mprun"), refusal("missing.mprun")]))
""")
    assert names == ["work", "work"]
    assert "<script" not in html and "return bytearray(2_000_000)" in html
    assert "none.mprun" in refused and "missing.mprun" in missing


@harness.once
def test_html_is_escaped(tmp_path):
    """Names and sources are the program's."""
    script = tmp_path / "x<b>&\"'.py"
    script.write_text("def work():\n    return '<script>alert(1)</script>' + \"&amp;\"\nwork()\n")
    saved = tmp_path / "run.json"
    subprocess.run([harness.MPRUN, "-q", "-o", saved, "-f", "work", "--python", harness.PYTHON,
                    script], check=True)
    html = within.told(tmp_path, "import json, mprun\nprint(json.dumps(mprun.Profile.load("
                       "'run.json')._repr_mimebundle_()['text/html']))")
    assert "<script>" not in html and "x<b>" not in html
    assert "&lt;script&gt;alert(1)" in html and "&amp;amp;" in html


DOCTESTS = """
import doctest, importlib, json, os, mprun
modules = sorted(name[:-3] for name in os.listdir(os.path.dirname(mprun.__file__))
                 if name.endswith(".py") and name not in ("__main__.py", "ipython.py"))
found = {}
for name in modules:
    module = mprun if name == "__init__" else importlib.import_module("mprun." + name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    found[name] = [result.attempted, result.failed]
print(json.dumps(found))
"""


def test_examples_of_docstrings(tmp_path):
    """They run as they stand."""
    found = within.told(tmp_path, DOCTESTS)
    assert {name for name, (_, failed) in found.items() if failed} == set()
    assert all(found[name][0] for name in ("__init__", "_profiler", "_profile", "_usage", "_idle",
                                           "_decorator"))


@harness.once
def test_as_a_module(tmp_path):
    """python -m mprun is the command, for the interpreter that runs."""
    script = tmp_path / "program.py"
    script.write_text("import sys\nprint(sys.executable)\n")
    environment = within.environment(tmp_path)
    result = harness.run_python(["-m", "mprun", "-q", str(script)], env=environment)
    assert result.stdout.decode().strip() == harness.PYTHON, str(result)
    gone = harness.run_python(["-m", "mprun"], env={**environment, "MPRUN": "/nowhere/mprun"})
    assert gone.status == 125 and b"mprun: " in gone.stderr
