# SPDX-License-Identifier: MIT
"""A row of the transparency tables: one small program and how python3 would be asked to run it."""

import dataclasses
import textwrap
import typing


@dataclasses.dataclass(frozen=True)
class Row:
    """`args` is python3's command line; it runs in a folder that holds `script.py` with `code`, and
    `files`. `{dir}` in args and environment stands for that folder."""

    name: str
    code: str = "pass\n"
    args: tuple = ("script.py",)
    env: typing.Mapping = dataclasses.field(default_factory=dict)
    files: typing.Mapping = dataclasses.field(default_factory=dict)
    stdin: bytes = b""
    # Shell commands that finish the folder (venvs, zips, links).
    setup: str = ""
    # The interpreter to ask for, relative to the folder; None: the distribution's.
    python: str = None
    # Which selections see lines: "default" (both), "all" (only '*:*'), "none";
    # "unstarted": the interpreter ends before it runs anything.
    lines: str = "default"
    # (pattern, replacement) applied to the output of every run, for what can never be equal.
    mask: tuple = ()
    # A dialogue on a terminal (see harness.run_pty) in place of pipes.
    terminal: tuple = ()
    # Text that one of mprun's own lines on stderr must hold; without it there may be none.
    says: str = ""

    @property
    def source(self):
        """The script's bytes."""
        if isinstance(self.code, bytes):
            return self.code
        return textwrap.dedent(self.code).lstrip("\n").encode()
