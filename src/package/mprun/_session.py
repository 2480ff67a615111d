# SPDX-License-Identifier: MIT
"""The one session of this process: nested users share it by count. It begins with the first of them
and ends with the last."""

from __future__ import annotations

import atexit
import builtins
import os
import threading

from . import _command, _watch
from ._errors import SelectionError, SessionError
from ._selection import function_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Optional, Sequence


class Session:
    """Measures this process; who reads is a process beside it."""

    def __init__(self, patterns: Sequence[str], heap: bool, rss: str, path: str) -> None:
        self.patterns, self.heap, self.rss, self.path = tuple(patterns), heap, rss, path
        self.pid = os.getpid()
        self.users = 0
        self.shared = False  # at any time
        self.held: dict[int, CodeType] = {}
        module = _command.extension()
        self._watch = _watch.Watch(path, heap=heap, rss=rss)
        try:
            module.open(self._watch.recording, patterns=list(patterns), heap=heap, rss=rss)
            module.begin()
        except (RuntimeError, ValueError, OSError) as reason:
            self._watch.abandon()
            kind = SelectionError if isinstance(reason, ValueError) else SessionError
            raise kind(str(reason)) from reason
        except BaseException:
            self._watch.abandon()
            raise
        finally:
            self._watch.close_recording()

    def add(self, codes: Sequence[CodeType]) -> None:
        """Watch these from their next call on."""
        measured: Any = vars(builtins)["mprun"]
        for code in codes:
            if id(code) not in self.held:
                self.held[id(code)] = code
                measured.add_function(function_of(code))

    def write(self, path: str) -> None:
        """The profile of this moment, while the session goes on."""
        self._watch.snapshot(path)

    def keep(self, path: str) -> None:
        """The profile of the end goes there."""
        self._watch.keep(path)
        self.path = path

    def end(self) -> None:
        """Give back what was taken, and have the profile written."""
        module = _command.extension()
        try:
            module.end()
        finally:
            module.close()
            self._watch.stop()

    def forget(self) -> None:
        """In a forked child: it is the parent's."""
        self._watch.abandon(forked=True)
        _command.extension().close()


lock = threading.RLock()
_current: list[Session] = []
_hooked: list[bool] = []


def running() -> Optional[Session]:
    """The session of this process that began from within."""
    return _current[0] if _current else None


def measured() -> Optional[Any]:
    """The builtin ``mprun``, if a session is there, whoever began it."""
    found = vars(builtins).get("mprun")
    kind = type(found)
    return found if kind.__module__ == "builtins" and kind.__name__ == "mprun" else None


def from_outside() -> Optional[Any]:
    """The same, if it is not of a session that began from within: mprun runs this program."""
    return None if _current else measured()


def _in_child() -> None:
    """The lock may be another thread's, who is not here."""
    global lock
    lock = threading.RLock()
    if _current:
        _current.pop().forget()


def _at_exit() -> None:
    """Somebody did not stop: what there is is written."""
    with lock:
        if _current:
            _current.pop().end()


def _hook() -> None:
    if not _hooked:
        _hooked.append(True)
        _command.extension()  # its own exit handler is to run behind this one
        atexit.register(_at_exit)
        os.register_at_fork(after_in_child=_in_child)


def join(patterns: Sequence[str], heap: bool, rss: str, path: str) -> Session:
    """Begin a session, or take part in the one that runs. With the lock."""
    session = running()
    if session is None:
        _hook()
        session = Session(patterns, heap, rss, path)
        _current.append(session)
    else:
        _require_like(session, patterns, heap, rss)
        session.shared = True
    session.users += 1
    return session


def _require_like(session: Session, patterns: Sequence[str], heap: bool, rss: str) -> None:
    if heap and not session.heap:
        raise SessionError("a session without the heap runs already: stop it first, or give "
                           "heap=False")
    if rss not in ("auto", session.rss):
        raise SessionError(f"a session with rss={session.rss!r} runs already: stop it first, or "
                           "leave rss out")
    late = [pattern for pattern in patterns if pattern not in session.patterns]
    if late:
        raise SelectionError("a session runs already, and takes no pattern any more "
                             f"({late[0]!r}): give the function itself")


def leave(session: Session) -> bool:
    """One user less; with the last one the session ends. True if it has. With the lock."""
    session.users -= 1
    if session.users:
        return False
    if _current and _current[0] is session:
        _current.clear()
    session.end()
    return True
