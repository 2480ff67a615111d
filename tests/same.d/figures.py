# SPDX-License-Identifier: MIT
"""What a run left as {path: value}: streams and reports line by line, a JSON report key by key.
What is never the same twice (times, RSS, addresses) is reduced here to what can be compared."""

import dataclasses
import json
import re

# Figures that vary, by the last key of their path, or all below one.
TIMES = {"duration_ns", "time_ns", "t_ns", "oldest_ns"}
RSS = {"rss", "rss_min", "rss_max", "rss_entry", "rss_delta"}
BELOW = {"rss", "reconciliation"}
EXACT_BELOW = {"reconciliation.arenas"}
# Told to be there or not, and no more.
PRESENCE = {"pid", "started", "statm_reads", "thread"}
PEAK = {"peak_line", "peak_function"}  # of RSS
# Said where the sampler came too late.
UNSEEN = "No sample and no line saw the peak"
# How far two runs' RSS may be apart: a map of libraries, and what the kernel counts late.
RSS_SLACK, RSS_SHARE = 1 << 20, 0.1
# Two runs' times on a busy machine; below a millisecond they are only told from nothing.
TIME_FACTOR, TIME_LEAST = 50, 1_000_000


@dataclasses.dataclass(frozen=True)
class Near:
    """A value that need only be near: kind "rss", "time", or "maybe" for what may be None."""

    kind: str
    value: object

    def within(self, others):
        """Is it near what others were?"""
        if not all(isinstance(other, Near) for other in others):
            return False
        if self.kind == "maybe":
            return self.value is None or all(o.value in (None, self.value) for o in others)
        low, high = min(o.value for o in others), max(o.value for o in others)
        if self.kind == "rss":
            slack = RSS_SLACK + RSS_SHARE * max(abs(low), abs(high))
            return low - slack <= self.value <= high + slack
        if (self.value == 0) != (low == 0):
            return False
        return (max(low, TIME_LEAST) / TIME_FACTOR <= max(self.value, TIME_LEAST)
                <= max(high, TIME_LEAST) * TIME_FACTOR)


def reduced(path, key, value):
    """What is compared of a value."""
    if key in PEAK and path == "rss":
        return Near("maybe", None)
    if value is None or isinstance(value, (bool, str)) and key not in PRESENCE:
        return value
    if key in PRESENCE:
        return "there"
    inside = path.split(".")[-1:]
    if key in TIMES:
        return Near("time", value)
    if key in RSS or (BELOW.intersection(inside) and f"{inside[0]}.{key}" not in EXACT_BELOW):
        return Near("rss", value)
    return value


def identity(item):
    """What names an element of a list beside the others."""
    parts = [item.get(key) for key in ("file", "qualname", "first_line", "function", "domain",
                                       "package")]
    return ":".join(str(part) for part in (*parts, item.get("line")) if part is not None)


def flatten_list(path, items, flat):
    """Objects by what they are called, with their order apart; the rest by number."""
    if path == "timeline":  # as many as there was time for
        flat["timeline keys"] = Near("maybe", tuple(items[0]) if items else None)
        return
    if path == "notes":
        items = [note for note in items if UNSEEN not in note]
    names = {}
    for number, item in enumerate(items):
        name = identity(item) if isinstance(item, dict) else ""
        name = name or str(number)
        while name in names:
            name += "'"
        names[name] = None
        if isinstance(item, (dict, list)):
            flatten(f"{path}[{name}]", item, flat)
        else:
            flat[f"{path}[{name}]"] = item
    flat[f"{path} order"] = list(names)


def flatten(path, value, flat):
    """A JSON value into `flat`."""
    if isinstance(value, list):
        flatten_list(path, value, flat)
        return
    flat[f"{path} keys"] = list(value)
    for key, each in value.items():
        below = f"{path}.{key}" if path else key
        if isinstance(each, (dict, list)):
            flatten(below, each, flat)
        else:
            flat[below] = reduced(path, key, each)


