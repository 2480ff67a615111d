# SPDX-License-Identifier: MIT
"""%mprun and %memit in a shell of IPython, the newest and an older one."""

import fcntl
import functools
import json
import os
import subprocess

import pytest

import harness
import within

VERSIONS = {"newest": ("ipython", "mypy"), "older": ("ipython<8.13",)}

SHELL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="NoColor")
def cell(text):
    with capture_output() as captured:
        result = shell.run_cell(text, store_history=True)
    error = result.error_in_exec or result.error_before_exec
    shown = "".join(output.data["text/plain"] for output in captured.outputs)
    return [captured.stdout + captured.stderr + shown,
            type(error).__name__ if error else None]
cell('''%load_ext mprun
import json, mprun
def work(count):
    kept = [0] * count
    return kept
class Reader:
    def load(self):
        return bytearray(10 ** 6)
def calls(profile):
    return {f["qualname"]: f["calls"] for f in profile.functions}
''')
"""


@functools.lru_cache(None)
def made(version):
    """tests/ipython, once; whoever comes second waits until it is made."""
    with open(f"/tmp/mprun-ipython-{os.getuid()}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run([harness.REPO / "tests" / "ipython", harness.PYTHON,
                               *VERSIONS[version]], capture_output=True, check=False, text=True)


@pytest.fixture(params=("newest", pytest.param("older", marks=harness.once)))
def python(request):
    """An interpreter that has IPython."""
    got = made(request.param)
    if got.returncode:
        pytest.skip(f"no IPython for {harness.MINOR}: {got.stderr.strip()[-200:]}")
    return got.stdout.strip()


def cells(tmp_path, python, *texts):
    """What each cell showed, and the exception that it ended with."""
    text = SHELL + f"print(json.dumps([cell(text) for text in {list(texts)!r}]))\n"
    return within.told(tmp_path, text, python=python, timeout=120)


def test_functions(tmp_path, python):
    """Of cells with their text, of classes, of modules; several; none."""
    first, second, third, own = cells(
        tmp_path, python,
        "%mprun -f work work(100_000)",
        "r = %mprun -r -s -f Reader.load -f work Reader().load(); work(10)\nprint(calls(r))",
        "r = %mprun -r -s -f json.dumps json.dumps([1])\nprint(calls(r))",
        "%mprun x = [0] * 1_000_000")
    assert "kept = [0] * count" in first[0] and "1 call" in first[0]
    assert second == ["{'work': 1, 'Reader.load': 1}\n", None]
    assert third == ["{'dumps': 1}\n", None]
    assert "x = [0] * 1_000_000" in own[0] and "+7.6" in own[0]


def test_cells(tmp_path, python):
    """A cell's own lines; a function that it defines; await, from a coroutine of the notebook's."""
    own, defined, waits, value = cells(
        tmp_path, python,
        "%%mprun\nx = [0] * 1_000_000\ny = list(x)\ndel x",
        "%%mprun -f fresh\ndef fresh():\n    return bytearray(2_000_000)\nz = fresh()",
        "%%mprun -f later\nimport asyncio\nasync def later():\n    kept = bytearray(3_000_000)\n"
        "    await asyncio.sleep(0.01)\n    return len(kept)\nv = await later()",
        "print(v, len(z), len(y))")
    assert "y = list(x)" in own[0] and "−7.6" in own[0]
    assert "return bytearray(2_000_000)" in defined[0]
    assert "kept = bytearray(3_000_000)" in waits[0] and waits[1] is None
    assert value[0] == "3000000 2000000 1000000\n"


def test_names_that_are_not_there(tmp_path, python):
    """With what is nearest; nothing has run, and nothing is left on."""
    name, attribute, builtin, pattern, syntax, after = cells(
        tmp_path, python, "%mprun -f wrok work(1)", "%mprun -f Reader.laod work(1)",
        "%mprun -f len work(1)", "%mprun -f a:b,c work(1)", "%mprun -f work work(]",
        "r = %mprun -r -s -f work work(1)\nprint(calls(r))")
    assert "there is no 'wrok'; nearest: work" in name[0] and name[1] == "UsageError"
    assert "'Reader' has no 'laod'; nearest: load" in attribute[0]
    assert "is no Python function" in builtin[0] and "one name each" in pattern[0]
    assert "SyntaxError" in syntax[0]
    assert after == ["{'work': 1}\n", None]


@pytest.mark.parametrize("end, said, error", (
    ("1 / 0", "ZeroDivisionError", "ZeroDivisionError"),
    ("raise SystemExit(3)", "*** SystemExit exception caught", None),
    ("raise KeyboardInterrupt", "*** KeyboardInterrupt exception caught", None),
    ("import os, signal; os.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
     "*** KeyboardInterrupt exception caught", None)))
def test_cells_that_end_otherwise(tmp_path, python, end, said, error):
    """Shown, the shell goes on, and the next one works."""
    shown, after = cells(tmp_path, python, f"%%mprun\nimport time\nx = [0] * 1_000_000\n{end}",
                         "r = %mprun -r -s -f work work(1)\nprint(calls(r), mprun.current().heap)")
    assert "x = [0] * 1_000_000" in shown[0] and said in shown[0] and shown[1] == error
    assert after == ["{'work': 1} None\n", None]


def test_file_and_display(tmp_path, python):
    """-T; what a notebook gets."""
    saved, shown = cells(
        tmp_path, python, "%mprun -s -T report.txt -f work work(7)",
        "r = %mprun -r -s -f work work(7)\nprint(json.dumps(r._repr_mimebundle_()))")
    assert saved[0] == "*** Profile printout saved to text file report.txt.\n"
    assert "kept = [0] * count" in (tmp_path / "report.txt").read_text()
    bundle = json.loads(shown[0])
    assert sorted(bundle) == ["text/html", "text/plain"] and "<script" not in bundle["text/html"]


def test_memit(tmp_path, python):
    """A peak that no look would see; set-up is not measured; -o, -q."""
    line, cell, result = cells(
        tmp_path, python, "%memit [0] * 10_000_000", "%%memit a = [0] * 5_000_000\nb = list(a)",
        "r = %memit -r 3 -o -q len(a)\nprint(r.repeat, len(r.mem_usage))\nr")
    increments = [float(text.split("increment: ")[1].split()[0]) for text, _ in (line, cell)]
    assert line[0].startswith("peak memory: ") and 74 < increments[0] < 79
    assert 36 < increments[1] < 41
    assert result[0].startswith("3 3\n") and "peak memory: " in result[0]


@harness.once
def test_two_hundred_in_one_kernel(tmp_path, python):
    """No descriptor, no file and little memory stays."""
    if "mypy" not in python:
        pytest.skip("the newest IPython is enough")
    text = SHELL + """
import gc, os, mprun
def state():
    gc.collect()
    return [len(os.listdir("/proc/self/fd")), mprun.memory_usage()[0]]
for i in range(220):
    if i == 20:
        before = state()
    shell.run_cell("%mprun -s -f work work(1000)", store_history=False)
after = state()
print(json.dumps([after[0] - before[0], after[1] - before[1],
                  len(os.listdir(os.environ["XDG_CACHE_HOME"] + "/mprun"))]))
"""
    descriptors, grown, files = within.told(tmp_path, text, python=python, timeout=120)
    assert descriptors == 0 and files == 1
    assert grown < 5


@harness.once
def test_types(python):
    """mypy --strict finds nothing in the package."""
    if "mypy" not in python:
        pytest.skip("mypy is with the newest IPython")
    checked = subprocess.run([python, "-m", "mypy", "--strict", "--cache-dir", "/dev/null",
                              within.PACKAGE / "mprun"],
                             stdout=subprocess.PIPE, check=False, text=True, timeout=120)
    assert checked.returncode == 0, checked.stdout
