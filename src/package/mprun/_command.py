# SPDX-License-Identifier: MIT
"""Where this installation has the command, and the module that measures from within."""

from __future__ import annotations

import os
import sys

from ._errors import Error, SessionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Sequence

_HERE = os.path.dirname(os.path.realpath(__file__))
_loaded: list[ModuleType] = []


def command() -> str:
    """The path of the command ``mprun``: the one that ``MPRUN`` names, else the one that was
    installed with this package, else that of ``PATH``.

    Raises Error if there is none.
    """
    named = os.environ.get("MPRUN")
    if named:
        return named
    folder = _HERE
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        found = os.path.join(folder, "bin", "mprun")
        if os.path.isdir(os.path.join(folder, "libexec", "mprun")) and os.access(found, os.X_OK):
            return found
    import shutil
    on_path = shutil.which("mprun")
    if on_path:
        return on_path
    raise Error(f"the command mprun was not installed beside {_HERE}: install mprun again")


def run(words: Sequence[str], error: type[Error]) -> bytes:
    """What the command writes.

    Raises `error` with its message where it fails.
    """
    import subprocess
    try:
        done = subprocess.run([command(), *words], stdin=subprocess.DEVNULL, capture_output=True,
                              check=False)
    except OSError as reason:
        raise error(f"the command mprun cannot be run: {reason}") from reason
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or f"status {done.returncode}"
        raise error(said[len("mprun: "):] if said.startswith("mprun: ") else said)
    return done.stdout


def _beside(path: str) -> list[str]:
    """Where a build, and an installation by meson, have the modules."""
    folder = os.path.dirname(os.path.realpath(path))
    return [folder, os.path.join(os.path.dirname(folder), "libexec", "mprun")]


def _load() -> ModuleType:
    try:
        from . import _mprun
    except ImportError:
        pass
    else:
        module: ModuleType = _mprun
        return module
    from importlib.util import module_from_spec, spec_from_file_location
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for folder in _beside(command()):
        path = os.path.join(folder, f"_mprun-{version}.so")
        spec = spec_from_file_location("_mprun", path) if os.path.exists(path) else None
        if spec:
            return module_from_spec(spec)
    raise SessionError(f"this mprun has no module for Python {version}: it cannot measure this "
                       "process; mprun help shows the versions that it has")


def extension() -> ModuleType:
    """The module that measures this process.

    Raises SessionError where there is none for this Python.
    """
    if not _loaded:
        try:
            _loaded.append(_load())
        except ImportError as reason:
            raise SessionError(str(reason)) from reason
    return _loaded[0]
