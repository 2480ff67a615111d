# SPDX-License-Identifier: MIT
"""Runs a program under a trace function that does nothing: traced.py PROGRAM"""

import sys
import threading
import types


def trace(frame, event, arg):
    """For all frames and events."""
    return trace


with open(sys.argv[1], "rb") as source:
    code = compile(source.read(), sys.argv[1], "exec")
sys.argv[:] = sys.argv[1:]
main = types.ModuleType("__main__")
sys.modules["__main__"] = main
threading.settrace(trace)
sys.settrace(trace)
exec(code, main.__dict__)
