# SPDX-License-Identifier: MIT
"""``%load_ext mprun``: the magics %mprun, %%mprun, %memit and %%memit."""

from __future__ import annotations

import ast
import asyncio
import builtins
import difflib
import gc
import inspect
import re
import threading
from types import CodeType
from typing import Any, Coroutine, Optional

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import display

from ._errors import Error
from ._profile import Profile
from ._profiler import Profiler
from ._selection import qualified, with_nested
from ._usage import memory_usage


class MemitResult:
    """What %memit measured, in MiB."""

    def __init__(self, mem_usage: list[float], baseline: float, repeat: int,
                 timeout: Optional[float], interval: float, include_children: bool) -> None:
        self.mem_usage, self.baseline, self.repeat = mem_usage, baseline, repeat
        self.timeout, self.interval, self.include_children = timeout, interval, include_children

    def __str__(self) -> str:
        peak = max(self.mem_usage)
        return f"peak memory: {peak:.2f} MiB, increment: {peak - self.baseline:.2f} MiB"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"<MemitResult : {self}>")


def _in_thread(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Where the event loop of this thread runs already: a kernel's, which waits for the cell."""
    result: list[Any] = []
    loop = asyncio.new_event_loop()
    task = loop.create_task(coroutine)

    def run() -> None:
        try:
            result.append((loop.run_until_complete(task), None))
        except BaseException as raised:
            result.append((None, raised))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
    thread = threading.Thread(target=run)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        raise
    value, raised = result[0]
    if raised is not None:
        raise raised
    return value


def _wait_for(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    return _in_thread(coroutine)


class _Statement:
    """Text of a cell or a line, compiled as IPython does it: tracebacks and listings find it."""

    def __init__(self, shell: Any, text: str) -> None:
        self._shell = shell
        transformed = shell.transform_cell(text)
        file = shell.compile.cache(transformed, shell.execution_count, raw_code=text)
        self.code: CodeType = compile(
            transformed, file, "exec", dont_inherit=True,
            flags=shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    def codes(self, name: str) -> list[CodeType]:
        """Of the functions of the text that are called so, and of methods of such classes."""
        return [code for code in with_nested(self.code)
                if f"{qualified(code)}.".startswith(f"{name}.")]

    def run(self) -> None:
        __tracebackhide__ = True
        result = eval(self.code, self._shell.user_ns)
        if inspect.iscoroutine(result):
            _wait_for(result)


def _nearest(name: str, known: list[str]) -> str:
    found = difflib.get_close_matches(name, known, 3, 0.5)
    return f"; nearest: {', '.join(found)}" if found else ""


def _look_up(name: str, namespace: dict[str, Any]) -> Any:
    """An object by its dotted name. Raises UsageError with what is nearest."""
    first, *rest = name.split(".")
    namespace = {**vars(builtins), **namespace}
    if first not in namespace:
        raise UsageError(f"%mprun -f {name}: there is no {first!r}"
                         + _nearest(first, [each for each in namespace if each[:1] != "_"]))
    found, path = namespace[first], first
    for part in rest:
        inner = inspect.getattr_static(found, part, None)
        if inner is None:
            inner = getattr(found, part, None)
        if inner is None:
            raise UsageError(f"%mprun -f {name}: {path!r} has no {part!r}"
                             + _nearest(part, [each for each in dir(found) if each[:2] != "__"]))
        found, path = inner, f"{path}.{part}"
    return found


@magics_class
class MprunMagics(Magics):
    """Line by line, and peaks."""

    @property
    def _shell(self) -> Any:
        return self.shell

    def _functions(self, names: list[str], statement: _Statement) -> list[Any]:
        """The statement itself, if there are no names."""
        if not names:
            return list(with_nested(statement.code))
        found: list[Any] = []
        for name in names:
            if re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name):
                found += statement.codes(name) or [_look_up(name, self._shell.user_ns)]
            elif re.search(r"[:*?]", name):
                found.append(name)
            else:
                found.append(self._shell.ev(name))
        return found

    @line_cell_magic
    def mprun(self, line: str = "", cell: Optional[str] = None) -> Optional[Profile]:
        """Run a statement, or a cell, and show line by line what it did to memory.

            %mprun -f FUNCTION [-f ...] [-T FILE] [-r] [-c] [-s] STATEMENT
            %%mprun [OPTIONS]
            CELL

        -f FUNCTION  watch it: a name of the notebook, of a module, of a class, of the cell itself,
                     or a pattern as mprun --func takes it; without one, the statement's own lines
        -T FILE      also write the text report to FILE
        -r           return the profile (mprun.Profile)
        -c           accepted for memory_profiler's sake: children are not in the table
        -s           show nothing here, for -T and -r

        The cell may use await; in a kernel it then runs in an event loop of its own. What is shown
        is kept: mprun.last() has it, also after the kernel was killed.
        """
        __tracebackhide__ = True
        options, text = self.parse_options(line, "rf:T:cs", list_all=True, posix=False)
        try:
            statement = _Statement(self._shell, text if cell is None else cell)
        except SyntaxError:
            self._shell.showsyntaxerror()
            return None
        try:
            profiler = Profiler(self._functions(options.get("f", []), statement))
            profiler.start()
        except Error as reason:
            raise UsageError(f"%mprun: {reason}") from None
        message = ""
        try:
            statement.run()
        except SystemExit:
            message = "*** SystemExit exception caught in code being profiled."
        except KeyboardInterrupt:
            message = "*** KeyboardInterrupt exception caught in code being profiled."
        finally:
            profile = profiler.stop()
            self._show(profile, options, message)
        return profile if "r" in options else None

    def _show(self, profile: Profile, options: Any, message: str) -> None:
        if "s" not in options:
            show: Any = display  # which has no types
            show(profile)
        if message:
            print(message)
        for file in options.get("T", [])[-1:]:
            with open(file, "w", encoding="utf-8") as target:
                target.write(profile.text(width=0))
            print(f"*** Profile printout saved to text file {file}. {message}".rstrip())

    @line_cell_magic
    def memit(self, line: str = "", cell: Optional[str] = None) -> Optional[MemitResult]:
        """Measure the peak of resident memory while a statement runs.

            %memit [-r R] [-t T] [-i I] [-c] [-o] [-q] STATEMENT
            %%memit [OPTIONS] SET-UP, which is not measured
            CELL

        -r R  run it R times and take the highest (1)
        -t T  look for T seconds at most
        -i I  look every I seconds (0.1); the kernel's own peak is taken where it rose
        -c    add the memory of all child processes
        -o    return the result
        -q    print nothing
        """
        options, text = self.parse_options(line, "r:t:i:coq", posix=False, strict=False)
        repeat = max(int(options.get("r", 1)), 1)
        timeout = float(options.get("t", 0)) or None
        interval, children = float(options.get("i", 0.1)), "c" in options
        gc.collect()
        if cell is not None and text:
            _Statement(self._shell, text).run()
        statement = _Statement(self._shell, text if cell is None else cell)
        baseline = memory_usage(include_children=children)[0]
        levels = [memory_usage((statement.run, ()), interval=interval, timeout=timeout,
                               max_usage=True, include_children=children) for _ in range(repeat)]
        result = MemitResult(levels, baseline, repeat, timeout, interval, children)
        if "q" not in options:
            print(result)
        return result if "o" in options else None


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext mprun``."""
    shell.register_magics(MprunMagics)
