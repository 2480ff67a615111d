# SPDX-License-Identifier: MIT
# For random programs that have tools of their own, which come and go and raise.
import builtins
import ctypes
import signal

MONITORING = getattr(sys, "monitoring", None)
TOOL = 3
# Lines are not to be counted, nor what is switched off, nor what is called meanwhile: where another
# tool comes into the same code, CPython tells again of what was switched off.
UNEVEN = [False]


class Event(Exception):
    pass


def in_main():
    return threading.current_thread() is threading.main_thread()


def happens():
    COUNT[0] += 1
    if COUNT[0] == COUNT[1]:
        raise Event


def tracer(frame, event, arg):
    happens()
    return tracer


def tracer_without_lines(frame, event, arg):
    happens()


def profiler(frame, event, arg):
    happens()


def callback(*what):
    happens()


def callback_once(*what):
    happens()
    return MONITORING.DISABLE


def counted(set_it, function, raise_at, call):
    if UNEVEN[0]:
        return attempt(call)
    COUNT[:] = 0, raise_at
    COUNTING[0] += 1
    set_it(function)
    try:
        call()
    except BaseException as error:
        told(error)
    finally:
        set_it(None)
    COUNTING[0] -= 1
    log("events", COUNT[0])
    COUNT[1] = 0


def monitored(names, function, raise_at, call):
    if not MONITORING or not in_main():  # its events are of all threads
        return attempt(call)
    uneven = "LINE" in names or function is callback_once
    if UNEVEN[0] or uneven and COUNTING[0]:
        return attempt(call)
    UNEVEN[0] = uneven
    COUNT[:] = 0, raise_at
    events = MONITORING.events
    wanted = [getattr(events, name) for name in names]
    MONITORING.use_tool_id(TOOL, "random")
    for event in wanted:
        MONITORING.register_callback(TOOL, event, function)
    COUNTING[0] += 1
    MONITORING.set_events(TOOL, sum(wanted))
    try:
        call()
    except BaseException as error:
        told(error)
    finally:
        MONITORING.set_events(TOOL, 0)
        MONITORING.free_tool_id(TOOL)
    COUNTING[0] -= 1
    UNEVEN[0] = False
    if not uneven:
        log("events", COUNT[0])
    COUNT[:] = 0, 0


def on_signal(number, frame):
    if pick(2):
        raise Event
    log("signal")


def interrupt():
    if in_main():  # else it comes whenever it likes
        signal.raise_signal(signal.SIGUSR1)


def throw_asynchronously():
    me = ctypes.c_ulong(threading.get_ident())
    ctypes.pythonapi.PyThreadState_SetAsyncExc(me, ctypes.py_object(Event))


def decorate(function):
    made = vars(builtins).get("profile", type)(function)  # a call of C either way
    return function if isinstance(made, type) else made


signal.signal(signal.SIGUSR1, on_signal)
