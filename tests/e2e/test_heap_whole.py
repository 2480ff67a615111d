# SPDX-License-Identifier: MIT
"""The heap of the whole program: RSS explained, budgets, the lists of sites, and what mprun itself takes and
changes, which is nothing that a program could notice."""

import json
import os
import pathlib
import re
import time

import pytest

import harness

MIB = 1 << 20


# --- RSS explained

EXPLAINED = (
    "kept = [[i] for i in range(300_000)]",
    "import json, sqlite3, ssl, decimal, email, http.client, xml.dom.minidom",
    "import numpy as np\nkept = np.ones(10_000_000)\nfree = np.zeros(50_000_000)",
    "import zlib\nkept = [zlib.compress(bytes(100000)) for _ in range(200)]",
    "kept = [str(i) * 10 for i in range(200_000)]\ndel kept[::2]",
    "import mmap\nm = mmap.mmap(-1, 64 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
    "m[: 16 << 20] = bytes(16 << 20)",
    "import threading\n[threading.Thread(target=print).start() for _ in range(20)]",
)


@pytest.mark.parametrize("text", EXPLAINED, ids=range(len(EXPLAINED)))
def test_rss_is_explained(tmp_path, host, text):
    """What the terms do not explain is at most 3 % of RSS."""
    heap = harness.profile_program(tmp_path, text, "-q", host=host).profile["heap"]
    terms = heap["reconciliation"]
    parts = sum(terms[key] for key in (
        "python", "native", "interpreter", "files", "shared", "slack_python", "slack_malloc",
        "unexplained")) - terms["untouched"]
    assert parts == terms["rss"]
    assert abs(terms["unexplained"]) <= 0.03 * terms["rss"], terms
    assert all(terms[key] >= 0 for key in ("untouched", "interpreter", "slack_python")), terms


RESERVED = """
import ctypes
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
def reserve(size):
    start = libc.mmap(None, size, 3, 0x4022, -1, 0)
    assert start not in (None, 2 ** 64 - 1)
    return start
def touch(start):
    ctypes.memset(start, 1, 4096)
TIB = 1 << 40
"""

RESERVATIONS = {
    "nothing": (40, "reserve(40 * TIB)"),
    "first_and_last": (40, "a = reserve(40 * TIB)\ntouch(a)\ntouch(a + 40 * TIB - 4096)"),
    "neighbours": (40, "a, b = reserve(20 * TIB), reserve(20 * TIB)\ntouch(a)\ntouch(b)"),
    "hole": (40, "a = reserve(60 * TIB)\nlibc.munmap(a + 20 * TIB, 20 * TIB)\ntouch(a)\n"
                 "touch(a + 50 * TIB)"),
}


@pytest.mark.parametrize("size, text", RESERVATIONS.values(), ids=RESERVATIONS)
def test_reserved_terabytes(tmp_path, size, text):
    """The end comes at once, and nearly nothing of them is resident."""
    start = time.monotonic()
    result = harness.profile_program(tmp_path, RESERVED + text, "-q")
    assert time.monotonic() - start < 15
    terms = result.profile["heap"]["reconciliation"]
    assert abs((size << 40) - terms["untouched"]) < 16 << 20, terms
    assert abs(terms["unexplained"]) <= 0.03 * terms["rss"] + 300_000, terms