def skeletons(text):
    """The different lines of a JSON text without what they say, up to the samples."""
    text = text.partition('\n  "timeline"')[0]
    text = re.sub(r'("(?:[^"\\]|\\.)*")(:?)', lambda found: found[0] if found[2] else "$", text)
    text = re.sub(r"(?<=[\[ ])(-?\d+|null|true|false|\$)(?=[,\]}\n])", "#", text)
    return set(text.splitlines())


def json_report(text):
    """A JSON report."""
    flat = {}
    try:
        flatten("", json.loads(text), flat)
    except ValueError as error:
        return {"no JSON": str(error)}
    flat.update((f"layout {line}", "there") for line in skeletons(text))
    return flat


# --- text

NUMBER = r"[+\-−]?\d[\d,]*(?:\.\d+)?"
HEADS = re.compile(r"Max RSS|At peak|At end|\S+")
MASKED_HEADS = {"RSS", "+RSS", "Max RSS", "Time"}
EVERYWHERE = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0x#"),
    (re.compile(rf"({NUMBER}|·) ?(ns|µs|us|ms|s|min|h)\b"), "# s"),
    (re.compile(rf"{NUMBER} MiB  +{NUMBER} MiB(?=   )"), "# MiB    # MiB"),  # classic
)
PEAK_PLACE = re.compile(r"(peak #(?: [KMG]?i?B)?) (?:in line # of \S+|in line #|\(.*?\))")
COURSE = re.compile(r"# (?:at start,|[▁-█]+|[_.\-=#]{3,}) # at end")


def cells(line, ends):
    """A line of a table cut where the columns of its head end."""
    starts = [0, *ends[:-1]]
    return [line[start:end].strip() for start, end in zip(starts, ends)] + [line[ends[-1]:]]


def masked_table(lines):
    """The table at the start of `lines`, head first, without its RSS and times."""
    heads = list(HEADS.finditer(lines[0]))
    ends = [match.end() for match in heads[:-1]]
    masked = [i for i, match in enumerate(heads) if match[0] in MASKED_HEADS]
    for line in lines:
        row = cells(line, ends)
        if masked and line is not lines[0] and not line.startswith(("─", "-")):
            for column in masked:
                row[column] = "#"
        yield " | ".join(row) if masked else line


def is_head(line):
    return line.lstrip().startswith("Line ") and line.rstrip().endswith("Source")


def masked_paragraph(lines):
    """What is said of RSS in words, in one line: it is wrapped where its figures end."""
    text = " ".join(" ".join(lines).split())
    text = re.sub(r"(?<![\w.])(" + NUMBER + r"|[·~])(?!\w)", "#", text)
    text = COURSE.sub("# at end", text)
    return PEAK_PLACE.sub(r"\1", text)


def masked_line(line):
    """A line without times and addresses, nor the path in it, for which there is as much room as
    they leave."""
    changed = line
    for pattern, instead in EVERYWHERE:
        changed = pattern.sub(instead, changed)
    if changed == line:
        return line
    return re.sub(r"(?<=\S)  +", "  ", re.sub(r"(?:…|/)\S+?(?=:\d)", "…", changed))


def without_unseen(lines):
    """The lines without the note on what the sampler did not see."""
    result = []
    for number, line in enumerate(lines):
        if UNSEEN not in line:
            result.append(line)
        elif result and not result[-1] and not any(lines[number + 1:number + 2]):
            result.pop()
    return result


def plain(text):
    """The lines of a text report or a stream, without what is never the same."""
    lines, result, i = text.split("\n"), [], 0
    while i < len(lines):
        end = i + 1
        if is_head(lines[i]):
            while end < len(lines) and lines[end].strip():
                end += 1
            result += masked_table(lines[i:end])
        elif lines[i].startswith("RSS  "):
            while end < len(lines) and lines[end].startswith("     "):
                end += 1
            result.append(masked_paragraph(lines[i:end]))
        else:
            result.append(lines[i])
        i = end
    return [masked_line(line) for line in without_unseen(result)]
