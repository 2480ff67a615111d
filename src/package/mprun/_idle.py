# SPDX-License-Identifier: MIT
"""What a program asks of mprun where nothing is measured: every call is allowed and does nothing.
Its types are in __init__.pyi, so that nothing need be imported for them."""


class Figures(tuple):
    """Bytes; None where nothing is measured. What a named tuple is, whose module is not light."""

    __slots__ = ()
    _fields = ("heap", "rss", "heap_peak", "rss_peak", "python", "native")
    heap, rss, heap_peak, rss_peak, python, native = (
        property(lambda self, at=at: self[at]) for at in range(6))

    def __new__(cls, *values):
        return super().__new__(cls, values + (None,) * (len(cls._fields) - len(values)))

    def __repr__(self):
        return f"mprun.Figures({', '.join(f'{k}={v!r}' for k, v in zip(self._fields, self))})"


class Snapshot:
    """What every line held at a moment: here, nothing."""

    def __init__(self, name):
        self.name = name

    def statistics(self, key_type="lineno", cumulative=False):
        """No lines."""
        return []

    def compare_to(self, old_snapshot, key_type="lineno", cumulative=False):
        """No changes."""
        return []

    def filter_traces(self, filters):
        """The same."""
        return self

    def top(self, limit=10, key_type="lineno"):
        """No lines."""
        return []

    def __repr__(self):
        return f"<mprun.Snapshot {self.name!r} of 0 places>"


class Section:
    """A part of the program with a name: a context manager, and a decorator of functions."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return None

    def __call__(self, function):
        return function

    def __repr__(self):
        return f"mprun.section({self.name!r})"


def mark(name):
    """Name this moment in the report."""


def snapshot(name):
    """The same, and keep what every line holds."""
    return Snapshot(name)


def current():
    """The heap and RSS now, and their peaks, in bytes."""
    return Figures()


def reset_peak():
    """The peaks that current() tells begin anew."""


def section(name):
    """A part of the program that has figures of its own in the report."""
    return Section(name)


def profile(function=None, **options):
    """Select a function; bare, or with memory_profiler's arguments, which mean nothing here."""
    return (lambda decorated: decorated) if function is None else function
