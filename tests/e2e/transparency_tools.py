# SPDX-License-Identifier: MIT
"""Transparency rows about tools and language machinery that look at, or bend, the interpreter."""

import harness
from row import Row

ROWS = (
    # --- tracers, profilers, debuggers
    Row("settrace_pair", """
        import sys
        print(sys.gettrace())
        log = []
        def tracer(frame, event, arg):
            log.append((event, frame.f_code.co_name, frame.f_lineno)); return tracer
        def g(x):
            y = x + 1
            return y
        def f():
            for i in range(2): g(i)
        sys.settrace(tracer); print(sys.gettrace() is tracer); f(); sys.settrace(None)
        print(sys.gettrace(), log)
        f(); del log[:]
        sys.settrace(tracer); f(); sys.settrace(None)
        print(log)
        """),
    Row("settrace_inside", """
        import sys
        def f():
            old = sys.gettrace()
            log = []
            def tracer(frame, event, arg):
                log.append((event, frame.f_lineno)); return tracer
            sys.settrace(tracer)
            try:
                g()
            finally:
                sys.settrace(old)
            return log, old
        def g():
            h = [i for i in range(3)]
            raise_and_catch()
            return h
        def raise_and_catch():
            try: {}[0]
            except KeyError: pass
        print(f(), f(), sys.gettrace())
        """),
    Row("settrace_opcodes", """
        import sys
        log = []
        def tracer(frame, event, arg):
            frame.f_trace_opcodes = True; frame.f_trace_lines = False
            log.append((event, frame.f_lineno)); return tracer
        def f(a):
            b = a * 2
            return [b]
        sys.settrace(tracer); f(1); sys.settrace(None)
        print(log)
        """),
    Row("setprofile_pair", """
        import sys
        log = []
        def profiler(frame, event, arg):
            log.append((event, frame.f_code.co_name, getattr(arg, "__name__", None)))
        def g(): return len([1])
        def f(): return sorted([g(), g()])
        print(sys.getprofile())
        sys.setprofile(profiler); print(sys.getprofile() is profiler); f(); sys.setprofile(None)
        print(sys.getprofile(), log)
        f()
        """),
    Row("trace_threads", """
        import sys, threading
        log = []
        def tracer(frame, event, arg):
            if frame.f_code.co_filename == __file__: log.append((event, frame.f_lineno))
            return tracer
        def f(): return 1
        threading.settrace(tracer)
        t = threading.Thread(target=f); t.start(); t.join(); threading.settrace(None)
        print(log, threading.gettrace())
        threading.setprofile(lambda frame, event, arg: None)
        t = threading.Thread(target=f); t.start(); t.join()
        """),
    Row("cprofile", """
        import cProfile
        def g(n): return sum(i for i in range(n))
        def f(): return [g(i) for i in range(5)]
        p = cProfile.Profile(); p.enable(); f(); p.disable()
        for e in sorted(p.getstats(), key=lambda e: str(e.code)):
            code = e.code if isinstance(e.code, str) else (e.code.co_name, e.code.co_firstlineno)
            calls = sorted((c.code if isinstance(c.code, str) else c.code.co_name, c.callcount)
                           for c in e.calls or ())
            print(code, e.callcount, e.reccallcount, calls)
        f()
        """),
    Row("cprofile_module", "def f(): return 1\nfor i in range(3): f()\n",
        ("-m", "cProfile", "-s", "name", "script.py"), lines="all",
        mask=((rb"\d+\.\d+", b"T"), (rb" +", b" "))),
    Row("trace_module", "def f():\n    return 1\nfor i in range(3):\n    f()\n",
        ("-m", "trace", "--trace", "--ignore-dir=/usr/lib", "script.py"), lines="all"),
    Row("coverage", """
        import coverage
        c = coverage.Coverage(data_file=None, include=["*/beside.py"]); c.start()
        import beside; beside.f(3)
        c.stop(); data = c.get_data()
        for path in data.measured_files():
            print(path.rpartition("/")[2], sorted(data.lines(path)))
        beside.f(1)
        """, files={"beside.py": "def f(x):\n    if x > 2:\n        return g(x)\n    return 0\n"
                    "def g(x):\n    for i in range(x):\n        yield i\n"}),
    Row("coverage_module", "def f(x):\n    if x:\n        return 1\n    return 2\nprint(f(0))\n",
        ("-m", "coverage", "run", "--data-file=covered", "--branch", "script.py"), lines="all"),
    Row("pdb_script", "x = 1\ny = 2\nprint(x + y)\n", ("-m", "pdb", "script.py"),
        stdin=b"n\nn\nb 3\nc\np x, y\nc\nq\n", lines="all"),
    Row("breakpoint", """
        def f(x):
            breakpoint()
            y = x + 1
            return y
        print(f(1)); print(f(2))
        """, terminal=((b"(Pdb) ", b"p x\n"), (b"(Pdb) ", b"n\n"), (b"(Pdb) ", b"p y\n"),
                       (b"(Pdb) ", b"w\n"), (b"(Pdb) ", b"c\n"), (b"(Pdb) ", b"q\n"),
                       *(((b"[y/n]", b"y\n"),) if harness.VERSION >= (3, 14) else ()))),
    Row("terminal", "import os, sys\nprint(os.isatty(0), os.isatty(1), sys.stdout.line_buffering, "
        "os.getpgrp() == os.tcgetpgrp(0), os.get_terminal_size())\nprint(input('? '))\n",
        terminal=((b"? ", b"typed\n"),)),
    Row("breakpoint_hook", """
        import sys
        sys.breakpointhook = lambda *a: print("hook", a, sys._getframe(1).f_lineno)
        breakpoint(1)
        """),
    Row("timeit_profile", "import timeit\nprint(timeit.timeit('x = 1', number=100) > 0)\n"),
    # --- frames
    Row("inspect_stack", """
        import inspect, sys
        def f():
            for i in inspect.stack():
                print(i.filename == __file__, i.lineno, i.function, i.code_context, i.index)
            frame = sys._getframe()
            print(frame.f_trace, frame.f_trace_lines, frame.f_trace_opcodes, frame.f_back.f_lineno)
        f()
        """),
    Row("current_frames", """
        import sys, threading
        frames = sys._current_frames()
        print(len(frames), threading.get_ident() in frames, sys._getframe() in frames.values())
        """),
    Row("frame_jump", """
        import sys
        def f():
            a = 1
            b = 2
            c = 3
            return locals()
        def tracer(frame, event, arg):
            if event == "line" and frame.f_lineno == 4: frame.f_lineno = 6
            return tracer
        sys.settrace(tracer); print(f()); sys.settrace(None)
        try: sys._getframe().f_lineno = 1
        except ValueError as e: print(e)
        """),
    Row("frame_clear_and_locals", """
        import sys
        def f(n):
            kept = [n]
            raise ValueError(kept)
        try: f(1)
        except ValueError as e:
            frame = e.__traceback__.tb_next.tb_frame
            print(frame.f_locals, frame.f_lineno, frame.f_lasti)
            frame.clear(); print(frame.f_locals)
        def gen():
            x = 5; yield x
        g = gen(); next(g); print(g.gi_frame.f_locals, g.gi_frame.f_lineno, g.gi_running)
        g.close(); print(g.gi_frame)
        """),
    Row("code_objects", """
        import dis, io
        def f(x): return [y for y in x if y]
        out = io.StringIO(); dis.dis(f, file=out)
        print(out.getvalue().count("\\n"), f.__code__.co_code, list(f.__code__.co_lines()))
        f.__code__ = f.__code__.replace(co_name="renamed")
        print(f([0, 1]), f.__code__.co_name)
        """),
    Row("refcounts", """
        import sys
        def f(x): return sys.getrefcount(x)
        a = []
        print(sys.getrefcount(a), sys.getrefcount(f), sys.getsizeof(f)); print(f(a))
        def g(*args, **kw): return sys.getrefcount(args[0]), sys.getrefcount(kw["k"])
        def h(x, *, k=None): return sys.getrefcount(x), sys.getrefcount(k)
        def gen(x): yield sys.getrefcount(x)
        class A:
            def __init__(self, x): self.n = sys.getrefcount(x)
            def m(self, x): return sys.getrefcount(self), sys.getrefcount(x)
        o = A(a)
        for i in range(20):
            print(f(a), g(a, k=a), h(a, k=a), g(*[a], **{"k": a}), h(*(a,), **{"k": a}), f(x=a))
            print(list(gen(a)), o.n, A(a).n, o.m(a), A.m(o, a), sorted([a], key=f), f([]), f(o.n))
        print(sys.getrefcount(a), sys.getrefcount(o))
        """),
    Row("call_tracing", """
        import sys
        log = []
        def inner(x):
            y = x + 1
            return y
        def tracer(frame, event, arg):
            if frame.f_code is outer.__code__ and event == "line":
                log.append(sys.call_tracing(inner, (len(log),)))
            elif frame.f_code is inner.__code__:
                log.append((event, frame.f_lineno))
            return tracer
        def outer():
            a = 1
            return a
        sys.settrace(tracer); outer(); sys.settrace(None)
        print(log, sys.gettrace(), sys.call_tracing(inner, (5,)), inner(6))
        """),
    Row("audit", """
        import sys
        log = []
        sys.addaudithook(lambda name, args: log.append(name))
        def f(): return 1
        f(); print(log)
        """),
    Row("audit_threads", """
        import sys, threading, _thread
        log = []
        sys.addaudithook(lambda name, args: log.append(name))
        def f(): return 1
        t = threading.Thread(target=f); t.start(); t.join()
        print([n for n in log if n.startswith(("sys.", "_thread"))])
        """),
    # --- memory tools
    Row("gc_callbacks", """
        import gc
        log = []
        print(len(gc.callbacks), gc.isenabled(), gc.get_threshold(), gc.get_debug())
        gc.callbacks.append(lambda phase, info: log.append((phase, info["generation"])))
        gc.collect(); gc.callbacks.clear()
        print(log, [sorted(s) for s in gc.get_stats()], gc.garbage)
        a = []; a.append(a); del a
        print(gc.collect() >= 1, gc.is_tracked([]), gc.freeze(), gc.get_freeze_count() > 0)
        """),
    Row("gc_disabled",
        "import gc\ngc.disable()\nx = []\nx.append(x)\ndel x\nprint(gc.isenabled())\n"),
    Row("gc_debug", """
        import gc
        class A:
            def __repr__(self): return "A"
        gc.collect(); gc.set_debug(gc.DEBUG_SAVEALL)
        a = A(); a.a = a; del a
        gc.collect(); print([g for g in gc.garbage if isinstance(g, A)]); gc.set_debug(0)
        """),
    Row("tracemalloc", """
        import tracemalloc
        tracemalloc.start()
        a = bytearray(10**6)
        snapshot = tracemalloc.take_snapshot()
        top = [s for s in snapshot.statistics("lineno") if s.traceback[0].filename == __file__]
        print(round(top[0].size, -5), top[0].traceback, tracemalloc.get_object_traceback(a))
        tracemalloc.stop(); print(tracemalloc.is_tracing())
        """),
    Row("malloc_hooks_of_libc", """
        import ctypes
        libc = ctypes.CDLL(None)
        libc.malloc.restype = libc.realloc.restype = ctypes.c_void_p
        libc.free.argtypes = libc.realloc.argtypes = ctypes.c_void_p, 
        p = libc.malloc(1 << 20); ctypes.memset(p, 1, 1 << 20); libc.free(p)
        print(libc.malloc_trim(0) in (0, 1), libc.mallopt(-1, 128 * 1024))
        """),
    Row("mmap", """
        import mmap, os
        m = mmap.mmap(-1, 1 << 20); m[::4096] = b"x" * 256; m.resize(2 << 20)
        print(m[:2], len(m)); m.close()
        with open("f", "wb+") as f:
            f.truncate(8192); m = mmap.mmap(f.fileno(), 0); m[0] = 65; m.flush(); m.close()
        print(os.path.getsize("f"))
        """),
    # --- language machinery
    Row("generators", """
        def g():
            try:
                x = yield 1
                while True: x = yield x
            except ValueError as e:
                yield str(e)
            finally:
                print("closed")
        a = g(); print(next(a), a.send(2), a.throw(ValueError("v"))); a.close()
        b = g(); next(b); del b
        def outer():
            result = yield from inner(); print("result", result)
        def inner():
            yield 1
            return 2
        print(list(outer()))
        c = g(); c.close()
        try: g().throw(KeyError("unstarted"))
        except KeyError as e: print(e)
        """),
    Row("coroutine_never_awaited", "import warnings\nasync def f(): pass\nf()\nprint('end')\n"),
    Row("asyncio", """
        import asyncio
        async def work(n):
            for i in range(3): await asyncio.sleep(0)
            return n
        async def agen():
            for i in range(3):
                yield i; await asyncio.sleep(0)
        async def main():
            print(await asyncio.gather(*(work(i) for i in range(5))))
            print([i async for i in agen()])
            t = asyncio.create_task(asyncio.sleep(10)); await asyncio.sleep(0); t.cancel()
            try: await t
            except asyncio.CancelledError: print("cancelled")
            print(await asyncio.to_thread(sum, [1, 2]))
            p = await asyncio.create_subprocess_exec("/bin/echo", "hi", stdout=-1)
            print(await p.communicate())
        asyncio.run(main())
        """),
    Row("contextvars", """
        import contextvars, threading
        v = contextvars.ContextVar("v", default=0)
        def f(): v.set(v.get() + 1); return v.get()
        c = contextvars.copy_context(); print(c.run(f), c.run(f), v.get())
        t = threading.Thread(target=lambda: print(f())); t.start(); t.join(); print(v.get())
        """),
    Row("greenlets", """
        import greenlet
        def f(n):
            for i in range(3):
                print("f", n, i); other = main.switch(i)
            return "end"
        main = greenlet.getcurrent()
        a, b = greenlet.greenlet(f), greenlet.greenlet(f)
        print(a.switch(1), b.switch(2), [g.switch() for g in (a, b) * 3])
        print(a.dead, b.dead)
        def boom(): main.switch(); raise ValueError("in a greenlet")
        c = greenlet.greenlet(boom); c.switch()
        try: c.switch()
        except ValueError as e: print(e)
        d = greenlet.greenlet(boom); d.switch(); d.throw()
        """),
    Row("getitem_in_python", """
        class Table:
            def __getitem__(self, i): return i * 2
            def __contains__(self, i): return True
            def __len__(self): return 3
            __add__ = lambda self, o: o
        t = Table(); total = 0
        for i in range(1000): total += t[i]
        print(total, 3 in t, len(t), t + 4, list(zip(range(2), t)))
        """),
    Row("match_with_walrus", """
        def f(x):
            match x:
                case {"k": [a, *rest]} if (n := len(rest)): return a, rest, n
                case str() | bytes(): return "text"
                case _: return None
        print(f({"k": [1, 2, 3]}), f("a"), f(0), f({"k": [1]}))
        with open(__file__) as a, open(__file__) as b: print(a.readline() == b.readline())
        """),
    Row("metaclass_class_body", """
        class Meta(type):
            @classmethod
            def __prepare__(cls, name, bases): print("prepare", name); return {}
            def __new__(cls, name, bases, ns): return super().__new__(cls, name, bases, ns)
        class A(metaclass=Meta):
            x = [i for i in range(3)]
            def f(self): return super().__repr__() and self.x
        print(A().f())
        """),
    Row("exec_eval", """
        space = {"__name__": "other"}
        source = "def f(x):\\n    return x * 2\\nprint(f(2), __name__)\\n"
        exec(compile(source, "made.py", "exec"), space)
        print(eval("f(3)", space))
        for i in range(200): exec(f"def g{i}(): return {i}\\nassert g{i}() == {i}")
        try: exec("raise ValueError('x')")
        except ValueError as e: print(e.__traceback__.tb_next.tb_frame.f_code.co_filename)
        """),
    Row("import_machinery", """
        import importlib, importlib.util, sys, runpy
        import mod; importlib.reload(mod)
        spec = importlib.util.spec_from_file_location("other", "mod.py")
        m = importlib.util.module_from_spec(spec); spec.loader.exec_module(m)
        print(m.f(), m.__spec__.name)
        print(runpy.run_path("mod.py")["f"](), "profile" in sys.modules)
        class Finder:
            def find_spec(self, name, path, target=None): print("find", name)
        sys.meta_path.insert(0, Finder())
        try: import no_such_module
        except ImportError as e: print(e)
        """, files={"mod.py": "print('loaded', __name__)\ndef f(): return __name__\n"}),
    Row("modules_loaded", """
        import sys
        print(sorted(sys.modules))
        """),
    Row("ctypes_callback", """
        import ctypes
        @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
        def compare(a, b): return a[0] - b[0]
        data = (ctypes.c_int * 5)(5, 3, 1, 4, 2)
        ctypes.CDLL(None).qsort(data, 5, 4, compare); print(list(data))
        ctypes.pythonapi.PyRun_SimpleString(b"print('from C', __name__)")
        """),
    Row("sqlite", """
        import sqlite3
        db = sqlite3.connect(":memory:")
        db.create_function("twice", 1, lambda x: x * 2)
        db.set_trace_callback(lambda s: print(s))
        print(db.execute("select twice(21)").fetchall())
        """),
    Row("json_csv_re", """
        import csv, io, json, re
        print(json.loads(json.dumps({"a": [1, 2.5, None]})), json.dumps([1], default=str))
        print(list(csv.reader(io.StringIO("a,b\\n1,2"))), re.sub(r"\\d", lambda m: m[0] * 2, "a1"))
        """),
    Row("dataclass_enum_typing", """
        import collections, dataclasses, enum, functools, typing
        @dataclasses.dataclass(order=True, frozen=True)
        class P:
            x: int; y: list = dataclasses.field(default_factory=list)
        class E(enum.Enum): A = 1; B = 2
        N = collections.namedtuple("N", "a b")
        @functools.lru_cache
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
        print(P(1), P(1) < P(2), list(E), N(1, 2), fib(50), fib.cache_info())
        print(typing.get_type_hints(P))
        """),
    Row("numpy", """
        import numpy
        a = numpy.arange(1_000_000); print(a.sum(), numpy.vectorize(lambda x: x + 1)(a[:3]))
        print(numpy.linalg.norm(numpy.ones((50, 50)) @ numpy.ones((50, 50))))
        """),
    Row("profile_name_free", """
        def profile(f): return f
        @profile
        def f(): return 1
        print(f())
        """),
    Row("subinterpreter", """
        import _xxsubinterpreters as sub
        i = sub.create(); sub.run_string(i, "x = 1 + 1; print('inside', x, flush=True)")
        sub.destroy(i)
        print("outside")
        """),
    Row("threads_low_level", """
        import _thread, threading, time
        done = _thread.allocate_lock(); done.acquire()
        def f(n):
            total = sum(i for i in range(n))
            print(total, threading.current_thread().__class__.__name__)
            done.release()
        _thread.start_new_thread(f, (100,)); done.acquire()
        """),
    Row("thread_local_and_pool", """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        local = threading.local()
        def f(n): local.n = n; return [local.n] * 2
        with ThreadPoolExecutor(4) as pool: print(list(pool.map(f, range(8))))
        """),
    Row("warnings_and_logging", """
        import logging, warnings
        def f(): warnings.warn("from f", stacklevel=2)
        f()
        logging.basicConfig(format="%(levelname)s %(funcName)s %(lineno)d %(message)s")
        def g(): logging.warning("logged")
        g()
        """),
    # --- what mprun keeps of code objects, and how it sees the end
    Row("others_co_extra", """
        import ctypes, sys
        freed = []
        @ctypes.CFUNCTYPE(None, ctypes.c_void_p)
        def on_free(value):
            freed.append(value)
        prefix = "_Py" if sys.version_info < (3, 12) else "PyUnstable_"
        request = ctypes.pythonapi[prefix + "Eval_RequestCodeExtraIndex"]
        request.argtypes, request.restype = (type(on_free),), ctypes.c_ssize_t
        request(on_free)
        for i in range(3):
            exec("def g(): pass\\ng()\\n")
        print(freed, flush=True)
        """),
    Row("atexit_is_the_programs", """
        import atexit
        print(atexit._ncallbacks())
        atexit.register(print, "handler")
        print(atexit._ncallbacks())
        """),
    *([] if harness.VERSION < (3, 14) else [Row("stateless_functions", """
        from concurrent import interpreters
        f = lambda: 42
        f()
        interp = interpreters.create()
        print(interp.call(f))
        """)]),
    Row("no_newline", "import sys\nsys.stdout.write('out')\nsys.stderr.write('err\\n')\n"),
)
