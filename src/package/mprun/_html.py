# SPDX-License-Identifier: MIT
"""A profile as a static table: its style stands in it, no script, nothing that is fetched. All that
comes from the program is escaped."""

from __future__ import annotations

from html import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

_MIB = 1 << 20
_HEAD = "text-align:right;padding:0 .6em;border-bottom:1px solid currentColor;font-weight:bold"
_CELL = "text-align:right;padding:0 .6em;border:0;white-space:pre"
_LEFT = "text-align:left;padding:0 .6em;border:0;white-space:pre"
_TABLE = "border-collapse:collapse;font-family:monospace;font-size:.9em"
_NOTE = "font-size:.9em;margin:.3em 0"


def _size(value: Optional[int], sign: bool) -> str:
    """In MiB. Blank: nothing, or not measured; a dot: less than is shown."""
    if not value:
        return ""
    if abs(value) < _MIB / 20:
        return "·"
    return f"{value / _MIB:{'+' if sign else ''},.1f}".replace("-", "−")


def _share(value: Optional[int], peak: int) -> str:
    share = 100 * (value or 0) / peak if peak else 0
    return f"{share:.0f}%" if share >= 0.5 else ""


# What stands over a column, its explanation, and the text of a row in it.
_COLUMNS: tuple[tuple[str, str, Callable[[dict[str, Any], int], str]], ...] = (
    ("Line", "number in the file", lambda row, peak: str(row["line"])),
    ("Hits", "how often it ran", lambda row, peak: f"{row['hits']:,}" if row["hits"] else ""),
    ("RSS", "resident memory when it last ended, MiB", lambda row, peak: _size(row["rss"], False)),
    ("+RSS", "its change over all hits, callees included, MiB",
     lambda row, peak: _size(row["rss_delta"], True)),
    ("+Heap", "bytes allocated less freed, MiB", lambda row, peak: _size(row["heap_delta"], True)),
    ("Spike", "most heap that came and went within one hit, MiB",
     lambda row, peak: _size(row["spike"], False)),
    ("Peak", "share of the highest heap that the line holds",
     lambda row, peak: _share(row["live_at_peak"], peak)),
)


def _head() -> str:
    cells = "".join(f'<th style="{_HEAD}" title="{escape(why)}">{escape(name)}</th>'
                    for name, why, _ in _COLUMNS)
    return f'<tr>{cells}<th style="{_HEAD};text-align:left">Source</th></tr>'


def _row(row: dict[str, Any], peak: int) -> str:
    cells = "".join(f'<td style="{_CELL}">{escape(show(row, peak))}</td>'
                    for _, _, show in _COLUMNS)
    return f'<tr>{cells}<td style="{_LEFT}">{escape(row["source"] or "")}</td></tr>'


def _function(function: dict[str, Any], peak: int) -> str:
    calls = f"{function['calls']:,} call{'s' if function['calls'] != 1 else ''}"
    place = f"{function['file']}:{function['first_line']}"
    title = f"{escape(function['qualname'])}</b> {escape(place)}"
    rows = "".join(_row(row, peak) for row in function["rows"])
    return (f'<p style="{_NOTE}"><b>{title}, {calls}, sizes in MiB</p>'
            f'<table style="{_TABLE}"><thead>{_head()}</thead><tbody>{rows}</tbody></table>')


def table(profile: dict[str, Any]) -> str:
    """The functions that ran, the peaks and the notes of what Profile.to_dict() gives."""
    heap, rss = profile["heap"] or {}, profile["rss"] or {}
    peak = heap.get("peak") or 0
    functions = "".join(_function(function, peak) for function in profile["functions"]
                        if function["calls"] or any(row["hits"] for row in function["rows"]))
    peaks = ", ".join(f"{name} peak {_size(part['peak'], False) or '0'} MiB"
                      for name, part in (("Heap", heap), ("RSS", rss))
                      if part.get("peak") is not None)
    notes = "".join(f'<p style="{_NOTE}">{escape(note)}</p>' for note in profile["notes"])
    return f'<div>{functions}<p style="{_NOTE}">{escape(peaks)}</p>{notes}</div>'
