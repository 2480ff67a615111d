# SPDX-License-Identifier: MIT
"""Profiler: measures a part of the program that runs."""

from __future__ import annotations

import os
import sys

from . import _places, _session
from ._decorated import decorated
from ._errors import Error, ProfileError, SessionError
from ._profile import Profile
from ._selection import function_of, qualified, sort_out, with_nested

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Iterable, Optional, Union

_SHARED = ("Other profilers took part in this session: rows hold all that happened from its start "
           "on, and the figures of the whole are the session's.")
_OUTSIDE = "mprun runs this program: its report, at the end, has the figures."
_CHILD = "Nothing is measured here: this process is a child of a program that mprun runs."
_FORKED = "This process was forked in mid-session: the figures are its parent's."
_last: list[Profile] = []


def pattern_of(code: CodeType) -> str:
    """What matches it, and what is nested in it."""
    name = "*" if code.co_name == "<module>" else qualified(code)
    scope = code.co_filename
    if "/" not in scope and not scope.startswith("<") and not scope.endswith(".py"):
        scope = f"./{scope}"
    return f"{scope}:{name}"


class Profiler:
    """Measure this process, line by line, from `start` to `stop`, or in a ``with`` block.

    `functions` are those to be watched: functions, methods, classes, modules, or patterns as
    ``--func`` takes them. Without them it is those that `mprun.profile` decorates, and without such
    the code that calls `start`: a function, or all of a script or a module.
    `heap` tracks what is allocated, `rss` is how resident memory is read (``--rss``).
    `output` is the file of the profile, which stays; without it the profile has a file in the
    user's cache until it is collected as garbage.

    Users nest, also those of several threads: they share one session, which goes on until the last
    one stops. Each one's profile has its own functions. In a program that mprun runs, the functions
    are watched by that, and what `stop` gives says so. In a forked child nothing is measured until
    a profiler is started there.

    Raises SelectionError for what is no function, SessionError where nothing can be measured.

    >>> def work():
    ...     return [0] * 100_000
    >>> with Profiler([work]) as profiler:
    ...     _ = work()
    >>> [function] = profiler.profile.functions
    >>> function["qualname"], function["calls"]
    ('work', 1)
    """

    def __init__(self, functions: Optional[Iterable[Any]] = None, *, heap: bool = True,
                 rss: str = "auto", output: Union[None, str, os.PathLike[str]] = None) -> None:
        if isinstance(functions, str) or callable(functions):
            functions = [functions]
        self._given = None if functions is None else sort_out(functions)
        self._heap, self._rss = heap, rss
        self._output = None if output is None else os.path.abspath(os.fspath(output))
        self._session: Optional[_session.Session] = None
        self._pid = 0
        self._profile: Optional[Profile] = None
        self._patterns: list[str] = []
        self._path = ""
        self._elsewhere = ""  # why there are no figures, where there will be none

    @property
    def path(self) -> str:
        """The file that the profile will be in, also if the process is killed."""
        return self._path or (self._session.path if self._session else "")

    @property
    def profile(self) -> Profile:
        """What was measured; raises Error before the end."""
        if self._profile is None:
            raise Error("nothing was measured yet: the profile is there after stop()")
        return self._profile

    def _choose(self, caller: FrameType) -> tuple[list[str], list[CodeType]]:
        if self._given is not None:
            return self._given
        codes = decorated()
        return ([], codes) if codes else ([pattern_of(caller.f_code)], [])

    def start(self) -> Profiler:
        """Begin. Raises SessionError if this one runs already."""
        self._start(sys._getframe(1))
        return self

    def _start(self, caller: FrameType) -> None:
        if self._pid == os.getpid():
            raise SessionError("this profiler runs already: stop() it first, or use another one")
        patterns, codes = self._choose(caller)
        self._profile = None
        with _session.lock:
            outside = _session.from_outside()
            if outside is not None:
                here = any(figure is not None for figure in outside.current())
                self._elsewhere = _OUTSIDE if here else _CHILD
                for code in codes:
                    outside.add_function(function_of(code))
            else:
                self._join(patterns, codes, caller.f_code)
        self._pid = os.getpid()

    def _join(self, patterns: list[str], codes: list[CodeType], caller: CodeType) -> None:
        session = _session.running()
        if session is not None and self._given is None and patterns:
            patterns, codes = [], list(with_nested(caller))
        path = self._output or ("" if session else _places.new())
        session = _session.join(patterns, self._heap, self._rss, path)
        try:
            session.add(codes)
        except BaseException:
            _session.leave(session)
            raise
        self._session, self._path = session, path
        self._patterns = patterns + [pattern_of(code) for code in codes]

    def stop(self) -> Profile:
        """End, and return what was measured. Raises SessionError if it does not run."""
        if not self._pid:
            raise SessionError("this profiler does not run: start() it first")
        forked, self._pid = self._pid != os.getpid(), 0
        session, self._session = self._session, None
        if forked or session is None:
            profile = Profile(None, notes=[_FORKED if forked else self._elsewhere])
        else:
            with _session.lock:
                profile = self._leave(session)
        self._profile = profile
        _last[:] = [profile]
        return profile

    def _end(self, session: _session.Session) -> str:
        """The last one: the session's profile is its own."""
        former = session.path
        if self._path not in ("", former):
            session.keep(self._path)
            _places.remove(former)
        return session.path

    def _go(self, session: _session.Session) -> str:
        """Others go on, in another file if it was this one's so far."""
        if self._path == session.path:
            session.keep(_places.new())
        path = self._path or _places.new()
        session.write(path)
        return path

    def _leave(self, session: _session.Session) -> Profile:
        try:
            path = self._end(session) if session.users == 1 else self._go(session)
        finally:
            _session.leave(session)
        self._path = path
        shared = session.shared
        return Profile(path, temporary=self._output is None,
                       patterns=self._patterns if shared else (),
                       notes=[_SHARED] if shared else ())

    def __enter__(self) -> Profiler:
        self._start(sys._getframe(1))
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pid:
            self.stop()


def last() -> Profile:
    """What this process measured last; without such the newest profile in the user's cache, which
    may be of a process that was killed.

    Raises ProfileError if there is none.
    """
    if _last:
        return _last[0]
    path = _places.newest()
    if path is None:
        raise ProfileError("no profile is there: neither this process has one nor the cache")
    return Profile.load(path)
