# SPDX-License-Identifier: MIT
"""mprun.profile. What it is given it returns: a call of a decorated function costs what it did."""

from __future__ import annotations

import builtins
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, TypeVar, overload
    _F = TypeVar("_F")

_SWITCH = "MPRUN_PROFILE"


def _measured() -> Optional[Any]:
    """The session's own decorator; as _session.measured, which need not be loaded for it."""
    found = vars(builtins).get("mprun")
    kind = type(found)
    return found if kind.__module__ == "builtins" and kind.__name__ == "mprun" else None


class Decorator:
    """Mark functions for mprun.

    As a decorator, bare or with arguments (which are other profilers', and mean nothing here), it
    returns the function itself: in a program that mprun runs, or while a `Profiler` without
    functions of its own runs, its lines are watched. As a context manager, and between
    ``enable_by_count()`` and ``disable_by_count()``, it selects what is called meanwhile in a
    session that runs. Without a session all of it does nothing.

    With ``MPRUN_PROFILE=1`` in the environment a session begins at the first decoration, and its
    report is printed when the program ends.

    >>> @profile
    ... def double(number):
    ...     return 2 * number
    >>> double(21)
    42
    >>> with profile:
    ...     _ = double(4)
    """

    if TYPE_CHECKING:
        @overload
        def __call__(self, function: _F) -> _F: ...
        @overload
        def __call__(self, function: None = None, **options: object) -> Callable[[_F], _F]: ...

    def __call__(self, function: Any = None, **options: object) -> Any:
        given = options.get("func") if function is None else function
        if given is None:
            return self
        from ._decorated import remember
        remember(given)
        switch_on()
        measured = _measured()
        if measured is not None:
            measured(given)
        return given

    def enable_by_count(self) -> None:
        """Select what is called from now on; nests."""
        measured = _measured()
        if measured is not None:
            measured.enable_by_count()

    def disable_by_count(self) -> None:
        """End what enable_by_count() began."""
        measured = _measured()
        if measured is not None:
            measured.disable_by_count()

    def enable(self) -> None:
        """Select what is called from now on."""
        measured = _measured()
        if measured is not None:
            measured.enable()

    def disable(self) -> None:
        """End what enable() began."""
        measured = _measured()
        if measured is not None:
            measured.disable()

    def __enter__(self) -> Decorator:
        self.enable_by_count()
        return self

    def __exit__(self, *exception: object) -> None:
        self.disable_by_count()

    def __repr__(self) -> str:
        return "<mprun's decorator profile>"


_switched: list[bool] = []


def switch_on() -> None:
    """Begin what MPRUN_PROFILE asks for, once a process."""
    if _switched or os.environ.get(_SWITCH, "0") in ("", "0") or _measured() is not None:
        return
    _switched.append(True)
    from . import _errors, _profiler
    profiler = _profiler.Profiler()
    try:
        profiler.start()
    except _errors.Error as reason:
        print(f"mprun: {_SWITCH}: {reason}", file=sys.stderr)
        return
    import atexit
    atexit.register(_finish, profiler, os.getpid())


def _finish(profiler: Any, pid: int) -> None:
    if os.getpid() != pid:
        return
    try:
        profile_of_run = profiler.stop()
        profile_of_run.show()
        profile_of_run._discard()  # what is collected later is not collected any more
    except Exception as reason:  # nothing of the program's may fail by it
        print(f"mprun: {_SWITCH}: {reason}", file=sys.stderr)


profile = Decorator()
