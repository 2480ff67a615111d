# SPDX-License-Identifier: MIT
# What random programs are made of: stands at the top of each. All they do is logged, and what is
# random at run time comes from one generator, so that a program does the same each time.
import collections
import contextlib
import gc
import sys
import threading

SEED = [1]
BUDGET = [0]
HELD = []  # generators and coroutines that wait
KEPT = collections.deque()  # blocks of known size; a list would grow by ever larger steps
COUNT = [0, 0]  # events of a tool; at which of them to raise, 0: at none
COUNTING = [0]  # tools that are at it

gc.collect()  # from here on collections come when this program has made enough objects


class Thrown(Exception):
    pass


class Final:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("finalized", self.name)


class Pause:
    def __await__(self):
        answer = yield "pause"
        return answer


class Manager:
    def __init__(self, swallows):
        self.swallows = swallows

    def __enter__(self):
        log("enter")
        return self

    def __exit__(self, kind, value, traceback):
        log("exit", kind and kind.__name__)
        return self.swallows

    async def __aenter__(self):
        await Pause()
        return self

    async def __aexit__(self, kind, value, traceback):
        await Pause()
        log("aexit", kind and kind.__name__)
        return self.swallows


def log(*what):
    print(*what)


def pick(n):
    SEED[0] = (SEED[0] * 1103515245 + 12345) % 2147483648
    return (SEED[0] >> 8) % n


def go():
    BUDGET[0] -= 1
    return BUDGET[0] > 0


def told(error):
    lines = []
    at = error.__traceback__
    while at:
        lines.append(at.tb_lineno)
        at = at.tb_next
    log("error", type(error).__name__, lines, type(error.__context__).__name__)


def step(gen, op):
    if op == "n":
        log("sent", gen.send(None))
    elif op == "s":
        log("sent", gen.send(7))
    elif op == "t":
        log("thrown", gen.throw(Thrown("t")))
    elif op == "x":
        log("thrown", gen.throw(GeneratorExit))
    elif op == "c":
        log("closed", gen.close())
    elif op == "h":
        HELD.append(gen)
    elif op == "g":
        gc.collect()


def use(gen, ops):
    for op in ops:
        try:
            step(gen, op)
        except StopIteration as stop:
            log("stop", stop.value)
        except Exception as error:
            told(error)


def drive_async(agen, ops):
    for op in ops:
        if op in "nsp":
            wait = agen.asend(None if op != "s" else 7)
        elif op == "t":
            wait = agen.athrow(Thrown("a"))
        else:
            wait = agen.aclose()
        for _ in range(1 if op == "p" else 9):
            try:
                step(wait, "n")
            except (StopIteration, StopAsyncIteration) as stop:
                log("stop", stop.args)
                break
            except Exception as error:
                told(error)
                break


def resume_held(ops):
    while HELD and go():
        use(HELD.pop(pick(len(HELD))), ops)


def drop_held():
    del HELD[:]
    gc.collect()


def in_thread(function, *args):
    if COUNTING[0]:  # start() and join() have as many events as they happen to wait
        return attempt(function, *args)

    def body():
        try:
            function(*args)
        except BaseException as error:
            told(error)
    thread = threading.Thread(target=body)
    thread.start()
    thread.join()


def attempt(function, *args):
    try:
        return function(*args)
    except BaseException as error:
        told(error)


def unraisable(what):
    log("unraisable", what.exc_type.__name__)


sys.unraisablehook = unraisable
sys.set_asyncgen_hooks(firstiter=lambda agen: None, finalizer=lambda agen: log("agen finalized"))
