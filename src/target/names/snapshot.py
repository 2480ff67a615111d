# SPDX-License-Identifier: MIT
"""What a snapshot answers, as tracemalloc's does. Imports nothing; what is `quiet` allocates nothing
that is counted."""


class Statistic:
    """Bytes and blocks of a line, a file or a function."""

    __slots__ = ("filename", "lineno", "function", "size", "count")

    def __init__(self, filename, lineno, function, size, count):
        self.filename = filename
        self.lineno = lineno
        self.function = function
        self.size = size
        self.count = count

    @property
    @quiet
    def traceback(self):
        return (Frame(self.filename, self.lineno),)

    @quiet
    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return _fields(self) == _fields(other)

    @quiet
    def __hash__(self):
        return hash(_fields(self))

    @quiet
    def __repr__(self):
        return f"<{type(self).__name__} {_place(self)!r} size={self.size} count={self.count}>"

    @quiet
    def __str__(self):
        text = f"{_place(self)}: size={_size(self.size)}, count={self.count}"
        if self.count:
            text += f", average={_size(self.size / self.count)}"
        return text


class StatisticDiff(Statistic):
    """The same, and what became of it since another snapshot."""

    __slots__ = ("size_diff", "count_diff")

    def __init__(self, filename, lineno, function, size, size_diff, count, count_diff):
        Statistic.__init__(self, filename, lineno, function, size, count)
        self.size_diff = size_diff
        self.count_diff = count_diff

    @quiet
    def __repr__(self):
        return (f"<StatisticDiff {_place(self)!r} size={self.size} ({self.size_diff:+}) "
                f"count={self.count} ({self.count_diff:+})>")

    @quiet
    def __str__(self):
        text = (f"{_place(self)}: size={_size(self.size)} ({_size(self.size_diff, True)}), "
                f"count={self.count} ({self.count_diff:+})")
        if self.count:
            text += f", average={_size(self.size / self.count)}"
        return text


class Frame:
    """A line."""

    __slots__ = ("filename", "lineno")

    def __init__(self, filename, lineno):
        self.filename = filename
        self.lineno = lineno

    @quiet
    def __eq__(self, other):
        if type(other) is not Frame:
            return NotImplemented
        return (self.filename, self.lineno) == (other.filename, other.lineno)

    @quiet
    def __hash__(self):
        return hash((self.filename, self.lineno))

    @quiet
    def __str__(self):
        return f"{self.filename}:{self.lineno}"

    @quiet
    def __repr__(self):
        return f"<Frame filename={self.filename!r} lineno={self.lineno}>"


class Filter:
    """Files by a pattern (*, ?, [...]), and a line of them. Others are left out if `inclusive`."""

    __slots__ = ("inclusive", "filename_pattern", "lineno", "all_frames", "domain")

    def __init__(self, inclusive, filename_pattern, lineno=None, all_frames=False, domain=None):
        self.inclusive = inclusive
        self.filename_pattern = filename_pattern
        self.lineno = lineno
        self.all_frames = all_frames
        self.domain = domain

    def _matches(self, filename, lineno, domain):
        if self.domain is not None and domain != self.domain:
            return False
        if self.lineno is not None and lineno != self.lineno:
            return False
        return _glob(filename, self.filename_pattern)

    @quiet
    def __repr__(self):
        return f"<Filter inclusive={self.inclusive} filename_pattern={self.filename_pattern!r}>"


class DomainFilter:
    """Blocks by who was asked for them: 'python', 'native' or 'mmap'."""

    __slots__ = ("inclusive", "domain")

    def __init__(self, inclusive, domain):
        self.inclusive = inclusive
        self.domain = domain

    def _matches(self, filename, lineno, domain):
        return domain == self.domain

    @quiet
    def __repr__(self):
        return f"<DomainFilter inclusive={self.inclusive} domain={self.domain!r}>"


