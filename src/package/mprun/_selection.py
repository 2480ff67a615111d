# SPDX-License-Identifier: MIT
"""From what a user names to code: functions, and what other decorators made of them."""

from __future__ import annotations

from types import CellType, CodeType, FunctionType, ModuleType

from ._errors import SelectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator

# Where decorators keep what they were given.
_INSIDE = ("__wrapped__", "__func__", "func", "fget", "fset", "fdel", "callback")


def _parts(thing: Any) -> list[Any]:
    if isinstance(thing, type):
        return [part for part in vars(thing).values() if not isinstance(part, type)]
    if isinstance(thing, ModuleType):
        return [part for part in vars(thing).values()
                if getattr(part, "__module__", None) == thing.__name__]
    return [part for part in (getattr(thing, name, None) for name in _INSIDE) if part is not None]


def codes_of(thing: Any) -> list[CodeType]:
    """The code of a function, of what wraps one, of all that a class or a module has."""
    found: dict[int, CodeType] = {}
    seen: dict[int, Any] = {}
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        code = one if isinstance(one, CodeType) else getattr(one, "__code__", None)
        inside = _parts(one)
        if isinstance(code, CodeType) and not inside:
            found[id(code)] = code
        waiting += inside
    return list(found.values())


def with_nested(code: CodeType) -> Iterator[CodeType]:
    """The code and all that stands in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from with_nested(constant)


def qualified(code: CodeType) -> str:
    """Its name as patterns have it: with that of its class, without ``<locals>``."""
    name: str = getattr(code, "co_qualname", code.co_name)
    return name.replace("<locals>.", "")


def function_of(code: CodeType) -> FunctionType:
    """A function that is never called: what a session is told code by."""
    return FunctionType(code, {}, None, None, tuple(CellType() for _ in code.co_freevars))


def sort_out(functions: Iterable[Any]) -> tuple[list[str], list[CodeType]]:
    """Patterns, and the code of the objects.

    Raises SelectionError for what is neither.
    """
    patterns: list[str] = []
    codes: list[CodeType] = []
    for thing in functions:
        if isinstance(thing, str):
            patterns.append(thing)
            continue
        found = codes_of(thing)
        if not found:
            raise SelectionError(f"{thing!r} is no Python function: give a function, a class, a "
                                 "module, or a pattern as --func takes it")
        codes += found
    return patterns, codes
