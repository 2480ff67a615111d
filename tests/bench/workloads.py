# SPDX-License-Identifier: MIT
"""Bench: workloads that allocate, `workloads.py NAME SIZE`. Five of our own, and programs that nobody here
wrote: the standard library's and pytest's code at work. Prints the time around `outer`."""

import sys
import time


class Slotted:
    __slots__ = ("a", "b", "c")

    def __init__(self, a, b, c):
        self.a = a
        self.b = b
        self.c = c

    def total(self):
        return self.a + self.b + self.c


def window(size):
    """Tuples, strings and lists that live for a while."""
    kept = []
    for i in range(30_000 * size):
        kept.append(((i, i + 1), str(i), [i, i]))
        if len(kept) > 1000:
            kept = kept[500:]
    return len(kept)


def comprehensions(size):
    """Two large comprehensions, in a function that is not watched."""
    a = [i * 1.5 for i in range(50_000 * size)]
    b = {i: str(i) for i in range(20_000 * size)}
    return len(a) + len(b)


def json_round(size):
    """json there and back."""
    import json
    data = {f"k{i}": [i, i * 2.5, f"s{i}", {"a": i}] for i in range(3_000)}
    for _ in range(2 * size):
        data = json.loads(json.dumps(data))
    return len(data)


def numpy_work(size):
    """Arithmetic, sort and concatenation of arrays."""
    import numpy as np
    a = np.random.default_rng(1).random(400_000)
    for _ in range(3 * size):
        b = a * 2 + np.sqrt(a)
        b.sort()
        a = np.concatenate([b[::2], b[1::2]]) / b.max()
    return float(a.sum())


def objects(size):
    """Calls and slotted objects."""
    total = 0
    for i in range(40_000 * size):
        total += Slotted(i, 1, 2).total()
    return total


def compile_library(size):
    """Parse, unparse and compile modules of the standard library."""
    import ast
    import glob
    import os
    paths = sorted(glob.glob(os.path.dirname(os.__file__) + "/[a-e]*.py"))[: 4 * size]
    count = 0
    for path in paths:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
        count += len(ast.unparse(tree)) + len(compile(tree, path, "exec").co_consts)
    return count


def run_pytest(size):
    """pytest over a file of small tests."""
    import contextlib
    import io
    import os
    import tempfile
    import pytest
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "test_small.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write("import pytest\n@pytest.mark.parametrize('n', range(%d))\n"
                       "def test(n):\n    assert [n] * 3 == [n, n, n]\n" % (40 * size))
        with contextlib.redirect_stdout(io.StringIO()):
            return int(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", path]))


def mails(size):
    """Mails built, printed and parsed."""
    import email
    import email.message
    count = 0
    for i in range(60 * size):
        mail = email.message.EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = f"mail {i}", "a@example.org", "b@example.org"
        mail.set_content("\n".join(f"line {n} of {i}" for n in range(30)))
        mail.add_alternative("<p>text</p>" * 20, subtype="html")
        count += len(email.message_from_bytes(mail.as_bytes()).as_string())
    return count


def tables(size):
    """csv through sqlite3 and back."""
    import csv
    import io
    import sqlite3
    base = sqlite3.connect(":memory:")
    base.execute("create table t (a integer, b text, c real)")
    text = io.StringIO()
    csv.writer(text).writerows((i, f"name {i}", i / 3) for i in range(8_000 * size))
    text.seek(0)
    base.executemany("insert into t values (?, ?, ?)", csv.reader(text))
    return sum(len(row[1]) for row in base.execute("select * from t order by c desc"))


def texts(size):
    """Regular expressions, differences, wrapped paragraphs."""
    import difflib
    import re
    import textwrap
    lines = [f"value {i % 97} of {i % 13} in line {i}" for i in range(400)]
    count = 0
    for i in range(size):
        other = [re.sub(r"(\d+) of (\d+)", r"\2 of \1", line) for line in lines]
        count += sum(1 for _ in difflib.unified_diff(lines, other))
        count += len(textwrap.fill(" ".join(other), 60 + i % 20))
    return count


def outer(work, size):
    return work(size)


def main():
    work = globals()[sys.argv[1]]
    work(1)  # imports, caches
    start = time.perf_counter_ns()
    outer(work, int(sys.argv[2]))
    print("elapsed", time.perf_counter_ns() - start)


main()
