# SPDX-License-Identifier: MIT
"""Runs one module of CPython's test suite and notes what becomes of each test, as it happens, so
that what a process did before it died is known. Runs in the Python under test, in a process of its
own, set up as CPython's test.regrtest sets up its workers.

module.py VERDICTS MODULE SKIP UNDER [RESOURCE...]

VERDICTS gets a tuple a line: ("start", test), (verdict, test, why), ("end",).
SKIP is a file with a line for each test that is not to run: its name, or a pattern with "*".
UNDER is "nothing", or what the tests run under instead of mprun: "settrace", "tool" (a tool of
sys.monitoring that watches each line, and does nothing).
"""
import fnmatch
import os
import re
import sys
import unittest

# From good to bad: a test has the worst of what is told about it.
ORDER = ("pass", "skip", "xfail", "upass", "fail", "error")

# Held here, because tests replace what is in os.
_open, _write, _close, _getpid, _exit = os.open, os.write, os.close, os.getpid, os._exit
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class Notes:
    """The file with the verdicts. Never kept open: tests close, count and move descriptors."""

    def __init__(self, path):
        self.path = path
        self.pid = _getpid()

    def add(self, *note):
        file = _open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            _write(file, ascii(note).encode() + b"\n")
        finally:
            _close(file)


class Result(unittest.TestResult):
    def __init__(self, notes, keys):
        super().__init__()
        self.notes = notes
        self.keys = keys
        self.open = None
        self.worst = "pass"
        self.why = ""

    def startTest(self, test):
        # A child that a test forked and lost goes no further.
        if _getpid() != self.notes.pid:
            _exit(3)
        super().startTest(test)
        self.open, self.worst, self.why = test, "pass", ""
        self.notes.add("start", self.keys[id(test)])

    def stopTest(self, test):
        super().stopTest(test)
        self.notes.add(self.worst, self.keys[id(test)], self.why)
        self.open = None

    def tell(self, test, verdict, why):
        if test is not self.open:
            # A part of a test, or what is set up for a class or a module.
            part = getattr(test, "test_case", None)
            if part is None or part is not self.open:
                self.notes.add(verdict, name(test), why)
                return
            self.notes.add(verdict, f"{self.keys[id(part)]} {plain(test._subDescription())}", why)
        if ORDER.index(verdict) > ORDER.index(self.worst):
            self.worst, self.why = verdict, why

    def addSkip(self, test, reason):
        self.tell(test, "skip", str(reason))

    def addError(self, test, err):
        self.tell(test, "error", self.text(err, test))

    def addFailure(self, test, err):
        self.tell(test, "fail", self.text(err, test))

    def addSubTest(self, test, subtest, err):
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            self.tell(subtest, "fail" if failed else "error", self.text(err, test))

    def addExpectedFailure(self, test, err):
        self.tell(test, "xfail", "")

    def addUnexpectedSuccess(self, test):
        self.tell(test, "upass", "")

    def text(self, err, test):
        try:
            return self._exc_info_to_string(err, test)[-3000:]
        except Exception:
            return err[0].__name__


def plain(text):
    return _ADDRESS.sub("0x…", text)


def name(test):
    return plain(test.id())


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def without(suite, keys, skip, patterns):
    """Takes tests out of a suite where they stand: what is set up for those around them is."""
    kept = []
    for test in suite._tests:
        if isinstance(test, unittest.TestSuite):
            without(test, keys, skip, patterns)
            kept.append(test)
        elif not (keys[id(test)] in skip or
                  any(fnmatch.fnmatchcase(keys[id(test)], each) for each in patterns)):
            kept.append(test)
    suite._tests = kept


def number(tests):
    """A name for each test; tests of the same name are numbered."""
    seen = {}
    keys = {}
    for test in tests:
        key = name(test)
        seen[key] = seen.get(key, 0) + 1
        keys[id(test)] = key if seen[key] == 1 else f"{key} #{seen[key]}"
    return keys


def set_up(resources):
    import faulthandler
    import random
    import signal

    from test import support
    from test.libregrtest import utils
    from test.support import os_helper

    faulthandler.enable(all_threads=True)
    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    support.record_original_stdout(sys.stdout)
    sys.stdout.reconfigure(errors="backslashreplace")
    support.verbose = 0
    support.use_resources = dict.fromkeys(resources)
    sys.addaudithook(lambda event, arguments: None)
    utils.setup_unraisable_hook()
    utils.setup_threading_excepthook()
    if os_helper.TESTFN_UNDECODABLE:
        os.environb.setdefault(b"PYTHONREGRTEST_UNICODE_GUARD", os_helper.TESTFN_UNDECODABLE)
    random.seed(1)


def under_settrace():
    import threading

    def trace(frame, event, argument):
        return trace

    threading.settrace(trace)
    sys.settrace(trace)


def under_tool():
    monitoring = sys.monitoring
    monitoring.use_tool_id(4, "cpython")
    events = monitoring.events
    for event in (events.LINE, events.PY_RETURN, events.PY_YIELD, events.PY_RESUME, events.PY_THROW,
                  events.PY_UNWIND):
        monitoring.register_callback(4, event, lambda *arguments: None)

    def start(code, offset):
        monitoring.set_local_events(
            4, code, events.LINE | events.PY_RETURN | events.PY_YIELD | events.PY_RESUME)
        return monitoring.DISABLE

    monitoring.register_callback(4, events.PY_START, start)
    monitoring.set_events(4, events.PY_START | events.PY_THROW | events.PY_UNWIND)


def leave_tools(module):
    """test_monitoring takes numbers 2, 3 and 4, and runs nothing while any tool has events. It
    takes the last one instead of 4, and is shown no tool that was there before it."""
    there = {tool for tool in range(6) if sys.monitoring.get_tool(tool)}
    module.TEST_TOOL3 = 5
    module.range = lambda *bounds: [each for each in range(*bounds)
                                    if bounds != (6,) or each not in there]
    all_events = sys.monitoring._all_events
    others = ~sum(1 << tool for tool in there)
    sys.monitoring._all_events = lambda: {
        event: tools & others for event, tools in all_events().items() if tools & others}


def run(notes, module, skip):
    import importlib
    try:
        tests = importlib.import_module("test." + module)
        if module == "test_monitoring":
            leave_tools(tests)
        suite = unittest.TestLoader().loadTestsFromModule(tests)
    except unittest.SkipTest as reason:
        notes.add("skip", f"<import of {module}>", str(reason))
        return
    keys = number(flat(suite))
    without(suite, keys, skip, [each for each in skip if each.startswith("*")])
    suite.run(Result(notes, keys))


def main():
    _, path, module, skip_path, under, *resources = sys.argv
    # What the tests import does not come from here, and they see the arguments of no other program.
    del sys.path[0], sys.argv[1:]
    notes = Notes(path)
    with open(skip_path, encoding="utf-8") as file:
        skip = set(file.read().split("\n"))
    set_up(resources)
    {"nothing": lambda: None, "settrace": under_settrace, "tool": under_tool}[under]()
    run(notes, module, skip)
    notes.add("end")
