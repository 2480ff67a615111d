# SPDX-License-Identifier: MIT
"""The functions that mprun.profile was put on: marked, not changed. It keeps none of them alive."""

from __future__ import annotations

import weakref

from ._selection import codes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable

# By address: equal code may be of several functions.
_codes: dict[int, weakref.ref[CodeType]] = {}


def remember(thing: Any) -> None:
    """A function, or what wraps one; anything else is let pass."""
    for code in codes_of(thing):
        if id(code) not in _codes:
            _codes[id(code)] = weakref.ref(code, _forget(id(code)))


def _forget(key: int) -> Callable[[object], object]:
    return lambda gone: _codes.pop(key, None)


def decorated() -> list[CodeType]:
    """Those that still exist, in the order of their decoration."""
    return [code for code in (ref() for ref in list(_codes.values())) if code is not None]
