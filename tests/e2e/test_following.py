# SPDX-License-Identifier: MIT
"""What a decorator is given is followed to its function, whatever another decorator made of it; where
that is not to be found, the report tells where. The classes here have the shapes of click, typer,
celery, dramatiq, pytest, wrapt, numba and the like."""

import harness


def calls(profile):
    """Qualified name → calls, of all functions of the profile."""
    return {f["qualname"]: f["calls"] for f in profile["functions"]}


def undecorated(profile):
    """The notes about decorators that select nothing."""
    return [note for note in profile["notes"] if "selects nothing" in note]


LIBRARY = """
import functools

class Command:
    "click.Command: a callback among much else."
    def __init__(self, callback):
        self.name, self.params, self.callback = callback.__name__, [print], callback
    def __call__(self, *args): return self.main(*args)
    def main(self, *args): return self.callback(*args)

def pass_context(f):
    "click.pass_context."
    def new_func(*args): return f("context", *args)
    return functools.update_wrapper(new_func, f)

class Task:
    def __call__(self, *args): return self.run(*args)

class Proxy:
    "celery's task before its application is complete."
    __slots__ = ("__local", "__args", "__dict__")
    def __init__(self, local, args):
        object.__setattr__(self, "_Proxy__local", local)
        object.__setattr__(self, "_Proxy__args", args)
    def __getattr__(self, name): raise SystemExit("asked for " + name)
    def __call__(self, *args): return object.__getattribute__(self, "_Proxy__local")(*args)

class App:
    "celery's application: a class for each task."
    def task(self, f): return type(f.__name__, (Task,), {"run": staticmethod(f)})()
    def lazy(self, f): return Proxy(self.call, (f,))
    def call(self, *args): return "lazy"
    def shared(self, f):
        def by_constructor(*args): return f(*args)
        return Proxy(by_constructor, ())

class Actor:
    "dramatiq's; prefect's flow."
    def __init__(self, fn): self.fn, self.logger = fn, None

class Fixture:
    "pytest's definition of a fixture."
    def __init__(self, f): self._fixture_function = f

class Compiled:
    "numba's dispatcher."
    def __init__(self, f): self.py_func = f

class ObjectProxy:
    "wrapt's, in Python."
    __slots__ = "__wrapped__", "wrapper"
    def __init__(self, wrapped, wrapper):
        self.__wrapped__, self.wrapper = wrapped, wrapper
    def __getattr__(self, name): raise SystemExit("asked for " + name)

class Plain:
    "Whatever somebody calls it."
    def __init__(self, f): self.anything, self.hooks = f, (print, len)

def closing(f):
    "No functools.wraps."
    def replaced(*args): return f(*args)
    return replaced
"""

USES = """
import functools, library
app = library.App()

@profile
@library.Command
def command(x): return x

@profile
@library.Command
@library.pass_context
def in_context(context, x): return x

@profile
@app.task
def task(x): return x

@profile
@app.lazy
def lazy(x): return x

@profile
@app.shared
def shared(x): return x

@profile
@library.Actor
def actor(x): return x

@profile
@library.Fixture
def fixture(x): return x

@profile
@library.Compiled
def compiled(x): return x

@profile
@functools.partial(library.ObjectProxy, wrapper=print)
def proxied(x): return x

@profile
@library.Plain
def plain(x): return x

@profile
@library.closing
def closed(x): return x

@profile
@functools.partial
def part(x): return x

class Callable:
    def __call__(self, x): return x
called = profile(Callable())

print(command(1), in_context(2), task(3), lazy(4), shared(5), actor.fn(6),
      fixture._fixture_function(7), compiled.py_func(8), proxied.__wrapped__(9), plain.anything(10),
      closed(11), part(12), called(13))
"""


def test_shapes_of_libraries(tmp_path, host):
    """Each function is found, by name, by its place in the source, or in a closure."""
    harness.write_program(tmp_path, LIBRARY, "library.py")
    result = harness.profile_program(tmp_path, USES, host=host, cwd=tmp_path)
    assert result.stdout == b"1 2 3 lazy 5 6 7 8 9 10 11 12 13\n", str(result)
    assert not result.foreign_stderr and not undecorated(result.profile), str(result)
    assert calls(result.profile) == {
        "command": 1, "in_context": 1, "pass_context.<locals>.new_func": 1, "task": 1, "lazy": 0,
        "shared": 1, "actor": 1, "fixture": 1, "compiled": 1, "proxied": 1, "plain": 1,
        "closed": 1, "closing.<locals>.replaced": 1, "part": 1, "Callable.__call__": 1}


