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