class Snapshot:
    """What lived at a moment. `traces` are (filename, lineno, function, domain, size, count)."""

    __slots__ = ("name", "figures", "traces")

    def __init__(self, name, figures, traces):
        self.name = name
        self.figures = figures
        self.traces = traces

    @quiet
    def statistics(self, key_type="lineno", cumulative=False):
        """Sums by 'lineno', 'filename' or 'function', largest first."""
        found = [Statistic(*place, size, count)
                 for place, (size, count) in _sums(self, key_type).items()]
        found.sort(key=_by_size, reverse=True)
        return found

    @quiet
    def compare_to(self, old_snapshot, key_type="lineno", cumulative=False):
        """What has changed since an older snapshot, largest change first."""
        old, new = _sums(old_snapshot, key_type), _sums(self, key_type)
        found = []
        for place in {**old, **new}:
            size, count = new.get(place, (0, 0))
            size_before, count_before = old.get(place, (0, 0))
            found.append(StatisticDiff(*place, size, size - size_before, count,
                                       count - count_before))
        found.sort(key=_by_change, reverse=True)
        return found

    @quiet
    def filter_traces(self, filters):
        """Another snapshot, of what one of the inclusive filters takes and no other one leaves out."""
        filters = list(filters)
        include = [one for one in filters if one.inclusive]
        exclude = [one for one in filters if not one.inclusive]
        return Snapshot(self.name, self.figures, [
            trace for trace in self.traces
            if (not include or _any(include, trace)) and not _any(exclude, trace)])

    @quiet
    def top(self, limit=10, key_type="lineno"):
        """The largest of statistics()."""
        return _statistics(self, key_type)[:limit]

    @quiet
    def __repr__(self):
        return f"<mprun.Snapshot {self.name!r} of {len(self.traces)} places>"


Method = type(Snapshot("", None, []).__init__)
_statistics = Snapshot.__dict__["statistics"]


def _fields(statistic):
    return tuple(getattr(statistic, name) for kind in reversed(type(statistic).__mro__[:-1])
                 for name in kind.__slots__)


def _by_size(statistic):
    return (statistic.size, statistic.count, statistic.filename, statistic.lineno,
            statistic.function)


def _by_change(statistic):
    return (abs(statistic.size_diff), statistic.size, abs(statistic.count_diff), statistic.count,
            statistic.filename, statistic.lineno, statistic.function)


_KEYS = {
    "lineno": lambda trace: (trace[0], trace[1], ""),
    "filename": lambda trace: (trace[0], 0, ""),
    "function": lambda trace: (trace[0], 0, trace[2]),
}


def _sums(snapshot, key_type):
    if key_type not in _KEYS:
        raise ValueError(f"unknown key_type: {key_type!r}; it can be {', '.join(map(repr, _KEYS))}")
    key, sums = _KEYS[key_type], {}
    for trace in snapshot.traces:
        place = key(trace)
        size, count = sums.get(place, (0, 0))
        sums[place] = size + trace[4], count + trace[5]
    return sums


def _any(filters, trace):
    return any(one._matches(trace[0], trace[1], trace[3]) for one in filters)


def _place(statistic):
    if statistic.function:
        return f"{statistic.filename}:{statistic.function}"
    return f"{statistic.filename}:{statistic.lineno}"


def _size(size, sign=False):
    for unit in "B", "KiB", "MiB", "GiB", "TiB":
        if abs(size) < 100 and unit != "B":
            return f"{size:+.1f} {unit}" if sign else f"{size:.1f} {unit}"
        if abs(size) < 10 * 1024 or unit == "TiB":
            return f"{size:+.0f} {unit}" if sign else f"{size:.0f} {unit}"
        size /= 1024


def _glob(text, pattern):
    """As fnmatchcase: without recursion, going back to the last star only."""
    at = here = 0
    star = resume = None
    while at < len(text):
        after = _one(text[at], pattern, here)
        if here < len(pattern) and pattern[here] == "*":
            star, resume, here = here, at, here + 1
        elif after:
            at, here = at + 1, after
        elif star is not None:
            resume += 1
            at, here = resume, star + 1
        else:
            return False
    return pattern[here:].strip("*") == ""


def _one(letter, pattern, at):
    """Where the pattern goes on if what stands there is that letter; 0: it is not."""
    if at >= len(pattern):
        return 0
    if pattern[at] == "[":
        begin = at + 2 if pattern[at + 1:at + 2] == "!" else at + 1
        end = pattern.find("]", begin + 1)
        if end > 0:
            inside = _among(letter, pattern[begin:end])
            return end + 1 if inside != (begin == at + 2) else 0
    return at + 1 if pattern[at] in ("?", letter) else 0


def _among(letter, letters):
    at = 0
    while at < len(letters):
        if letters[at + 1:at + 2] == "-" and at + 2 < len(letters):
            if letters[at] <= letter <= letters[at + 2]:
                return True
            at += 3
        elif letters[at] == letter:
            return True
        else:
            at += 1
    return False