STANDARD = """
import abc, asyncio, contextlib, functools

class A:
    @profile
    @functools.cached_property
    def cached(self): return 1
    @profile
    @property
    def prop(self): return 2
    @prop.setter
    def prop(self, value): pass
    prop = profile(prop)
    @profile
    @staticmethod
    def static(): return 3
    @profile
    @classmethod
    def cls(self): return 4
    @profile
    @functools.partialmethod
    def partial(self): return 5
    @profile
    @functools.singledispatchmethod
    def single(self, x): return 6
    @profile
    @functools.lru_cache(None)
    def lru(self): return 7
    @profile
    @abc.abstractmethod
    def abstract(self): return 8

@profile
class B:
    def method(self): return 9
    @functools.cached_property
    def cached(self): return self.method()
    class Inner:
        def untouched(self): pass
    other = A()

@profile
@contextlib.contextmanager
def managed(): yield 10

@profile
async def coroutine(): return 11

a, b = A(), B()
a.prop = 1
with managed() as ten:
    print(a.cached, a.prop, a.static(), a.cls(), a.partial(), a.single(0), a.lru(), a.abstract(),
          b.cached, ten, asyncio.run(coroutine()))
b.Inner().untouched()
"""


def test_shapes_of_the_standard_library(tmp_path, host):
    """Descriptors of all kinds, bare or in a class that is decorated."""
    result = harness.profile_program(tmp_path, STANDARD, host=host)
    assert result.stdout == b"1 2 3 4 5 6 7 8 9 10 11\n" and not result.foreign_stderr, str(result)
    own = sorted((f["qualname"], f["calls"]) for f in result.profile["functions"]
                 if "<locals>" not in f["qualname"])
    assert own == [*((f"A.{name}", 1) for name in (
        "abstract", "cached", "cls", "lru", "partial", "prop", "prop", "single", "static")),
        ("B.cached", 1), ("B.method", 1), ("coroutine", 1), ("managed", 1)]
    assert not undecorated(result.profile), str(result.profile["notes"])


HOLLOW = """
import functools, unittest.mock

class Empty: pass
class Asked:
    def __getattribute__(self, name): raise SystemExit("asked for " + name)
class Property:
    @property
    def __wrapped__(self): raise SystemExit("property")
    @property
    def func(self): raise SystemExit("property")
class Ambiguous:
    def __init__(self): self.one, self.two = (lambda: 1), (lambda: 2)

loop = Empty(); loop.__wrapped__ = loop
first, second = Empty(), Empty()
first.func, second.func = second, first
deep = Empty()
for i in range(1000):
    deep, deep.func = Empty(), deep

for given in (loop, first, deep, Empty(), Asked(), Property(), Ambiguous(), 5, "text", Empty):
    profile(given)
profile(
    loop)
profile(len)
assert profile(functools.wraps(int)(lambda x: int(x)))("5") == 5
mock = profile(unittest.mock.MagicMock(spec=["x"]))
assert mock.mock_calls == [] and not mock.called
"""


def test_where_no_function_is(tmp_path, host):
    """Nothing hangs, nothing of the program's is run to find out, and each line is told of once."""
    result = harness.profile_program(tmp_path, HOLLOW, host=host)
    assert not result.stdout and not result.foreign_stderr, str(result)
    told = undecorated(result.profile)
    lines = HOLLOW.splitlines()
    wanted = [1 + lines.index(text) for text in
              ("    profile(given)", "profile(", "profile(len)")]
    assert len(told) == len(wanted), told
    for note, line in zip(told, wanted):
        assert f"user.py:{line} selects nothing" in note, (note, line)
    assert "(Empty)" in told[0] and "(builtin_function_or_method)" in told[2], told


def test_default_stands_where_nothing_was_found(tmp_path, host):
    """A decorator without a function does not take the default selection away."""
    result = harness.profile_program(tmp_path, "def f(): pass\nprofile(len)\nf()\n", host=host)
    assert calls(result.profile) == {"<module>": 1, "f": 1}
    assert len(undecorated(result.profile)) == 1


def test_many_hollow_decorations(tmp_path, host):
    """Sixteen are told of, and no more."""
    result = harness.profile_program(tmp_path, "profile(5)\n" * 100, host=host)
    assert len(undecorated(result.profile)) == 16
