# SPDX-License-Identifier: MIT
"""Code whose lines lie far apart, as generators make it: rows for the lines that it has."""

import harness

FAR = """
import ast
tree = ast.parse("def far(n):\\n    a = [0] * n\\n    b = [1] * n\\n    return a, b\\n")
for i, statement in enumerate(tree.body[0].body):
    for node in ast.walk(statement):
        if hasattr(node, 'lineno'):
            node.lineno += i * {apart}
            node.end_lineno += i * {apart}
space = {{'__name__': '__main__'}}
exec(compile(tree, '<far>', 'exec'), space)
space['far'](100_000)
"""


def test_a_million_apart(tmp_path, host):
    """The report is no larger than the code is long, and its rows add up."""
    result = harness.profile_program(tmp_path, FAR.format(apart=600_000), "-f", "*:far", host=host)
    function = result.function("far")
    assert [row["line"] for row in function["rows"]] == [1, 2, 600_003, 1_200_004]
    assert [row["hits"] for row in function["rows"]] == [0, 1, 1, 1]
    assert 1_600_000 <= function["heap_delta"] < 1_610_000
    assert function["last_line"] == 1_200_004
    assert (tmp_path / "out.json").stat().st_size < 1_000_000


def test_near(tmp_path):
    """A function whose source is not to be had keeps all of its lines."""
    result = harness.profile_program(tmp_path, FAR.format(apart=30), "-f", "*:far")
    assert [row["line"] for row in result.function("far")["rows"]] == [*range(1, 65)]


def test_text(tmp_path):
    """Also beside a function inside, and with all lines."""
    script = harness.write_program(tmp_path, FAR.format(apart=600_000))
    result = harness.run(harness.mprun_argv([script], ("-f", "*:far", "--all-lines")))
    text = (result.stdout + result.stderr).decode()
    assert result.status == 0 and "600003" in text and text.count("\n") < 60, text


def test_costs_nothing(tmp_path, host):
    """Neither memory of mprun's own nor room in the recording: a hundred such functions."""
    program = FAR.format(apart=2_000_000) + """
for n in range(100):
    made = {'__name__': '__main__'}
    exec(compile(tree, f'<far {n}>', 'exec'), made)
    made['far'](1000)
"""
    result = harness.profile_program(tmp_path, program, "-f", "*:far", host=host)
    functions = result.profile["functions"]
    assert len(functions) == 101 and result.profile["dropped"] == 0
    assert all([row["hits"] for row in f["rows"]] == [0, 1, 1, 1] for f in functions)
    assert result.profile["rss"]["own"] < 8 << 20
    assert (tmp_path / "out.json").stat().st_size < 1_000_000


def test_other_lines(tmp_path, host):
    """Code of the same name whose lines lie elsewhere: the rows of both."""
    program = """
import ast
def make(*lines):
    tree = ast.parse("def far(n):\\n    a = [0] * n\\n    b = [i for i in range(n)]\\n")
    for statement, line in zip(tree.body[0].body, lines):
        for node in ast.walk(statement):
            if hasattr(node, 'lineno'):
                node.lineno = node.end_lineno = line
    space = {'__name__': '__main__'}
    exec(compile(tree, '<far>', 'exec'), space)
    return space['far']
for far in make(900_000, 2), make(5_000_000, 3), make(3, 4), make(900_000, 2_000_000):
    far(10_000)
"""
    result = harness.profile_program(tmp_path, program, "-f", "*:far", host=host)
    rows = {row["line"]: row for row in result.function("far")["rows"]}
    assert {line: row["hits"] for line, row in rows.items()} == {
        1: 0, 2: 1, 3: 2, 4: 1, 900_000: 2, 2_000_000: 1, 5_000_000: 1}
    assert rows[2]["heap_delta"] >= 80_000 and rows[5_000_000]["heap_delta"] >= 80_000
    assert not any("does not have" in note or "do not have" in note
                   for note in result.profile["notes"])
