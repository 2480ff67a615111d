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
