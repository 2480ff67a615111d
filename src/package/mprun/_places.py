# SPDX-License-Identifier: MIT
"""Where profiles without a name lie while their program runs: what the kernel killed has left its
own there."""

from __future__ import annotations

import itertools
import os
import stat
import time

from ._errors import SessionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

_KEPT_S = 7 * 24 * 3600
_numbers = itertools.count(1)


def _is_own(folder: str) -> bool:
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _candidates() -> list[str]:
    import tempfile
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return [os.path.join(home, "mprun"),
            os.path.join(tempfile.gettempdir(), f"mprun-{os.getuid()}")]


def folder() -> str:
    """The user's own, made if it is not there.

    Raises SessionError if none can be made.
    """
    for path in _candidates():
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
        except OSError:
            continue
        if _is_own(path) and os.access(path, os.W_OK):
            return path
    raise SessionError(f"profiles cannot be kept in {' or '.join(_candidates())}: give output=")


def remove(path: str) -> None:
    """A profile that nobody wants, if it is there."""
    try:
        os.unlink(path)
    except OSError:
        pass


def _profiles(path: str) -> list[tuple[float, str]]:
    found = []
    for entry in os.scandir(path):
        try:
            if entry.name.endswith(".mprun") and entry.is_file(follow_symlinks=False):
                found.append((entry.stat().st_mtime, entry.path))
        except OSError:  # gone meanwhile
            pass
    return sorted(found)


def new() -> str:
    """A name for a profile. What is older than a week goes."""
    path = folder()
    for when, old in _profiles(path):
        if when < time.time() - _KEPT_S:
            remove(old)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return os.path.join(path, f"{stamp}-{os.getpid()}-{next(_numbers)}.mprun")


def newest() -> Optional[str]:
    """The profile that was written last."""
    found = [each for path in _candidates() if _is_own(path) for each in _profiles(path)]
    return max(found)[1] if found else None
