# SPDX-License-Identifier: MIT
"""mark, snapshot, section, current, reset_peak: the session's own, where one is there; else every
call is allowed and does nothing. Light: whoever imports mprun loads this."""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, TypeVar
    _F = TypeVar("_F", bound=Callable[..., Any])


def _measured() -> Optional[Any]:
    """As _session.measured."""
    found = vars(builtins).get("mprun")
    kind = type(found)
    return found if kind.__module__ == "builtins" and kind.__name__ == "mprun" else None


class Figures(tuple["Optional[int]", ...]):
    """Bytes; None where nothing is measured: heap, rss, heap_peak, rss_peak, python, native."""

    __slots__ = ()
    n_fields = 6

    def __new__(cls) -> Figures:
        return super().__new__(cls, (None,) * cls.n_fields)

    heap = property(lambda self: self[0], doc="Requested and not yet freed.")
    rss = property(lambda self: self[1], doc="Resident memory, without mprun's own pages.")
    heap_peak = property(lambda self: self[2], doc="The highest since the last reset_peak().")
    rss_peak = property(lambda self: self[3], doc="The highest since then.")
    python = property(lambda self: self[4], doc="Of the heap: Python's allocators.")
    native = property(lambda self: self[5], doc="Of the heap: malloc and private maps.")

    def __repr__(self) -> str:
        return ("mprun.Figures(heap=None, rss=None, heap_peak=None, rss_peak=None, python=None, "
                "native=None)")


class Filter:
    """Files by a pattern, and a line of them, for Snapshot.filter_traces()."""

    def __init__(self, inclusive: bool, filename_pattern: str, lineno: Optional[int] = None,
                 all_frames: bool = False, domain: Optional[str] = None) -> None:
        self.inclusive, self.filename_pattern, self.lineno = inclusive, filename_pattern, lineno
        self.all_frames, self.domain = all_frames, domain


class DomainFilter:
    """Blocks by who was asked for them: 'python', 'native' or 'mmap'."""

    def __init__(self, inclusive: bool, domain: str) -> None:
        self.inclusive, self.domain = inclusive, domain


class Snapshot:
    """What every line held at a moment: here, nothing."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.figures = Figures()
        self.traces: list[Any] = []

    def statistics(self, key_type: str = "lineno", cumulative: bool = False) -> list[Any]:
        """Sums by 'lineno', 'filename' or 'function', largest first."""
        return []

    def compare_to(self, old_snapshot: Any, key_type: str = "lineno",
                   cumulative: bool = False) -> list[Any]:
        """What has changed since an older snapshot, largest change first."""
        return []

    def filter_traces(self, filters: Any) -> Snapshot:
        """Another snapshot, of what the filters take."""
        return self

    def top(self, limit: int = 10, key_type: str = "lineno") -> list[Any]:
        """The largest of statistics()."""
        return []

    def __repr__(self) -> str:
        return f"<mprun.Snapshot {self.name!r} of 0 places>"


class Section:
    """A part of the program with a name: a context manager, and a decorator of functions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._runs: list[Any] = []

    def __enter__(self) -> Section:
        measured = _measured()
        run = measured.section(self.name) if measured is not None else None
        if run is not None:
            run.__enter__()
        self._runs.append(run)
        return self

    def __exit__(self, *exception: object) -> None:
        run = self._runs.pop() if self._runs else None
        if run is not None:
            run.__exit__(*exception)

    def __call__(self, function: _F) -> _F:
        measured = _measured()
        if measured is None:
            return function
        decorated: _F = measured.section(self.name)(function)
        return decorated

    def __repr__(self) -> str:
        return f"mprun.section({self.name!r})"


def _checked(function: str, name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{function}() takes a str, not {type(name).__name__}")
    return name


def mark(name: str) -> None:
    """Name this moment in the report.

    >>> mark("loaded")
    """
    measured = _measured()
    if measured is not None:
        measured.mark(name)
    else:
        _checked("mark", name)


def snapshot(name: str = "snapshot") -> Any:
    """The same, and keep what every line holds: what it gives answers as tracemalloc's does.

    >>> snapshot("begin").top(3)
    []
    """
    measured = _measured()
    return Snapshot(_checked("snapshot", name)) if measured is None else measured.snapshot(name)


def current() -> Any:
    """The heap and RSS now, and their peaks, in bytes.

    >>> current().heap is None
    True
    """
    measured = _measured()
    return Figures() if measured is None else measured.current()


def reset_peak() -> None:
    """The peaks that current() tells begin anew."""
    measured = _measured()
    if measured is not None:
        measured.reset_peak()


def section(name: str) -> Section:
    """A part of the program that has figures of its own in the report.

    >>> with section("load"):
    ...     pass
    """
    return Section(_checked("section", name))
