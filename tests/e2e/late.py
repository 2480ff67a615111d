# SPDX-License-Identifier: MIT
"""For programs that measure themselves: _mprun by its path, and recordings for it.

    late.py BUILD SCRIPT: run SCRIPT as __main__, with `late` importable.
"""

import ctypes
import importlib.util
import json
import os
import sys

BUILD = os.environ["LATE_BUILD"]
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


def _load():
    path = os.path.join(BUILD, f"_mprun-{MINOR}.so")
    spec = importlib.util.spec_from_file_location("_mprun", path)
    return importlib.util.module_from_spec(spec)


_mprun = _load()
_recorder = ctypes.CDLL(os.path.join(BUILD, "tests", "session", "recorder.so"))
_recorder.recorder_report.restype = ctypes.c_void_p
_recorder.recorder_slots.restype = ctypes.c_uint64
_recorder.recorder_free.argtypes = [ctypes.c_void_p]


def make_recording():
    fd = _recorder.recorder_open()
    assert fd >= 0
    return fd


def report(fd):
    text = _recorder.recorder_report(fd)
    assert text
    profile = json.loads(ctypes.string_at(text))
    _recorder.recorder_free(text)
    return profile


_recorder.recorder_malloc.restype = ctypes.c_void_p
_recorder.recorder_malloc.argtypes = [ctypes.c_size_t]
native_malloc = _recorder.recorder_malloc
native_free = _recorder.recorder_free
native_busy = _recorder.recorder_busy  # without the GIL


class Session:
    """A session around a with block; `profile` afterwards."""

    def __init__(self, *patterns, **config):
        self.config = dict(config, patterns=patterns)

    def __enter__(self):
        self.fd = make_recording()
        _mprun.open(self.fd, **self.config)
        _mprun.begin()
        return self

    def __exit__(self, *unused):
        _mprun.end()
        _mprun.close()
        self.profile = report(self.fd)
        os.close(self.fd)


class _Allocator(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("context", "malloc", "calloc", "realloc", "free")]


def _allocators():
    found = []
    for domain in range(3):
        allocator = _Allocator()
        ctypes.pythonapi.PyMem_GetAllocator(domain, ctypes.byref(allocator))
        found.append([getattr(allocator, name) for name, _ in _Allocator._fields_])
    arenas = (ctypes.c_void_p * 3)()
    ctypes.pythonapi.PyObject_GetArenaAllocator(ctypes.byref(arenas))
    return found, list(arenas)


def _method(function):
    """The C function of a builtin: in its definition, which the object points to."""
    definition = ctypes.c_void_p.from_address(id(function) + 2 * ctypes.sizeof(ctypes.c_void_p)).value
    return ctypes.c_void_p.from_address(definition + ctypes.sizeof(ctypes.c_void_p)).value


def _tracing():
    import _imp
    found = {"settrace": _method(sys.settrace), "create": _method(_imp.create_dynamic)}
    if sys.version_info < (3, 12):
        get = ctypes.pythonapi._PyInterpreterState_GetEvalFrameFunc
        get.restype = ctypes.c_void_p
        ctypes.pythonapi.PyInterpreterState_Main.restype = ctypes.c_void_p
        found["evaluator"] = get(ctypes.c_void_p(ctypes.pythonapi.PyInterpreterState_Main()))
    else:
        found["tools"] = [sys.monitoring.get_tool(i) for i in range(6)]
        found["free_tool_id"] = _method(sys.monitoring.free_tool_id)
    if sys.version_info >= (3, 13):
        get = ctypes.pythonapi.PyRefTracer_GetTracer
        get.restype = ctypes.c_void_p
        found["reference tracer"] = get(None)
    return found


def maps():
    """How many there are: the program's own come and go as well."""
    with open("/proc/self/maps", encoding="ascii") as lines:
        return sum(1 for line in lines)


def state():
    """What a session must leave as it was."""
    import atexit
    import builtins
    import gc
    return {
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "allocators": _allocators(),
        "slots": _recorder.recorder_slots(),
        "tracing": _tracing(),
        "trace function": sys.gettrace(),
        "builtins": sorted(vars(builtins)),
        "collector": (gc.isenabled(), list(gc.callbacks)),
        "exit handlers": atexit._ncallbacks(),
    }
