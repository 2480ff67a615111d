# SPDX-License-Identifier: MIT
"""A program must not be able to tell that it runs under mprun: the same output, messages and status
as under python3, in both containers, and also with every function of the process selected.

Known to differ, and therefore in no row, because a frame evaluator (PEP 523) calls Python functions
through C: tb_lasti of callers (their lines are right). sys.getsizeof of a code object grows by its
extra data. /proc/self tells more: there are mprun's mappings, one descriptor is open,
PR_SET_PDEATHSIG is set, and in the embedded host exe and comm are the host's."""

import os
import re
import shutil
import subprocess

import pytest

import harness
import transparency_calls
import transparency_runtime
import transparency_start
import transparency_tools

ROWS = (*transparency_start.ROWS, *transparency_runtime.ROWS, *transparency_calls.ROWS,
        *transparency_tools.ROWS)


def lay(row, folder):
    """The row's folder, as new: the same path for each of its runs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "script.py").write_bytes(row.source)
    for name, content in row.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    if row.setup:
        subprocess.run(["/bin/sh", "-ec", row.setup], cwd=folder, check=True,
                       env={**os.environ, "PATH": harness.BASE_ENV["PATH"]})


def masked(row, output):
    """Output without what differs from run to run."""
    for pattern, replacement in row.mask:
        output = re.sub(pattern, replacement, output)
    return output


class Runner:
    """Runs one row plainly and under mprun, each time in a folder laid anew."""

    def __init__(self, row, tmp_path):
        self.row = row
        self.folder = tmp_path / "d"
        self.profile = tmp_path / "profile.json"
        self.python = str(self.folder / row.python) if row.python else harness.PYTHON
        self.args = [a.replace("{dir}", str(self.folder)) if isinstance(a, str) else a
                     for a in row.args]
        self.env = {k: v and v.replace("{dir}", str(self.folder)) for k, v in row.env.items()}

    def _run(self, argv):
        lay(self.row, self.folder)
        if self.row.terminal:
            status, output = harness.run_pty(argv, self.row.terminal, self.folder, self.env)
            result = harness.Result(argv, os.waitstatus_to_exitcode(status), output, b"")
        else:
            result = harness.run(argv, cwd=self.folder, env=self.env, stdin=self.row.stdin)
        result.stdout = masked(self.row, result.stdout)
        result.stderr = masked(self.row, result.stderr)
        return result

    def plain(self):
        """Under python3."""
        return self._run([self.python, *self.args])

    def profiled(self, host, selection):
        """Under mprun, the profile read."""
        options = ("-q", "-o", str(self.profile), "--format", "json", *selection)
        result = self._run(harness.mprun_argv(self.args, options, host, self.python))
        result.profile = harness.read_profile(self.profile)
        return result


def check(row, expected, result, host, selection):
    """Nothing of the program's differs, and mprun really was at work."""
    assert result.stdout == expected.stdout, f"{result}\n--- python3:\n{expected}"
    assert result.foreign_stderr == expected.stderr, f"{result}\n--- python3:\n{expected}"
    assert result.status == expected.status, f"{result}\n--- python3:\n{expected}"
    said = "\n".join(result.own_lines)
    if row.says:
        assert row.says in said, str(result)
    else:
        assert not said, str(result)
    if row.lines == "unstarted":
        return
    harness.assert_armed(result, host)
    if row.lines == "default" or (row.lines == "all" and selection):
        assert harness.hits(result.profile) > 0, f"no line was seen\n{result}"
        assert result.profile["engines"]["events"] > 0, f"no event was counted\n{result}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_transparency(row, tmp_path):
    """The row's program under python3, then in both hosts with and without everything selected."""
    if row.name in harness.MONITORED_OTHERWISE:
        pytest.skip(harness.MONITORED_OTHERWISE[row.name])
    runner = Runner(row, tmp_path)
    expected = runner.plain()
    for host in harness.HOSTS:
        for selection in ((), harness.EVERYTHING):
            check(row, expected, runner.profiled(host, selection), host, selection)


def test_transparency_names_are_unique():
    """Rows are found by their names."""
    names = [row.name for row in ROWS]
    assert len(names) >= 65
    assert sorted(names) == sorted(set(names))
