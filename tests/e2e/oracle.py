# SPDX-License-Identifier: MIT
"""The oracle of hits: run a program under plain python3 with a sys.settrace tracer in every thread
and count what the contract counts.

    python3 oracle.py OUT PROGRAM [ARGS...]

writes to OUT a list of {"file", "qualname", "first_line", "calls", "hits": {line: count}}, one for
each function of the program's folder. A line event counts unless it repeats the frame's last line;
the last line belongs to the frame, so it survives yield and await. Code of comprehensions and
generator expressions has no table. `profile` and `mprun` are builtins that return what they are
given; where one was used, "decorated" tells which functions it was given (nested ones included).
"""

import _thread
import builtins
import json
import os
import sys
import threading
import types

INLINE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")

real_settrace = sys.settrace
real_start = _thread.start_new_thread
real_start_joinable = getattr(_thread, "start_joinable_thread", None)  # 3.13
folder = ""
functions = {}
decorated = set()


class FrameTracer:
    """The local trace function of one frame: it carries the frame's last line."""

    __slots__ = ("entry", "last")

    def __init__(self, entry):
        self.entry = entry
        self.last = None

    def __call__(self, frame, event, arg):
        if event == "line" and frame.f_lineno != self.last:
            self.last = frame.f_lineno
            counts = self.entry["hits"]
            counts[self.last] = counts.get(self.last, 0) + 1
        return self


def key_of(code):
    """A function table's identity."""
    return code.co_filename, code.co_qualname, code.co_firstlineno


def begin(frame, event, arg):
    """The global trace function: a frame starts, or a suspended one goes on."""
    if isinstance(frame.f_trace, FrameTracer):
        return frame.f_trace
    code = frame.f_code
    if code.co_name in INLINE or not code.co_filename.startswith(folder):
        return None
    entry = functions.setdefault(key_of(code), {"calls": 0, "hits": {}})
    entry["calls"] += 1
    return FrameTracer(entry)


def settrace(tracer):
    """sys.settrace for the program: taking its tracer away brings ours back."""
    real_settrace(begin if tracer is None else tracer)


def gettrace():
    """sys.gettrace for the program: ours is not there."""
    tracer = real_gettrace()
    return None if tracer is begin else tracer


def start_new_thread(function, args, kwargs=None):
    """_thread.start_new_thread whose thread is traced from its first frame."""
    def start():
        real_settrace(begin)
        function(*args, **(kwargs or {}))
    return real_start(start, ())


def start_joinable_thread(function, **options):
    """_thread.start_joinable_thread likewise."""
    def start():
        real_settrace(begin)
        function()
    return real_start_joinable(start, **options)


def decorator(*args, **kwargs):
    """The builtins `profile` and `mprun`: bare, or called with arguments."""
    if len(args) == 1 and not kwargs and (callable(args[0]) or hasattr(args[0], "__get__")):
        for function in underlying(args[0]):
            decorated.add(key_of(function.__code__))
        return args[0]
    return decorator


def underlying(thing):
    """The functions in a static or class method, a property, or a function."""
    if isinstance(thing, property):
        parts = (thing.fget, thing.fset, thing.fdel)
    else:
        parts = (getattr(thing, "__func__", thing),)
    return [part for part in parts if isinstance(part, types.FunctionType)]


def is_decorated(key):
    """Was the function, or one around it, given to a decorator?"""
    return key in decorated or any(
        key[0] == file and key[1].startswith(f"{name}.<locals>.") for file, name, _ in decorated)


def run(program):
    """Run the program as __main__, traced."""
    with open(program, "rb") as source:
        code = compile(source.read(), program, "exec")
    main = types.ModuleType("__main__")
    main.__file__ = program
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    real_settrace(begin)
    try:
        exec(code, main.__dict__)
    except SystemExit:
        pass
    finally:
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        real_settrace(None)


real_gettrace = sys.gettrace


def main():
    """Replace what the program may call, run it, write the counts."""
    global folder
    out, program = sys.argv[1], os.path.abspath(sys.argv[2])
    folder = os.path.dirname(program) + "/"
    sys.argv[:] = [program, *sys.argv[3:]]
    sys.path[0] = os.path.dirname(program)
    sys.settrace, sys.gettrace = settrace, gettrace
    _thread.start_new_thread = threading._start_new_thread = start_new_thread
    if real_start_joinable:
        _thread.start_joinable_thread = start_joinable_thread
        threading._start_joinable_thread = start_joinable_thread
    builtins.profile = builtins.mprun = decorator
    run(program)
    table = [{"file": key[0], "qualname": key[1], "first_line": key[2],
              "decorated": is_decorated(key), **entry} for key, entry in sorted(functions.items())]
    with open(out, "w", encoding="utf-8") as file:
        json.dump(table, file)


main()
