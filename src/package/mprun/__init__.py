# SPDX-License-Identifier: MIT
"""mprun: where did the memory go, line by line?

The command ``mprun`` runs a Python program and prints its source annotated with what every line did
to memory; ``python -m mprun`` is the same for the interpreter that runs it. This package measures
from within: `Profiler` a part of a program, ``%load_ext mprun`` cells of a notebook.

``mark(name)``, ``snapshot(name)``, ``section(name)``, ``current()``, ``reset_peak()`` and
``@profile`` speak to the session that runs, whoever began it. Where nothing is measured they are
allowed and do nothing, so that a program may keep them. Importing mprun hooks nothing.

>>> import mprun
>>> with mprun.section("load"):
...     mprun.mark("begun")
>>> mprun.current().heap is None    # nothing is measured here
True
"""

from __future__ import annotations

import builtins as _builtins
import sys as _sys

from ._decorator import profile
from ._errors import Error, ProfileError, SelectionError, SessionError
from ._idle import (DomainFilter, Figures, Filter, Section, Snapshot, current, mark, reset_peak,
                    section, snapshot)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._profile import Profile as Profile
    from ._profiler import Profiler as Profiler, last as last
    from ._usage import memory_usage as memory_usage
    from .ipython import load_ipython_extension as load_ipython_extension

__version__ = "0.2.0"
__all__ = ["DomainFilter", "Error", "Figures", "Filter", "Profile", "ProfileError", "Profiler",
           "Section", "SelectionError", "SessionError", "Snapshot", "current", "last", "mark",
           "memory_usage", "profile", "reset_peak", "section", "snapshot"]

# Loaded when it is first asked for: whoever only marks moments pays nothing for the rest.
_LATER = {"Profile": "_profile", "Profiler": "_profiler", "last": "_profiler",
          "memory_usage": "_usage", "load_ipython_extension": "ipython"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module
        found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        globals()[name] = found
        return found
    # What the object of a measured program has beside this, and its decorator elsewhere.
    if not name.startswith("_"):
        return getattr(profile if _measured is None else _measured, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class _Module(type(_sys)):  # type: ignore[misc]
    """The package, which is a decorator too, as the builtin `mprun` of a measured program is."""

    __call__ = staticmethod(profile)


_sys.modules[__name__].__class__ = _Module

# In a program that mprun runs, the names are its own: they allocate nothing that is counted.
_measured = vars(_builtins).get("mprun")
if type(_measured).__name__ == "mprun" and type(_measured).__module__ == "builtins":
    for _name in ("current", "mark", "reset_peak", "section", "snapshot"):
        globals()[_name] = getattr(_measured, _name)
    del DomainFilter, Filter, Snapshot  # its own, when they are asked for
    if type(vars(_builtins).get("profile")).__name__ == "profile":
        profile = vars(_builtins)["profile"]
else:
    _measured = None
