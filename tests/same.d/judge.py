# SPDX-License-Identifier: MIT
"""What differs between the runs of two builds, and does not between the runs of the first."""

import collections
import dataclasses
import difflib

import figures

ABSENT = "<absent>"
HOW = {None: "exactly", "rss": "as RSS, roughly", "time": "as times, roughly",
       "maybe": "if they are there"}


@dataclasses.dataclass
class Seen:
    """What one run left: {path: value}, and {stream: its lines}."""

    values: dict
    texts: dict


def aligned(name, reference, lines):
    """{path: line} of a text's lines, by the reference's lines that they stand for."""
    if lines == reference:  # most are, and the matcher is slow
        return {f"{name} line {i + 1}": line for i, line in enumerate(lines)}
    flat = {}
    matcher = difflib.SequenceMatcher(None, reference, lines, autojunk=False)
    for _, start, end, other, other_end in matcher.get_opcodes():
        for i in range(start, end):
            more = other + i - start
            flat[f"{name} line {i + 1}"] = lines[more] if more < other_end else ABSENT
        if other_end - other > end - start:
            flat[f"{name} behind line {end}"] = "\n".join(lines[other + end - start:other_end])
    return flat


def whole(seen, reference):
    """All of a run as {path: value}."""
    values = dict(seen.values)
    for name, lines in seen.texts.items():
        values |= aligned(name, reference.texts.get(name, []), lines)
    return values


def same_words(befores, after):
    """Is it the same where the first build's texts are, word by word?"""
    rows = [text.split() if isinstance(text, str) else None for text in (*befores, after)]
    if None in rows or len({len(row) for row in rows}) > 1:
        return True  # nothing of it stays the same
    return all(len(set(column[:-1])) > 1 or column[-1] == column[0] for column in zip(*rows))


def same(befores, after):
    """Is a value what it was before? Of what varied before only that part is asked that did not."""
    if isinstance(after, figures.Near):  # of what is null at times the rest counts
        near = [value for value in befores if isinstance(value, figures.Near)]
        return bool(near) and after.within(near)
    if any(value != befores[0] for value in befores):
        return after in befores or same_words(befores, after)
    return after == befores[0]


def varies(befores):
    """Did the first build's own runs differ?"""
    first = befores[0]
    return any(not value.within([first]) if isinstance(value, figures.Near) else value != first
               for value in befores)


def shown(value):
    return f"{value.value} ({value.kind})" if isinstance(value, figures.Near) else repr(value)


@dataclasses.dataclass
class Verdict:
    """{path: (before, after)} of what differs in half of the runs or more, and of what does in
    fewer; the paths of what varied before; how many values were compared how. `sure`: what differs
    was one value in all runs of the one build and one other in all of the other's."""

    wrong: dict
    once: dict
    masked: list
    compared: collections.Counter
    sure: bool = True


class Comparison:
    """Runs of both builds, in turn."""

    def __init__(self):
        self.befores, self.afters = [], []

    def add(self, before, after):
        self.befores.append(before)
        self.afters.append(after)

    def columns(self):
        """{path: (values of the first build's runs, of the second's)}."""
        reference = self.befores[0]
        runs = [whole(seen, reference) for seen in (*self.befores, *self.afters)]
        count = len(self.befores)
        paths = dict.fromkeys(path for run in runs for path in run)
        return {path: ([run.get(path, ABSENT) for run in runs[:count]],
                       [run.get(path, ABSENT) for run in runs[count:]]) for path in paths}

    def judge(self):
        """What the runs so far say."""
        found = Verdict({}, {}, [], collections.Counter())
        for path, (befores, afters) in self.columns().items():
            if varies(befores):
                found.masked.append(path)
            found.compared[HOW[getattr(befores[0], "kind", None)]] += 1
            others = [after for after in afters if not same(befores, after)]
            if others:
                where = found.wrong if 2 * len(others) >= len(afters) else found.once
                where[path] = shown(befores[0]), shown(others[0])
                if where is found.wrong and (varies(befores) or varies(afters)):
                    found.sure = False
        return found
