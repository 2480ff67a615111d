# SPDX-License-Identifier: MIT
"""Runs a program beside a tool that does nothing: traced.py all|own PROGRAM. Before 3.12 that is a
trace function, from then on a tool of sys.monitoring with the events that a line profiler asks for,
in all code or in the program's own."""

import sys
import threading
import types

TOOL = 4


def trace(frame, event, arg):
    """For all frames and events."""
    return trace


def nothing(*what):
    """A callback."""


def monitor(program, everything):
    """Local events for all code that starts; only others' code is to be heard of once."""
    monitoring = sys.monitoring
    events = monitoring.events
    everywhere = events.PY_UNWIND | events.PY_THROW
    local = events.LINE | events.PY_YIELD | events.PY_RESUME | events.PY_RETURN

    def start(code, offset):
        own = code.co_filename == program
        if own or everything:
            monitoring.set_local_events(TOOL, code, local)
        return None if own else monitoring.DISABLE

    monitoring.use_tool_id(TOOL, "nobody's")
    for name in ("LINE", "PY_YIELD", "PY_RESUME", "PY_RETURN", "PY_UNWIND", "PY_THROW"):
        monitoring.register_callback(TOOL, getattr(events, name), nothing)
    monitoring.register_callback(TOOL, events.PY_START, start)
    monitoring.set_events(TOOL, events.PY_START | everywhere)


def main():
    """The program runs as __main__."""
    everything = sys.argv[1] == "all"
    sys.argv[:] = sys.argv[2:]
    with open(sys.argv[0], "rb") as source:
        code = compile(source.read(), sys.argv[0], "exec")
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    if sys.version_info < (3, 12):
        threading.settrace(trace)
        sys.settrace(trace)
    else:
        monitor(sys.argv[0], everything)
    exec(code, module.__dict__)


main()
