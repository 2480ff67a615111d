# SPDX-License-Identifier: MIT
"""memory_usage: resident memory of a process over time, or of a function's run."""

from __future__ import annotations

import os
import threading
import time

from ._errors import Error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Union

_MIB = 1 << 20


class _Process:
    """Reads one process's memory from /proc; descriptors are opened once, for they stay its."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._page = os.sysconf("SC_PAGE_SIZE")
        try:
            self._statm = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError as reason:
            raise Error(f"process {pid} cannot be looked at: {reason.strerror}") from reason

    def close(self) -> None:
        os.close(self._statm)

    def rss(self) -> Optional[float]:
        """MiB; None when it has ended."""
        try:
            words = os.pread(self._statm, 256, 0).split()
        except OSError:
            return None
        pages = int(words[1]) if len(words) > 1 else 0
        return pages * self._page / _MIB if pages else None

    def peak(self) -> float:
        """The kernel's own high-water mark since the start, MiB; 0 where it tells none."""
        try:
            with open(f"/proc/{self._pid}/status", "rb") as lines:
                for line in lines:
                    if line.startswith(b"VmHWM:"):
                        return int(line.split()[1]) / 1024
        except OSError:
            pass
        return 0.0

    def children(self) -> float:
        """Of all its descendants, MiB."""
        total = 0.0
        waiting = [self._pid]
        while waiting:
            for pid in _children_of(waiting.pop()):
                waiting.append(pid)
                try:
                    process = _Process(pid)
                except Error:
                    continue
                total += process.rss() or 0
                process.close()
        return total


def _children_of(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except OSError:
        pass
    return found


class _Samples:
    """Levels with their times, until somebody says that it is enough."""

    def __init__(self, process: _Process, interval: float, children: bool) -> None:
        self._process, self._interval, self._with_children = process, interval, children
        self._enough = threading.Event()
        self.levels: list[tuple[float, float]] = []

    def take(self) -> bool:
        level = self._process.rss()
        if level is not None:
            more = self._process.children() if self._with_children else 0.0
            self.levels.append((level + more, time.time()))
        return level is not None

    def watch(self, deadline: Optional[float], most: Optional[int]) -> None:
        while self.take() and not (most and len(self.levels) >= most):
            left = self._interval
            if deadline is not None:
                left = min(left, deadline - time.monotonic())
                if left <= 0:
                    break
            if self._enough.wait(left):
                break

    def stop(self) -> None:
        self._enough.set()


def _call(proc: Any, samples: _Samples, process: _Process, deadline: Optional[float]) -> Any:
    """Run the function once, watched by a thread. A peak that the kernel saw and no sample is one
    more level, at the end."""
    function, args, keywords = (*proc, (), {})[:3] if isinstance(proc, tuple) else (proc, (), {})
    if isinstance(proc, tuple) and len(proc) == 2:
        keywords = {}
    before = process.peak()
    watcher = threading.Thread(target=samples.watch, args=(deadline, None), daemon=True)
    samples.take()
    watcher.start()
    try:
        return function(*args, **keywords)
    finally:
        samples.stop()
        watcher.join()
        after = process.peak()
        highest = max((level for level, _ in samples.levels), default=0.0)
        if after > before and after > highest:
            samples.levels.append((after, time.time()))
        samples.take()


def _pid_of(proc: Any) -> int:
    if proc == -1:
        return os.getpid()
    number = isinstance(proc, int) and not isinstance(proc, bool)
    pid = proc if number else getattr(proc, "pid", None)
    if not isinstance(pid, int) or pid <= 0:
        raise TypeError("memory_usage() takes -1, a process id, a Popen, a function or a tuple of "
                        f"a function, its arguments and keywords, not {proc!r}")
    return pid


def _result(samples: _Samples, timestamps: bool, max_usage: bool, stream: Any) -> Any:
    if stream is not None:
        for level, when in samples.levels:
            stream.write(f"MEM {level:.6f} {when:.4f}\n")
        return None
    levels: list[Any] = list(samples.levels) if timestamps else [one for one, _ in samples.levels]
    return max(levels, default=None) if max_usage else levels


def memory_usage(proc: Union[int, Any, Callable[..., Any], tuple[Any, ...]] = -1,
                 interval: float = 0.1, timeout: Optional[float] = None, timestamps: bool = False,
                 include_children: bool = False, multiprocess: bool = False,
                 max_usage: bool = False, retval: bool = False, stream: Any = None,
                 backend: Optional[str] = None, max_iterations: Optional[int] = None) -> Any:
    """Resident memory in MiB, every `interval` seconds: a list of numbers, with `timestamps` of
    (MiB, time) pairs, with `max_usage` the largest alone.

    `proc` is a process id (-1: this process), a Popen, a function, or (function, arguments,
    keywords). A process is watched for `timeout` seconds, or until it ends; without a timeout, this
    process and one by its id are looked at once. A function is called exactly once, and watched for
    `timeout` seconds at most, while it runs to its end; a peak that the kernel saw between two
    looks is in. With `retval` the result is (levels, what the function gave). Nobody is ever ended.

    `include_children` (and `multiprocess`) adds all descendants. With a `stream` a line a level is
    written, ``MEM <MiB> <time>``, and None returned. `backend` is accepted for memory_profiler's
    sake; `max_iterations` bounds the looks at a process.

    Raises Error if there is no such process, TypeError for another `proc`, and what the function
    raises.

    >>> levels, value = memory_usage((sum, ([1, 2],)), retval=True)
    >>> value, levels[0] > 1
    (3, True)
    """
    called = callable(proc) or isinstance(proc, tuple)
    process = _Process(os.getpid() if called else _pid_of(proc))
    try:
        samples = _Samples(process, interval, include_children or multiprocess)
        deadline = None if timeout is None else time.monotonic() + timeout
        value = None
        if called:
            value = _call(proc, samples, process, deadline)
        else:
            ends = hasattr(proc, "poll")
            samples.watch(deadline, max_iterations if ends or timeout is not None else 1)
    finally:
        process.close()
    result = _result(samples, timestamps, max_usage, stream)
    return (result, value) if retval else result
