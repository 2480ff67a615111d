# SPDX-License-Identifier: MIT
"""Frames that go on, or are left, without the event that would say so. Nothing crashes, hits are as
settrace has them, and what happened while a frame waited is in no row of it."""

import textwrap

import pytest

import harness

# Each as under python3, but that `profile` is there.
SAME = {
    # throw() into a generator that delegates: the delegate handles it and returns
    "throw_into_delegate": """
        def inner():
            try:
                yield 1
            except ValueError:
                pass
            return 2
        def outer():
            v = yield from inner()
            yield v
        g = outer()
        print(next(g), g.throw(ValueError), list(g))
        """,
    "await_of_one_that_catches": """
        import asyncio
        async def inner(future):
            try:
                await future
            except ValueError:
                return "caught"
        async def main():
            future = asyncio.get_running_loop().create_future()
            future.get_loop().call_soon(future.set_exception, ValueError())
            print(await inner(future))
            await asyncio.sleep(0)
            try:
                await asyncio.wait_for(asyncio.sleep(10), 0.01)
            except asyncio.TimeoutError:
                print("timeout")
            await asyncio.sleep(0)
        asyncio.run(main())
        """,
    # a signal handler that raises at a generator's resume
    "interrupt_at_resume": """
        import _thread, operator
        def gen():
            while True:
                try:
                    yield "next"
                except KeyboardInterrupt:
                    yield "interrupted"
        g = gen()
        next(g)
        print(list(map(operator.call, (_thread.interrupt_main, g.__next__))))
        """,
    "alarm_in_recursion": """
        import signal
        class Tick(Exception): pass
        def on_alarm(*unused):
            if running: raise Tick
        def walk(depth):
            for i in range(3):
                try:
                    yield depth
                    if depth:
                        for n in walk(depth - 1):
                            yield n
                except Tick:
                    pass
        def drain(g):
            try:
                return sum(g)
            except Tick:
                return 0
        running = True
        signal.signal(signal.SIGALRM, on_alarm)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        try:
            for i in range(30): drain(walk(6))
        except Tick: pass
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("done")
        """,
    # a trace or profile function that raises where a generator resumes, is thrown into, or yields
    **{f"{setter}_raises_at_{what}": f"""
        import sys
        def trace(frame, event, arg):
            if frame.f_code is gen.__code__ and event == "{event}":
                raise ValueError
            return trace
        def gen():
            try:
                yield 1
                yield 2
            except (ValueError, KeyError) as e:
                yield type(e).__name__
        g = gen()
        {first}
        sys.{setter}(trace)
        try:
            print({then})
        except ValueError as e:
            print(repr(e))
        sys.{setter}(None)
        print(list(g))
        """
       for setter in ("settrace", "setprofile")
       for what, event, first, then in (("resume", "call", "next(g)", "next(g)"),
                                        ("throw", "call", "next(g)", "g.throw(KeyError)"),
                                        ("yield", "return", "pass", "next(g)"))},
}

SINCE_3_12 = {
    **{f"tool_{tool}_raises_at_{event}": f"""
        import sys
        mon = sys.monitoring
        def on_event(*args):
            mon.set_local_events({tool}, gen.__code__, 0)
            raise ValueError
        def gen():
            try:
                yield 1
                yield 2
            except ValueError:
                yield 3
        g = gen()
        mon.use_tool_id({tool}, "test")
        mon.register_callback({tool}, mon.events.{event}, on_event)
        mon.set_local_events({tool}, gen.__code__, mon.events.{event})
        try:
            print(next(g, None), next(g, None))
        except ValueError as e:
            print(repr(e))
        print(list(g))
        """
       for tool in (2, 5) for event in ("PY_YIELD", "PY_RESUME", "PY_START", "LINE")},
    # our number is given away, and the new owner's events come to us
    "tools_freed": """
        import sys
        def f(n):
            keep.append([0] * 1000)
            if n == 0:
                for tool in range(6):
                    sys.monitoring.free_tool_id(tool)
            else:
                f(n - 1)
            return n
        keep = []
        f(2)
        f(1)
        sys.monitoring.use_tool_id(4, "mine")
        sys.monitoring.set_events(4, sys.monitoring.events.LINE | sys.monitoring.events.PY_YIELD)
        def g():
            yield 1
            yield 2
        print(list(g()), sys.monitoring.get_tool(4))
        """,
}

SINCE_3_13 = {
    # C code that fires an event for code that is not the running frame's, or for no code at all
    "fired_for_other_code": """
        import ctypes as c
        class State(c.Structure):
            _fields_ = [("active", c.c_uint8), ("opaque", c.c_uint8)]
        class CodeLike: pass
        api = c.pythonapi
        def other():
            pass
        def fire(code):
            state, version, kinds = State(), c.c_uint64(0), (c.c_uint8 * 1)(0)
            api.PyMonitoring_EnterScope(c.byref(state), c.byref(version), kinds, c.c_ssize_t(1))
            if state.active:
                api._PyMonitoring_FirePyStartEvent(c.byref(state), c.py_object(code), 0)
            api.PyMonitoring_ExitScope()
            a = [0] * 100_000
            return len(a)
        print(fire(other.__code__), fire(CodeLike()))
        """,
}

