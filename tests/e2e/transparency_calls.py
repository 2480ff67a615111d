# SPDX-License-Identifier: MIT
"""Transparency rows for calls: what the hand-over of arguments (src/target/python) must never touch. In each
program Python code also runs while another call is being prepared, cleaned up or not yet begun, and
finds the caller at the same instruction."""

from row import Row

ROWS = (
    Row("call_then_signal", """
        import signal, sys
        def h(s, f): pass
        def get(): return h
        signal.signal(signal.SIGALRM, h)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        before = sys.getrefcount(get)
        def g():
            for i in range(150000): get()
        g()
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(sys.getrefcount(get) - before)
        """),
    Row("call_under_opcode_tracing", """
        import sys
        calls = []
        def t(frame, event, arg):
            frame.f_trace_opcodes = True
            if isinstance(event, tuple): calls.append((frame.f_code.co_name, event, arg))
            return t
        def g():
            frame = sys._getframe()
            t(frame, ("hello",), "there")
            t(frame, ("again",), "there")
        sys.settrace(t)
        try: g()
        finally: sys.settrace(None)
        print(calls)
        """),
    Row("call_interrupted_by_collection", """
        import gc, weakref
        kept, wrong = [], 0
        def called(*a, **k):
            global wrong
            kept.append(k)
            wrong += len(a) == 3 and a != (1, "x", 2.5)
        class N: pass
        refs = []
        def g():
            for i in range(3000):
                n = N(); n.own = n; refs.append(weakref.ref(n, called)); del n
                called(1, "x", 2.5, z=i)
        gc.set_threshold(7)
        g()
        print(wrong)
        """),
    Row("call_that_fails_frees_its_arguments", """
        class A:
            def __del__(self): print("del", type(self).__name__)
        D = A.__del__
        def g():
            try: D(A(), 1)
            except TypeError as error: print(error)
        for i in range(20): g()
        """),
    Row("call_in_a_forked_child", """
        import os
        kept, bad = [], 0
        body = "".join(" x = x + 1\\n" for _ in range(1200))
        for i in range(40):
            names = {}
            exec("def inner(y): return y\\ndef w():\\n import os\\n pid = os.fork()\\n"
                 " if pid == 0:\\n  inner([1]); os._exit(0)\\n x = 0\\n" + body + " return pid\\n",
                 names)
            kept.append(names)
            bad += os.waitpid(names["w"](), 0)[1] != 0
        print(bad)
        """),
)
