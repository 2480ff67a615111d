# SPDX-License-Identifier: MIT
"""mprun: where did the memory go, line by line?

The command ``mprun`` runs a Python program and prints its source annotated with what every line did
to memory; ``python -m mprun`` is the same for the interpreter that runs it.

In a program that is measured this module is the one that mprun has put there: ``mark(name)``,
``snapshot(name)``, ``section(name)``, ``current()``, ``reset_peak()``, ``profile``. Elsewhere they
are allowed and do nothing, so that a program may keep them. Importing it hooks nothing.

>>> import mprun
>>> with mprun.section("load"):
...     mprun.mark("begun")
>>> mprun.current().heap is None    # nothing is measured here
True
"""

import builtins as _builtins
import sys as _sys

from ._idle import (Figures, Section, Snapshot, current, mark, profile, reset_peak, section,
                    snapshot)

__version__ = "0.2.0"
__all__ = ["Figures", "Section", "Snapshot", "current", "mark", "profile", "reset_peak", "section",
           "snapshot"]

# An importer gives what stands here once this has run.
if hasattr(_builtins, "mprun"):
    _sys.modules[__name__] = getattr(_builtins, "mprun")