SINCE_3_14 = {
    "jump_at_yield": """
        import sys
        def trace(frame, event, arg):
            if event == "return" and frame.f_code is gen.__code__ and not jumped:
                jumped.append(frame.f_lineno)
                frame.f_lineno = jumped[0] - 1
                sys.settrace(None)
            return trace
        jumped = []
        def gen():
            print("before")
            yield 1
            print("after")
        sys.settrace(trace)
        print(next(gen()))
        """,
}

PROGRAMS = {**SAME, **(SINCE_3_12 if harness.VERSION >= (3, 12) else {}),
            **(SINCE_3_13 if harness.VERSION >= (3, 13) else {}),
            **(SINCE_3_14 if harness.VERSION >= (3, 14) else {})}


@pytest.mark.parametrize("name", PROGRAMS)
def test_in_flight_as_bare(name, tmp_path, host):
    """Output, messages and status, whatever is selected; figures that could be."""
    program = harness.write_program(tmp_path, textwrap.dedent(PROGRAMS[name]))
    bare = harness.run_python([program])
    assert bare.status == 0, str(bare)
    for options in ((), harness.EVERYTHING, ("--no-heap",)):
        result = harness.run_mprun([program], tmp_path / "out.json", host, options)
        assert (result.status, result.stdout, result.foreign_stderr) == (
            bare.status, bare.stdout, bare.stderr), str(result)
        harness.assert_rows_whole(result.profile)
        assert result.profile["dropped"] == 0, str(result)


LATE_DECORATORS = {
    "in_a_generator": """
        def f(): pass
        def main():
            yield profile(f)
            yield 1
        f() if len(list(main())) == 2 else None
        """,
    "beside_a_task": """
        import asyncio
        async def ticker():
            for i in range(5):
                await asyncio.sleep(0.002)
        async def main():
            t = asyncio.create_task(ticker())
            await asyncio.sleep(0.003)
            @profile
            def f(): return 1
            f()
            await t
        asyncio.run(main())
        """,
    "beside_threads": """
        import threading
        def waits(n):
            entered.release()
            gate.wait()
            return [n] * 1000
        gate, entered = threading.Event(), threading.Semaphore(0)
        threads = [threading.Thread(target=waits, args=(n,)) for n in range(3)]
        for t in threads: t.start()
        for t in threads: entered.acquire()
        def f(): pass
        profile(f)
        gate.set()
        for t in threads: t.join()
        f()
        """,
}


@pytest.mark.parametrize("name", LATE_DECORATORS)
def test_in_flight_late_decorator(name, tmp_path, host):
    """What was selected by default and is in flight ends at once; the decorated function is all."""
    result = harness.profile_program(tmp_path, textwrap.dedent(LATE_DECORATORS[name]), host=host)
    assert [(f["name"], f["calls"]) for f in result.profile["functions"]] == [("f", 1)]
    assert result.profile["dropped"] == 0 and not result.profile["open"]
    assert not any("trace function" in note for note in result.profile["notes"])


def test_in_flight_withdrawn_code_is_not_watched(tmp_path, host):
    """A loop that was in flight when its selection was withdrawn causes no more events."""
    result = harness.profile_program(tmp_path, """
def f(): pass
for i in range(3):
    if i == 1:
        profile(f)
for i in range(100_000):
    pass
f()
""", host=host)
    assert result.profile["engines"]["events"] < 100, result.profile["engines"]


INTERRUPTED = """
import _thread, operator
def gen():
    try:
        yield
    except KeyboardInterrupt:
        a = [0] * 1_000_000
        b = [0] * 2_000_000
        keep.append((a, b))
keep = []
g = gen()
next(g)
big = [0] * 10_000_000
try:
    list(map(operator.call, (_thread.interrupt_main, g.__next__)))
except StopIteration:
    print("stopped")
"""


def test_in_flight_what_happened_meanwhile(tmp_path, host):
    """It is in no row of the generator that waited; what the handler allocates is in its lines."""
    result = harness.profile_program(tmp_path, INTERRUPTED, *harness.EVERYTHING, host=host)
    rows = {row["line"]: row for row in result.function("gen")["rows"]}
    assert abs(rows[5]["heap_delta"]) < 10_000 and abs(rows[5]["rss_delta"]) < 1 << 20, rows[5]
    assert 8_000_000 <= rows[7]["heap_delta"] < 8_010_000, rows[7]
    assert 16_000_000 <= rows[8]["heap_delta"] < 16_010_000, rows[8]
    assert [rows[line]["hits"] for line in (4, 5, 6, 7, 8, 9)] == [1] * 6
