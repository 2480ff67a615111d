# SPDX-License-Identifier: MIT
"""What was measured: a file that the command has written and reports."""

from __future__ import annotations

import json
import os
import shutil
import weakref

from . import _command, _places
from ._errors import ProfileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Sequence, Union
    Path = Union[str, "os.PathLike[str]"]


def _remove(path: str, pid: int) -> None:
    """A forked child has the object too, but not the file."""
    if os.getpid() == pid:
        _places.remove(path)


class Profile:
    """A finished measurement.

    What a session has written, or `load` reads. All figures come from the command ``mprun``: sizes
    are bytes, times nanoseconds, None is what was not measured (docs/profile.md).

    `path` is its file, None where the figures are elsewhere; then `notes` say where.
    """

    path: Optional[str]

    def __init__(self, path: Optional[str], *, patterns: Sequence[str] = (),
                 notes: Sequence[str] = (), temporary: bool = False) -> None:
        self.path = path
        self._patterns = tuple(patterns)
        self._notes = tuple(notes)
        self._read: Optional[dict[str, Any]] = None
        self._discard: Callable[[], object] = lambda: None
        if path is not None and temporary:
            self._discard = weakref.finalize(self, _remove, path, os.getpid())

    @classmethod
    def load(cls, path: Path) -> Profile:
        """Read a file that ``-o FILE.mprun``, ``-o FILE.json`` or `save` has written.

        Raises ProfileError if it is none.

        >>> Profile.load("/nowhere/run.mprun")
        Traceback (most recent call last):
        mprun._errors.ProfileError: ...
        """
        profile = cls(os.path.abspath(os.fspath(path)))
        profile.to_dict()
        return profile

    def _report(self, *words: str) -> bytes:
        if self.path is None:
            raise ProfileError(" ".join(self._notes))
        chosen = [word for pattern in self._patterns for word in ("--func", pattern)]
        return _command.run(["report", self.path, *chosen, *words], ProfileError)

    def to_dict(self) -> dict[str, Any]:
        """The report in JSON, as docs/profile.md has it.

        Raises ProfileError where the file is gone, or there are no figures here.
        """
        if self._read is None:
            read: dict[str, Any] = json.loads(self._report("--format", "json", "-o", "-"))
            read["notes"] += self._notes
            self._read = read
        return self._read

    @property
    def functions(self) -> list[dict[str, Any]]:
        """The functions that were watched, each with its ``rows``; those that never ran, too."""
        found: list[dict[str, Any]] = [] if self.path is None else self.to_dict()["functions"]
        return found

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The lines of all functions, each with its ``file`` and ``function``."""
        return [{"file": function["file"], "function": function["qualname"], **row}
                for function in self.functions for row in function["rows"]]

    @property
    def sites(self) -> list[dict[str, Any]]:
        """The lines that allocated, watched or not; empty without the heap."""
        return [] if self.path is None else self.to_dict()["sites"] or []

    @property
    def notes(self) -> list[str]:
        """What is uncertain or left out, a sentence each."""
        return list(self._notes) if self.path is None else self.to_dict()["notes"]

    def text(self, *, width: int = 80, color: bool = False, options: Sequence[str] = ()) -> str:
        """The text report, `width` columns wide (0: no limit); `options` are those of
        ``mprun report``."""
        if self.path is None:
            return "".join(f"mprun: {note}\n" for note in self._notes)
        report = self._report("--format", "text", "-o", "-", "--width", str(width), "--color",
                              "always" if color else "never", *options).decode("utf-8", "replace")
        return report + "".join(f"\nNote: {note}\n" for note in self._notes)

    def save(self, path: Path, *, format: Optional[str] = None) -> None:
        """Write it to a file: a profile (``.mprun``), or what the ending, or `format`, says that
        ``mprun report`` can make. A saved profile has all functions of its session.

        Raises ProfileError where that cannot be, OSError where a copy cannot be written.
        """
        target = os.fspath(path)
        if self.path is not None and format is None and target.endswith(".mprun"):
            if os.path.abspath(target) != self.path:
                shutil.copyfile(self.path, target)
            return
        self._report("-q", "-o", target, *(("--format", format) if format else ()))

    def show(self) -> None:
        """Print the text report, as wide as the terminal."""
        print(self.text(width=shutil.get_terminal_size().columns), end="")

    def __repr__(self) -> str:
        where = "no figures here" if self.path is None else self.path
        return f"<mprun.Profile {where}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For notebooks: the text report, and a table without a script."""
        text = self.text()
        if self.path is None:
            return {"text/plain": text}
        from ._html import table
        return {"text/plain": text, "text/html": table(self.to_dict())}
