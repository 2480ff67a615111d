# SPDX-License-Identifier: MIT
"""`instrument.py lines.py`: runs `measured` with a reading of tracemalloc before its first statement and
behind each, and prints {line: [change, spike]}. Readings are kept, so that none of their objects gets into
a free list, from where a statement could take it; what they are is subtracted."""

import ast
import gc
import json
import sys
import tracemalloc

readings = [None] * 1000
INT = 32  # what CPython asks for where it makes one below 2**30


def mark(i):
    readings[i] = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()


def instrumented(text):
    """The tree of text with mark(i) calls in `measured`, and the line of each statement."""
    tree = ast.parse(text)
    function = next(node for node in tree.body
                    if isinstance(node, ast.FunctionDef) and node.name == "measured")
    body, lines = [], []
    for statement in function.body:
        call = ast.parse(f"mark({len(lines)})").body[0]
        for node in ast.walk(call):
            if hasattr(node, "lineno"):
                node.lineno = node.end_lineno = statement.lineno
        body += [call, statement]
        lines.append(statement.lineno)
    function.body = body
    return tree, lines


with open(sys.argv[1], encoding="utf-8") as file:
    tree, lines = instrumented(file.read())
space = {"mark": mark, "__name__": "lines"}
exec(compile(tree, sys.argv[1], "exec"), space)
gc.disable()
tracemalloc.start()
for _ in range(3):
    space["warm"]()
readings[:] = [None] * len(readings)
space["measured"]()
found = {}
for i, line in enumerate(lines[:-1]):
    taken = sys.getsizeof(readings[i]) + len(readings[i]) * INT
    before, (after, highest) = readings[i][0] + taken, readings[i + 1]
    found[line] = [after - before, highest - max(before, after)]
print(json.dumps(found))
