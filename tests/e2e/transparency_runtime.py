# SPDX-License-Identifier: MIT
"""Transparency rows about what programs do while they run and how they end."""

from row import Row

ADDRESSES = ((rb"0x[0-9a-f]+", b"0x"),)

SHOW_CHILD = (
    "import os, sys; "
    "print(os.environ.get('LD_PRELOAD'), [k for k in os.environ if 'MPRUN' in k.upper()], "
    "sorted(int(d) for d in os.listdir('/proc/self/fd')), __name__, sys.executable)"
)

START_METHOD = """
import multiprocessing as mp
class Item:
    def __init__(self, n): self.n = n
    def __reduce__(self): return Item, (self.n,)
def work(item):
    return item.n * 2, type(item).__module__
if __name__ == "__main__":
    context = mp.get_context("{method}")
    with context.Pool(2) as pool:
        print(pool.map(work, [Item(i) for i in range(4)]))
    child = context.Process(target=print, args=("child", __name__), daemon=True)
    child.start(); child.join()
    print(child.exitcode)
"""

ROWS = (
    # --- sys.exit of every kind
    Row("exit_none", "import sys; sys.exit()"),
    Row("exit_zero", "import sys; sys.exit(0)"),
    Row("exit_int", "import sys; sys.exit(3)"),
    Row("exit_large", "import sys; sys.exit(256 + 7)"),
    Row("exit_negative", "import sys; sys.exit(-1)"),
    Row("exit_huge", "import sys; sys.exit(10**30)"),
    Row("exit_true", "import sys; sys.exit(True)"),
    Row("exit_text", "import sys; sys.exit('gone wrong \\u20ac')"),
    Row("exit_tuple", "import sys; sys.exit((1, 2))"),
    Row("exit_raise", "raise SystemExit(5)"),
    Row("exit_in_function", """
        import sys
        def f(n):
            if not n: sys.exit(9)
            f(n - 1)
        try: f(5)
        finally: print("finally")
        """),
    Row("exit_builtin", "print('x', end=''); exit(4)"),
    Row("exit_in_thread", """
        import sys, threading
        t = threading.Thread(target=sys.exit, args=(3,)); t.start(); t.join()
        print("main")
        """),
    Row("exit_125", "import sys; sys.exit(125)"),
    Row("os_exit", "import os; print('x', flush=True); os._exit(3)"),
    Row("os_abort", "import os; print('x', flush=True); os.abort()"),
    Row("kill_term", "import os, signal; print('x', flush=True); os.kill(os.getpid(), 15)"),
    Row("kill_kill", "import os, signal; print('x', flush=True); os.kill(os.getpid(), 9)"),
    Row("segfault", "import ctypes; print('x', flush=True); ctypes.string_at(0)"),
    # --- exceptions
    Row("traceback", """
        def f(x):
            return g(x) + 1
        def g(x):
            return (x + 1) / (x - x)
        f(2)
        """),
    Row("traceback_chained", """
        def f():
            try:
                {}["k"]
            except KeyError as e:
                raise ValueError("second") from e
        try:
            f()
        except ValueError:
            raise TypeError("third")
        """),
    Row("traceback_notes_and_group", """
        e = ValueError("a"); e.add_note("noted")
        raise ExceptionGroup("many", [e, TypeError("b")])
        """),
    Row("traceback_object", """
        import sys, traceback
        def f(): g()
        def g(): raise OSError(2, "no")
        try: f()
        except OSError:
            print(traceback.format_exc())
            tb = sys.exc_info()[2]
            while tb:
                print(tb.tb_lineno, tb.tb_frame.f_code.co_name)
                tb = tb.tb_next
        """),
    Row("syntax_error_at_run", "compile('x ===', 'some.py', 'exec')"),
    Row("import_error", "import broken\n", files={"broken.py": "x = 1\nimport no_such_thing\n"}),
    Row("traceback_in_thread", """
        import threading
        def f(): raise ValueError("in thread")
        t = threading.Thread(target=f, name="worker"); t.start(); t.join()
        """, mask=ADDRESSES),
    Row("excepthook", """
        import sys
        sys.excepthook = lambda kind, value, tb: print("hook", kind.__name__, value, tb.tb_lineno)
        {}[1]
        """),
    Row("keyboard_interrupt", """
        import os, signal, time
        try:
            os.kill(os.getpid(), signal.SIGINT); time.sleep(5)
        except KeyboardInterrupt:
            print("caught", flush=True)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
        """),
    Row("recursion_error", """
        import sys
        depth = 0
        def f():
            global depth
            depth += 1
            f()
        try: f()
        except RecursionError as e: print(depth, e)
        def g(n): return 0 if not n else 1 + g(n - 1)
        class Deep:
            def __getitem__(self, n): return 0 if not n else 1 + self[n - 1]
            def __repr__(self): return repr(self)
        for n in range(900, 1000):
            try: g(n)
            except RecursionError: print(n); break
        for n in range(100, 1000):
            try: Deep()[n]
            except RecursionError: print(n); break
        try: repr(Deep())
        except RecursionError as e: print(e)
        """),
    Row("recursion_deep", """
        import sys
        sys.setrecursionlimit(10**6)
        def f(n): return 0 if not n else 1 + f(n - 1)
        print(f(100_000))
        """),
    Row("recursion_deep_in_thread", """
        import sys, threading
        sys.setrecursionlimit(10**6)
        threading.stack_size(256 * 1024)
        def f(n): return 0 if not n else 1 + f(n - 1)
        t = threading.Thread(target=lambda: print(f(20_000))); t.start(); t.join()
        """),
    # --- the end
    Row("atexit", """
        import atexit, sys
        atexit.register(print, "first registered")
        @atexit.register
        def last(): print("last registered", sys.argv)
        print("body")
        """),
    Row("atexit_error", "import atexit\natexit.register(lambda: 1 / 0)\nprint('body')\n",
        mask=ADDRESSES),
    Row("atexit_exit", "import atexit, sys\natexit.register(sys.exit, 7)\nprint('body')\n",
        mask=ADDRESSES),
    Row("del_error", """
        class A:
            def __del__(self): raise ValueError("in del")
        a = A(); del a
        b = A()
        """, mask=ADDRESSES),
    Row("del_at_end", """
        import sys
        class A:
            def __init__(self, n): self.n = n
            def __del__(self): print("del", self.n, sys is not None, __name__)
        a, b = A(1), A(2); b.me = b
        c = A(3); c.a = a
        """),
    Row("weakref_finalize", """
        import gc, weakref
        class A: pass
        a = A(); b = A(); b.b = b
        weakref.finalize(a, print, "a gone"); weakref.finalize(b, print, "b gone")
        c = A(); r = weakref.ref(c, lambda ref: print("c gone", ref() is None)); del c
        del b; gc.collect(); print("end")
        """),
    Row("threads_at_end", """
        import threading, time
        def slow(): time.sleep(0.1); print("worker done", flush=True)
        def forever():
            while True: time.sleep(10)
        threading.Thread(target=slow).start()
        threading.Thread(target=forever, daemon=True).start()
        print("main done", threading.active_count(), flush=True)
        """),
    Row("daemon_busy_at_end", """
        import threading
        ready = threading.Event()
        def busy():
            ready.set()
            while True: sum(range(100))
        threading.Thread(target=busy, daemon=True).start()
        ready.wait(); print("end")
        """),
    Row("stdout_closed", "import os, sys\nprint('x', flush=True)\nos.close(1)\n"),
    Row("stdout_lost", "import sys\nprint('x')\nsys.stdout.close()\n"),
    # --- streams and descriptors
    Row("input", """
        a = input("name? ")
        print(repr(a), repr(input()))
        try: input()
        except EOFError: print("eof")
        """, stdin=b"first\nsecond line\n"),
    Row("stdin_left", "import sys\nprint(sys.stdin.readline(), len(sys.stdin.buffer.read()))\n",
        stdin=b"line\n" + b"x" * 100_000),
    Row("closerange", """
        import os
        print(sorted(int(d) for d in os.listdir("/proc/self/fd") if int(d) < 100))
        os.closerange(3, 4096)
        def read(path):
            with open(path) as f:
                return f.fileno(), f.read()
        print(read("data.txt"))
        fds = [os.open("data.txt", os.O_RDONLY) for _ in range(20)]
        print(fds, {os.pread(fd, 9, 0) for fd in fds})
        block = [bytes(100_000) for _ in range(30)]
        print(len(block))
        """, files={"data.txt": "own data\n"}),
    Row("closerange_whole_table", """
        import os, resource
        top = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        os.closerange(3, top)
        f = os.open("data.txt", os.O_RDONLY)
        for fd in range(top - 10, top):
            os.dup2(f, fd)
        keep = [bytearray(200_000) for _ in range(20)]
        print(f, {os.pread(fd, 9, 0) for fd in range(top - 10, top)}, len(keep))
        """, files={"data.txt": "own data\n"}),
    Row("limits", """
        import os, resource
        for name in sorted(n for n in dir(resource) if n.startswith("RLIMIT_")):
            print(name, resource.getrlimit(getattr(resource, name)))
        print(oct(os.umask(0o27)), os.nice(0), os.sched_getaffinity(0))
        """),
    Row("limits_lowered", """
        import os, resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
        files = []
        try:
            while True: files.append(open("/dev/null"))
        except OSError as e: print(len(files), e)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        print(sum([1] * 100))
        """),
    # --- processes
    Row("pickle_main", """
        import pickle
        class A:
            def __init__(self): self.x = [1]
            def __eq__(self, other): return self.x == other.x
        def f(): return 1
        data = pickle.dumps((A(), f, A))
        print(data, pickle.loads(data) == (A(), f, A))
        """),
    Row("multiprocessing_fork", START_METHOD.format(method="fork")),
    Row("multiprocessing_spawn", START_METHOD.format(method="spawn")),
    Row("multiprocessing_forkserver", START_METHOD.format(method="forkserver")),
    Row("process_pool", """
        from concurrent.futures import ProcessPoolExecutor
        def square(x): return x * x
        if __name__ == "__main__":
            with ProcessPoolExecutor(2) as pool: print(list(pool.map(square, range(5))))
        """),
    Row("fork", """
        import os, sys
        def both(x): return [x] * 1000
        both(1)
        pid = os.fork()
        if pid == 0:
            print("child", len(both(2)), flush=True)
            sys.exit(4)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "parent", len(both(3)))
        """),
    Row("fork_raw", """
        import ctypes, os
        libc = ctypes.CDLL(None)
        keep = []
        pid = libc.syscall(57)
        for i in range(50): keep.append(bytearray(10_000))
        if pid == 0:
            os.write(1, b"child\\n"); os._exit(6)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), len(keep))
        """),
    Row("fork_grandchild", """
        import os
        def work(): return sum(len(bytearray(5000)) for _ in range(100))
        if os.fork() == 0:
            if os.fork() == 0: print("grandchild", work(), flush=True); os._exit(0)
            os.wait(); print("child", work(), flush=True); os._exit(0)
        os.wait(); print("parent", work())
        """),
    Row("arguments_handed_over", """
        class T:
            def __init__(self, n): self.n = n
            def __del__(self): print("del", self.n)
            def m(self, other=None, *, kw=None):
                del other; print("m after other")
                kw = None; print("m after kw")
                del self; print("m after self")
        def f(x, y=None):
            del x
            print("after del x")
        def gen(x):
            yield 1
            x = None
            yield 2
        def rec(n, x):
            if n == 0:
                del x; print("deepest")
            else:
                rec(n - 1, [x, T(100 + n)])
        def fails(x):
            del x
            raise KeyError(1)
        def nested():
            try:
                raise ValueError
            except ValueError:
                f(T(6), f(T(7)))
            with open("/dev/null") as file:
                for i in range(20):
                    z = [f(T(i)) for i in range(2)] + [f(T(8) if i else T(9), y=T(10))]
        f(T(1)); f(T(2), T(3)); T(4).m(T(5), kw=T(11)); nested()
        k = gen(T(12)); next(k); next(k); print("generator")
        (lambda x: f(x))(T(13)); f(*[T(14)]); f(x=T(15)); rec(3, T(99))
        try: fails(T(16))
        except KeyError: print("caught")
        """, lines="all"),
    Row("arguments_handed_over_starred", """
        class T:
            def __init__(self, n): self.n = n
            def __del__(self): print("del", self.n)
        def f(*args, **kw):
            del args; print("after args")
            kw = None; print("after kw")
        def g(x, y=None, *rest, k=None, **kw):
            x = None; print("after x")
            rest = None; print("after rest")
            k = None; print("after k")
            del y, kw; print("after y, kw")
        def through(*args, **kw): f(*args, **kw); print("through f")
        def temporary(n): return [T(n), T(n + 1)]
        for i in range(12):
            f(T(1), T(2), k=T(3)); print("--")
            f(*temporary(4)); print("--")
            f(*temporary(6), **{"a": T(8), "b": T(9)}); print("--")
            g(*temporary(10), *temporary(12), k=T(14), **dict(z=T(15))); print("--")
            g(T(16), y=T(17), **dict(k=T(18), z=T(19))); print("--")
            through(T(20), *temporary(21), k=T(23), **dict(z=T(24))); print("--")
            g(*(T(n) for n in range(25, 29))); print("--")
        """, lines="all"),
    Row("attribute_far_in_slots", """
        class T:
            def __del__(self): print("del")
        class Wide: __slots__ = [f"s{n}" for n in range(60)]
        def f(x):
            del x; print("after del x")
        def warm(o):
            for i in range(100):
                if o.s48: f(T())
                if o.s2: f(T())
            o.s48 = o.s49 = T(); o.s49 = None
            return o.s48
        o = Wide()
        for n in range(60): setattr(o, f"s{n}", n)
        print(warm(o) is o.s48)
        """, lines="all"),
    Row("arguments_memory", """
        def resident():
            with open("/proc/self/statm") as file: return int(file.read().split()[1]) * 4096
        def use(data):
            before = resident()
            data = None
            return before - resident() > 60_000_000
        print(use(bytearray(b"x") * 64_000_000), [use(b"x" * 64_000_000) for _ in range(3)])
        """, lines="all"),
    Row("fork_in_thread", """
        import os, threading
        def f():
            pid = os.fork()
            if pid == 0: os._exit(8)
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        t = threading.Thread(target=f); t.start(); t.join()
        """, mask=((rb"pid=[0-9]+", b"pid="),)),
    Row("subprocess", f"""
        import subprocess, sys
        code = {SHOW_CHILD!r}
        print(subprocess.check_output([sys.executable, "-c", code]).decode())
        print(subprocess.check_output([sys.executable, "-c", code], close_fds=False).decode())
        print(subprocess.run("echo $LD_PRELOAD $MPRUN; ls /proc/$$/fd", shell=True,
                             capture_output=True).stdout.decode())
        """),
    Row("exec", "import os\nprint('before', flush=True)\nos.execv('/bin/echo', ['x', 'after'])\n"),
    Row("exec_status", "import os\nos.execv('/bin/sh', ['sh', '-c', 'ls /proc/$$/fd; exit 21'])\n"),
    Row("exec_self", f"""
        import os, sys
        if len(sys.argv) < 2:
            sys.stdout.flush(); os.execv(sys.executable, [sys.executable, __file__, "again"])
        exec({SHOW_CHILD!r})
        """),
    Row("exec_failed", """
        import os
        try: os.execv("/no/such", ["x"])
        except OSError as e: print(e)
        print(len([bytearray(1000) for _ in range(100)]))
        """),
    Row("posix_spawn", """
        import os
        pid = os.posix_spawn("/bin/sh", ["sh", "-c", "echo $LD_PRELOAD; exit 5"], os.environ)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """),
    Row("popen_system", "import os\nprint(os.system('exit 3') >> 8, os.popen('echo hi').read())\n"),
    # --- signals
    Row("signal_handlers", """
        import os, signal
        seen = []
        def handler(number, frame): seen.append((number, frame.f_lineno, frame.f_code.co_name))
        def f():
            for s in signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD:
                signal.signal(s, handler); os.kill(os.getpid(), s)
        f(); print(seen)
        signal.setitimer(signal.ITIMER_REAL, 0.01); signal.signal(signal.SIGALRM, handler)
        signal.pause(); print(len(seen))
        """),
    Row("signal_table", """
        import signal
        print({s.name: str(signal.getsignal(s)) for s in sorted(signal.valid_signals())
               if isinstance(s, signal.Signals)})
        print(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        """),
    Row("faulthandler", "import faulthandler, os, signal\nfaulthandler.enable()\n"
        "def f(): os.kill(os.getpid(), signal.SIGABRT)\nf()\n",
        mask=((rb"0x[0-9a-f]+", b"0x"), (rb"(?m)^(Current|Thread).*\n", b""),
              (rb"(?m)^  Binary file .*\n", b""))),  # the C stack, from 3.14 on
    Row("faulthandler_dump", """
        import faulthandler
        def f(): faulthandler.dump_traceback(all_threads=False)
        f()
        """, mask=ADDRESSES),
)
