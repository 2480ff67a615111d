# SPDX-License-Identifier: MIT
"""The builtins `profile` and `mprun`: what scripts written for other profilers do with them."""

import harness


def calls(profile):
    """Qualified name → calls, of all functions of the profile."""
    return {f["qualname"]: f["calls"] for f in profile["functions"]}


CONTEXT_MANAGER = """
@profile
def g():
    return [0] * 100_000


def h():
    return [0] * 200_000


with profile:
    x = g()
profile.enable_by_count()
y = h()
profile.disable_by_count()
print(len(x), len(y))
"""


def test_with_block_and_count(tmp_path, host):
    """A decorated function has rows, and so has what is called where counting is enabled."""
    result = harness.profile_program(tmp_path, CONTEXT_MANAGER, host=host)
    assert result.stdout == b"100000 200000\n" and not result.foreign_stderr, str(result)
    assert calls(result.profile) == {"g": 1, "h": 1}
    rows = {row["line"]: row for name in "gh" for row in result.function(name)["rows"]}
    assert rows[4]["hits"] == rows[8]["hits"] == 1
    assert rows[4]["heap_delta"] >= 800_000 and rows[8]["heap_delta"] >= 1_600_000


BLOCKS = """
import json

@profile
def chosen(): pass

def before(): pass
def inside(): return [deep(i) for i in range(2)]
def deep(i): return Body().method(i)
def after(): pass
def nested(): pass
def enabled(): pass
def failing(): raise KeyError(1)

class Body:
    before()
    def method(self, i): return json.dumps(i)

before(); inside()
with profile as entered:
    assert entered is profile
    inside()
    with mprun:
        class Late:
            x = 1
            def never(self): pass
    nested()
after()
try:
    with profile:
        failing()
except KeyError as error:
    print(error)
after()
profile.disable_by_count(); profile.disable_by_count()
profile.enable_by_count(); profile.disable_by_count()
after()
profile.enable(); profile.enable(); enabled(); profile.disable()
after(); inside()
"""


def test_block_selects_what_it_calls(tmp_path, host):
    """The user's functions that start inside, from then on; not what runs outside of all blocks, no
    class body, and nothing of the library's."""
    result = harness.profile_program(tmp_path, BLOCKS, host=host)
    assert result.stdout == b"1\n" and not result.foreign_stderr, str(result)
    assert calls(result.profile) == {"chosen": 0, "inside": 2, "deep": 4, "Body.method": 4,
                                     "nested": 1, "failing": 1, "enabled": 1}


def test_block_without_decorator(tmp_path, host):
    """A block alone leaves the default as it is: the script's own file."""
    result = harness.profile_program(tmp_path, """
        def f(): pass
        def g(): pass
        f()
        with profile:
            g()
        """.replace("\n        ", "\n"), host=host)
    assert calls(result.profile) == {"<module>": 1, "f": 1, "g": 1}


def test_block_with_pattern(tmp_path, host):
    """Patterns and blocks add up."""
    text = "def f(): pass\ndef g(): pass\nwith profile:\n    g()\nf()\n"
    result = harness.profile_program(tmp_path, text, "--func", "f", host=host)
    assert calls(result.profile) == {"f": 1, "g": 1}


# What scripts of others' call, each with what it gives back.
HABITS = """
import copy, io, pickle

@profile(stream=io.StringIO(), precision=4)
def memory_profilers(): return 1

@profile()
def empty(): return 2

def keyword(): return 3
assert profile(func=keyword) is keyword and profile(None) is profile

def added(): return 4
def wrapped(): yield 5
def called(a, *, b): return a + b
def in_text(): return 6
class Added:
    def method(self): return 7

profile.add_function(added)
profile.add_class(Added)
assert profile.wrap_function(wrapped) is wrapped
assert profile.wrap_coroutine(wrapped) is profile.wrap_generator(wrapped) is wrapped
print(memory_profilers(), empty(), keyword(), added(), [*wrapped()], Added().method())
print(profile.runcall(called, 1, b=2), profile.run("in_text()") is profile)
names = {"f": in_text}
print(profile.runctx("x = f()", names, names) is profile, names["x"])
with profile.timestamp("block") as stamp, profile.timestamp():
    print(stamp)
for method in "print_stats dump_stats create_stats show_results show".split():
    print(getattr(profile, method)("file"), end=" ")
for raising in (lambda: profile.runcall(), lambda: profile.runcall(int, "x"),
                lambda: profile.run("1/0"), lambda: profile.runctx("x"),
                lambda: profile.nothing, lambda: setattr(profile, "x", 1),
                lambda: setattr(type(profile), "x", 1), type(profile)):
    try:
        raising()
    except Exception as error:
        print(type(error).__name__, end=" ")
print(profile, mprun, profile.__name__, mprun.__qualname__, profile.__module__, callable(profile))
for one in profile, mprun:
    assert pickle.loads(pickle.dumps(one)) is copy.copy(one) is copy.deepcopy(one) is one
import builtins
assert profile is builtins.profile is not mprun and profile == profile and hash(profile)
"""


def test_habits_of_other_profilers(tmp_path, host):
    """All run; what can be answered is, the rest does nothing."""
    result = harness.profile_program(tmp_path, HABITS, host=host)
    assert result.stdout.decode().splitlines() == [
        "1 2 3 4 [5] 7",
        "3 True",
        "True 6",
        "None",
        "None None None None None TypeError ValueError ZeroDivisionError TypeError AttributeError "
        "AttributeError TypeError TypeError <mprun's decorator profile> <mprun's decorator mprun> "
        "profile mprun builtins True"], str(result)
    assert not result.foreign_stderr, str(result)
    assert calls(result.profile) == {"memory_profilers": 1, "empty": 1, "keyword": 1, "added": 1,
                                     "wrapped": 1, "called": 1, "in_text": 2, "Added.method": 1}


def test_signature(tmp_path, host):
    """What walks over the builtins and asks for signatures gets one."""
    result = harness.profile_program(tmp_path, """
import builtins, inspect
print(inspect.signature(profile), inspect.signature(builtins.mprun))
""", host=host)
    assert result.stdout == b"(*args, **kwargs) (*args, **kwargs)\n", str(result)