MAPPED = """
import mmap, os
MIB = 1 << 20
with open("data", "wb") as out:
    out.write(b"x" * (24 * MIB))
data = open("data", "r+b")
def touch(memory, size):
    return sum(memory[i] for i in range(0, size, 4096))
"""
# What is mapped; MiB of files and of shared memory.
MAPS = {
    "file": ("m = mmap.mmap(data.fileno(), 0, prot=mmap.PROT_READ)\ntouch(m, 24 * MIB)", 24, 0),
    "file_written": ("m = mmap.mmap(data.fileno(), 0)\nm[:16 * MIB] = bytes(16 * MIB)", 16, 0),
    "file_copied": ("m = mmap.mmap(data.fileno(), 0, access=mmap.ACCESS_COPY)\n"
                    "m[:16 * MIB] = bytes(16 * MIB)", 16, 0),
    "part": ("m = mmap.mmap(data.fileno(), 8 * MIB, prot=mmap.PROT_READ, offset=8 * MIB)\n"
             "touch(m, 8 * MIB)", 8, 0),
    "anonymous": ("m = mmap.mmap(-1, 24 * MIB)\nm[:16 * MIB] = bytes(16 * MIB)", 0, 16),
    "memfd": ("fd = os.memfd_create('some')\nos.truncate(fd, 24 * MIB)\n"
              "m = mmap.mmap(fd, 0)\nm[:16 * MIB] = bytes(16 * MIB)", 0, 16),
    "shared_memory": ("from multiprocessing import shared_memory\n"
                      "s = shared_memory.SharedMemory(create=True, size=24 * MIB)\ns.unlink()\n"
                      "s.buf[:16 * MIB] = bytes(16 * MIB)", 0, 16),
    "numpy": ("import numpy\nm = numpy.memmap('data', mode='r')\nm.sum()", 24, 0),
    "both": ("m = mmap.mmap(data.fileno(), 0, prot=mmap.PROT_READ)\ntouch(m, 24 * MIB)\n"
             "n = mmap.mmap(-1, 16 * MIB)\nn[:] = bytes(16 * MIB)", 24, 16),
    "gone": ("m = mmap.mmap(data.fileno(), 0, prot=mmap.PROT_READ)\ntouch(m, 24 * MIB)\nm.close()",
             0, 0),
    "libraries": ("import ctypes, _ssl, _sqlite3, _decimal", 0, 0),
}


@pytest.mark.parametrize("name", MAPS)
def test_maps_have_terms_of_their_own(tmp_path, host, name):
    """Files and shared memory that the program maps; libraries are the interpreter's."""
    text, files, shared = MAPS[name]
    result = harness.profile_program(tmp_path, MAPPED + text, host=host, cwd=tmp_path)
    terms = result.profile["heap"]["reconciliation"]
    assert abs(terms["files"] - files * MIB) < MIB // 8, terms
    assert abs(terms["shared"] - shared * MIB) < MIB // 8, terms
    assert terms["interpreter"] < 40 * MIB and abs(terms["unexplained"]) < MIB, terms


def test_maps_in_the_report(tmp_path, host):
    """The line has the terms that are there."""
    path = harness.write_program(tmp_path, MAPPED + MAPS["both"][0])
    text = harness.run([harness.MPRUN, "--host", host, "--python", harness.PYTHON, path],
                       cwd=tmp_path).stdout.decode()
    assert "+ mapped files 24.0 + shared 16.0" in " ".join(text.split()), text
    text = harness.run([harness.MPRUN, "--host", host, "--python", harness.PYTHON, "-c", "1"])
    assert b"mapped" not in text.stdout and b"shared" not in text.stdout


def test_own_maps_are_not_the_programs(tmp_path, host):
    """Each thread that runs selected code gets a fault ring where there are some: no map of its."""
    text = ("import threading\ndef work():\n    return [0] * 1000\n"
            "some = [threading.Thread(target=work) for _ in range(8)]\n"
            "for each in some:\n    each.start()\nfor each in some:\n    each.join()\n")
    profile = harness.profile_program(tmp_path, text, host=host).profile
    apart = profile["heap"]["maps_apart"]
    assert apart["shared"] == apart["files"] == 0, profile["engines"]["rss"]


# --- budgets

def test_budgets(tmp_path, host):
    """Over a budget: the report, a line that names the worst line, status 3; else nothing."""
    text = "def work():\n    kept.append(bytes(10 << 20))\nkept = []\nwork()\n"
    path = harness.write_program(tmp_path, text)

    def run(*options):
        return harness.run([harness.MPRUN, "--host", host, *options, path], cwd=tmp_path)

    for options in (["--max-peak-heap", "20MiB"], ["--max-leak", "11MiB"],
                    ["--max-peak-rss", "100MiB"]):
        result = run(*options)
        assert result.status == 0 and not result.own_lines, str(result)
    for options, words in ((["--max-peak-heap", "5MiB"], "the heap's peak is 1"),
                           (["--max-leak", "1M"], "still live at the end is 10.0 MiB"),
                           (["--max-peak-rss", "8MiB"], "the peak of RSS is ")):
        result = run(*options)
        assert result.status == 3 and b"work" in result.stdout, str(result)
        assert len(result.own_lines) == 1 and words in result.own_lines[0], str(result)
        assert "user.py:2" in result.own_lines[0] and options[0] in result.own_lines[0]
    failing = harness.write_program(tmp_path, text + "raise SystemExit(7)\n", "failing.py")
    result = harness.run([harness.MPRUN, "-q", "--max-leak", "1", failing], cwd=tmp_path)
    assert result.status == 7 and result.own_lines, str(result)
    for options in (["--no-heap", "--max-leak", "1M"], ["--rss", "off", "--max-peak-rss", "1M"]):
        result = run(*options)
        assert result.status == 125 and options[-2] in result.own_lines[0], str(result)


# --- the text report

def test_top_sites(tmp_path, host):
    """Lists of sites, with and without a function selected; none with --top 0; packages folded."""
    text = "import json\nkept = json.loads('[' + '[1000000],' * 50000 + '0]')\n"
    path = harness.write_program(tmp_path, text)

    def run(*options):
        result = harness.run([harness.MPRUN, "--host", host, "--no-legend", *options, path],
                             cwd=tmp_path)
        assert result.status == 0, str(result)
        return result.stdout.decode()

    full, none, folded = run(), run("--top", "0"), run("--fold-packages")
    for title in ("Held at the heap's peak", "Still live at the end", "Most allocated"):
        assert title in full and title not in none
    assert re.search(r"^RSS +[\d.]+ = heap [\d.]+ \(python", full, re.M) and " = heap" not in none
    assert "json/decoder.py:" in full and "json  (package)" in folded
    assert "json/decoder.py:" not in folded
    one = run("--top", "1")
    assert len(re.findall(r"user.py:2|decoder.py:\d+", one)) < len(
        re.findall(r"user.py:2|decoder.py:\d+", full))


def test_whose_code_it_is(tmp_path, host):
    """A folder of the user's that is called like an interpreter's holds the user's own code, which
    patterns reach and no package sums up."""
    folder = tmp_path / "lib" / "python3.9"
    folder.mkdir(parents=True)
    path = harness.write_program(folder, "import json\n\ndef f():\n    return json.loads('[[1]]')\n"
                                         "kept = [f() for _ in range(1000)]\n")
    out = tmp_path / "out.json"
    result = harness.run([harness.MPRUN, "--host", host, "--fold-packages", "--func", "f",
                          "-o", str(out), path], cwd=tmp_path)
    assert result.status == 0, str(result)
    sites = json.loads(out.read_text())["sites"]
    own = [site for site in sites if site["file"] == str(path)]
    assert own and all(site["package"] is None for site in own), sites
    assert any(site["package"] == "json" and site["file"] is None for site in sites), sites


# --- nothing is changed

PERTURBED = (
    "import json\nx = json.dumps({str(i): [i] * 10 for i in range(20000)})\nprint(hash(x) == "
    "hash(json.dumps(json.loads(x))), len(x))",
    "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('create table t(a, b)')\n"
    "c.executemany('insert into t values (?, ?)', ((i, str(i)) for i in range(20000)))\n"
    "print(c.execute('select sum(a), max(b) from t').fetchone())",
    "import numpy as np\na = np.arange(1e6)\nprint(float((a * a).sum()), np.sort(a)[::-1][:3])",
    "import ctypes\nb = ctypes.create_string_buffer(1 << 20)\nctypes.memset(b, 65, 100)\n"
    "print(b.value[:5], ctypes.sizeof(b))",
    "import threading\nx = []\nts = [threading.Thread(target=x.append, args=(i,)) for i in range(50)]"
    "\n[t.start() for t in ts]\n[t.join() for t in ts]\nprint(sorted(x)[:5], len(x))",
    "import multiprocessing\nif __name__ == '__main__':\n    with multiprocessing.Pool(2) as p:\n"
    "        print(p.map(abs, range(-100, 0))[:3])",
    "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(len([0]*1000000))'],"
    " capture_output=True).stdout)",
)


@pytest.mark.parametrize("text", PERTURBED, ids=range(len(PERTURBED)))
def test_results_and_rss_stay(tmp_path, host, text):
    """The same output as without, and the same RSS: mprun's own memory is not in it. Where the kernel
    puts arenas differs from run to run, and with it which of them become free: the least of some."""
    runs = [[harness.profile_program(tmp_path, text, *options, host=host) for _ in range(3)]
            for options in ((), ("--no-heap",))]
    bare = harness.run_python([str(tmp_path / "user.py")])
    assert {run.stdout for both in runs for run in both} == {bare.stdout}
    for key, slack in (("start", MIB // 2), ("peak", MIB // 2), ("end", 5 * MIB // 2)):
        first, second = (min(run.profile["rss"][key] for run in both) for both in runs)
        assert abs(first - second) < slack + 0.02 * second, (key, first, second)


def test_nothing_given_back_is_held_at_the_end(tmp_path, host):
    """What mprun makes at the program's end may stand in memory that the program has given back (3.14 keeps
    freed functions of C for the next ones)."""
    text = "put = out = []\nput = out.append\nput = None\n"
    result = harness.profile_program(tmp_path, text, "-q", host=host)
    rows = {row["line"]: row for row in result.function("<module>")["rows"]}
    assert rows[2]["live_at_end"] == 0, rows[2]


def test_hooks_have_no_locked_instruction():
    """What runs under the GIL: no lock prefix, and of calls on the way of a known line the allocator's
    alone. Other calls stand off that way: behind the function's end."""
    host = pathlib.Path(harness.MPRUN).parent / f"libmprun-host-{harness.MINOR}.so"
    for hook in (f"{domain}_{call}" for domain in ("mem", "obj")
                 for call in ("malloc", "calloc", "free", "realloc")):
        text = harness.run(["/usr/bin/objdump", "-d", "--no-show-raw-insn", f"--disassemble={hook}",
                            str(host)]).stdout.decode()
        code = text[text.index(f"<{hook}>:"):]
        assert len(code.splitlines()) > 30
        assert not re.search(r"\block\b|\bxchg\b.*\(", code), hook
        end = re.search(r"\bret\b|\bjmp +\*", code)  # or a jump to the allocator
        before_return = code[:end.start()]
        calls = [line for line in before_return.splitlines() if re.search(r"\bcall\b", line)
                 and f"<{hook}>:" not in line]
        known = ("*", "PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet",
                 "mpr_node_special")  # whose GIL it is from 3.12 on; no frame, not on the way
        assert all(any(name in line for name in known) for line in calls), calls


def test_own_memory(tmp_path, host):
    """The block table is a share of the heap: small objects, big arrays."""
    base, small, big = (
        harness.profile_program(tmp_path, text, host=host).profile
        for text in ("pass", "kept = [[i] for i in range(500_000)]",
                     "kept = [bytes(1 << 20) for _ in range(200)]"))
    base = base["rss"]["own"]
    assert small["rss"]["own"] - base < 0.35 * small["heap"]["peak"]
    assert big["rss"]["own"] - base < 0.01 * big["heap"]["peak"]
    assert base < 3 * MIB


def test_recording_stays_small(tmp_path, host):
    """Millions of allocations take no more room in the recording than one."""
    count = 100_000_000 if os.environ.get("MPRUN_LONG") else 5_000_000
    text = f"def work():\n    for i in range({count}):\n        x = [i]\nwork()\n"
    result = harness.profile_program(tmp_path, text, "-f", "work", host=host, timeout=600)
    assert result.profile["heap"]["allocations"] >= count
    assert result.profile["rss"]["own"] < 5 * MIB


CLEARED = """
import atexit
{when}
keep = [bytes(1000) for i in range(10_000)]
"""


@pytest.mark.parametrize("when", ["atexit._clear()", "atexit.register(atexit._clear)"])
def test_heap_exit_handlers_cleared(when, tmp_path, host):
    """What is live at the end is known all the same."""
    result = harness.profile_program(tmp_path, CLEARED.format(when=when), host=host)
    rows = {row["line"]: row for row in result.profile["functions"][0]["rows"]}
    assert rows[4]["live_at_end"] > 9_900_000, rows[4]
