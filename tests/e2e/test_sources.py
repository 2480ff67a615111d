# SPDX-License-Identifier: MIT
"""Where the text of the lines comes from: files in the state that was loaded, and what only
linecache has."""

import os

import pytest

import harness

# A function under a made-up name; its entry comes before it is called, or after.
MADE = """
import linecache
def make(name, file, entry=None, n=1000):
    source = f'def {name}(n):\\n    x = [0] * n\\n    return x\\n'
    space = {'__name__': '__main__'}
    exec(compile(source, file, 'exec'), space)
    if entry:
        linecache.cache[file] = entry(source, file)
    space[name](n)
    return space[name], source
def lines(source, file):
    return len(source), None, source.splitlines(True), file
"""


def sources(function):
    """The text of its rows."""
    return [row["source"] for row in function["rows"]]


def profile(folder, text, names, host, **kwargs):
    """The result of mprun over `text` with these functions selected, wherever they are."""
    options = [word for name in names for word in ("-f", f"*:{name}")]
    return harness.profile_program(folder, text, *options, host=host, **kwargs)


def changed(result):
    """The notes that say that a file is not what was loaded."""
    return [note for note in result.profile["notes"] if "changed" in note]


# --- linecache

ENTRIES = {
    "generated": ("'<generated-1>'", "lines"),
    "ipython": ("'<ipython-input-3-5f2d>'", "lines"),
    "ipykernel": ("'/tmp/ipykernel_0/1234.py'", "lines"),
    "tuple": ("'<tuple>'", "lambda s, f: (0, None, tuple(s.splitlines(True)), f)"),
    "no_line_ends": ("'<bare>'", "lambda s, f: (0, None, s.splitlines(), f)"),
    "relative": ("'not/there.py'", "lines"),
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_linecache(entry, tmp_path, host):
    """An entry is taken, whatever its name; the file is named as the code names it."""
    text = MADE + f"make('made', {entry[0]}, {entry[1]})\n"
    made = profile(tmp_path, text, ["made"], host).function("made")
    assert sources(made) == ["def made(n):", "    x = [0] * n", "    return x"]
    assert "source_problem" not in made and made["file"].endswith(entry[0].strip("'"))


def test_entry_that_comes_late(tmp_path, host):
    """Also after the only call of its function, and when it is taken away again at once."""
    text = MADE + ("f, text = make('late', '<late>')\n"
                   "make('early', '<early>', lines)\nlinecache.cache.clear()\n"
                   "linecache.cache['<late>'] = lines(text, '<late>')\n")
    result = profile(tmp_path, text, ["late", "early"], host)
    assert sources(result.function("late"))[1] == "    x = [0] * n"
    assert sources(result.function("early"))[1] == "    x = [0] * n"


def test_sudden_end(tmp_path, host):
    """What was there at the call is in the report, however the program ends."""
    text = MADE + "make('made', '<made>', lines)\nimport os; os.kill(os.getpid(), 9)\n"
    made = profile(tmp_path, text, ["made"], host, status=-9).function("made")
    assert sources(made)[0] == "def made(n):"


def test_any_characters(tmp_path, host):
    """Of every width, and those that are none; a page break ends no line of Python's."""
    text = MADE + """
body = "def odd(n):\\n    a = '\\u00e9\\u20ac\\U0001f600\\\\udc80'\\n\\x0c\\n    return a  # \\udc80\\n"
space = {'__name__': '__main__'}
exec(compile(body.replace('\\udc80', ''), '<odd>', 'exec'), space)
linecache.cache['<odd>'] = (0, None, body.splitlines(True), '<odd>')
space['odd'](1)
"""
    odd = profile(tmp_path, text, ["odd"], host).function("odd")
    assert sources(odd) == ["def odd(n):", "    a = 'é€😀\\udc80'", "\\x0c", "    return a  # ?"]


def test_one_name_for_two(tmp_path, host):
    """A text in which the function's name does not stand is not its own."""
    text = MADE + "make('one', '<twice>', lines)\nmake('two', '<twice>', lines)\n"
    result = profile(tmp_path, text, ["one", "two"], host)
    assert sources(result.function("one"))[0] == "def one(n):"
    assert sources(result.function("two")) == [None] * 3
    assert "made itself" in result.function("two")["source_problem"]


@pytest.mark.parametrize("entry", (
    "(1,)", "()", "[]", "None", "(1, 2, 3)", "(0, None, 'text', '<made>')", "(0, None, [1], 'f')",
    "(0, None, [None] * 3, '')", "(0, None, [], '')", "type('E', (tuple,), {})((1, 2, 3, 4))"))
def test_odd_entries(entry, tmp_path):
    """What is no text is left alone."""
    text = MADE + f"make('made', '<made>', lambda s, f: {entry})\n"
    made = profile(tmp_path, text, ["made"], None).function("made")
    assert "made itself" in made["source_problem"]


def test_nothing_of_the_programs_runs(tmp_path, host):
    """No getter of a lazy entry, no look-up of a cache of the program's own, no import."""
    text = """
import sys
def loud(*args, **kwargs):
    print('called', args, kwargs)
class Cache(dict):
    __getitem__ = get = __contains__ = __missing__ = loud
class Module(type(sys)):
    __getattribute__ = loud
class Name(str):
    __eq__ = __hash__ = loud
def make(name, file):
    space = {'__name__': '__main__'}
    exec(compile(f'def {name}(n):\\n    return [0] * n\\n', file, 'exec'), space)
    space[name].__code__ = space[name].__code__.replace(co_filename=file)
    space[name](10)
make('absent', '<absent>')
assert 'linecache' not in sys.modules
import linecache
linecache.cache['<lazy>'] = (loud,)
make('lazy', '<lazy>')
linecache.cache = Cache({'<kept>': (0, None, ['def kept(n):\\n'], '')})
make('kept', '<kept>')
make('name', Name('<name>'))
fake = sys.modules['linecache'] = Module('linecache')
make('faked', '<faked>')
sys.modules['linecache'] = object()
make('object', '<object>')
print('done')
"""
    result = profile(tmp_path, text, ["absent", "lazy", "kept", "name", "faked", "object"], host)
    assert result.stdout == b"done\n", str(result)
    assert sources(result.function("kept"))[0] == "def kept(n):"


def test_text_is_not_the_programs(tmp_path, host):
    """What is kept of it is in mprun's own memory: the figures are those without an entry."""
    text = MADE + "def long(s, f):\n    return lines(s + '#' * 500_000, f)\n"
    figures = []
    for entry in ("None", "long"):
        result = profile(tmp_path, text + f"make('made', '<made>', {entry})\n"
                         "make('made_too', '<made too>', None)\n", ["made", "made_too"], host)
        figures.append(
            [(row["heap_allocated"], row["heap_freed"], row["allocations"])
             for name in ("made", "made_too") for row in result.function(name)["rows"]])
    assert figures[0] == figures[1] and figures[0][1][0] >= 8000


def test_bounds(tmp_path):
    """A text of more than 1 MiB, and what exceeds 16 MiB together, is left out."""
    text = MADE + """
def long(s, f):
    return lines(s + '#' * 900_000, f)
make('huge', '<huge>', lambda s, f: lines(s + '#' * 1_100_000, f))
for i in range(30):
    make(f'f{i}', f'<{i}>', long)
for i in range(20_000):
    make(f'g', f'<many {i}>')
"""
    result = profile(tmp_path, text, ["huge", "f*", "g"], None)
    assert result.profile["dropped"] == 0
    assert "made itself" in result.function("huge")["source_problem"]
    shown = [i for i in range(30) if sources(result.function(f"f{i}"))[0]]
    assert shown == [*range(18)]


def test_doctest(tmp_path, host):
    """The examples of a doctest, which stands in front of linecache."""
    text = """
def outer():
    \"\"\"
    >>> def inner(n):
    ...     return [0] * n
    >>> len(inner(1000))
    1000
    \"\"\"
import doctest
print(doctest.testmod())
"""
    result = profile(tmp_path, text, ["inner"], host)
    assert result.stdout == b"TestResults(failed=0, attempted=2)\n", str(result)
    assert sources(result.function("inner")) == ["def inner(n):", "    return [0] * n"]


@pytest.mark.skipif(harness.VERSION < (3, 13), reason="before 3.13 nobody keeps what is typed in")
@pytest.mark.parametrize("basic", (None, "1"))
def test_typed_in(basic, tmp_path, host):
    """At the prompt."""
    code = b"def typed(n):\n    return [0] * n\n\nlen(typed(1000)); exit()\n"
    argv = [harness.MPRUN, "--host", host, "--python", harness.PYTHON, "-f", "*:typed",
            "--all-lines", "--", "-i"]
    _, output = harness.run_pty(argv, [(b">>> ", code)], cwd=tmp_path,
                                env={"PYTHON_BASIC_REPL": basic, "TERM": "dumb"})
    report = output.decode().split("exit 0", 1)[1]
    assert "    return [0] * n" in report and "No source" not in report, output.decode()


# --- files that change

MODULE = "def f(n):\n    return [0] * n\n"
# Before each, made_mod.py holds MODULE; `path` is its.
IMPORTED = """
import os, pathlib, sys, time
path = pathlib.Path('made_mod.py')
MODULE = path.read_text()
sys.path.insert(0, '')
{before}
import made_mod
{between}
made_mod.f(1000)
{after}
"""

CHANGES = {
    "none": ("", "", "", False),
    "written_before": ("path.write_text('#\\n' + path.read_text())", "", "", False),
    "newer_than_now": ("os.utime(path, (4e9, 4e9))", "", "", False),
    "read": ("", "path.read_text()", "path.read_text()", False),
    "chmod": ("", "", "time.sleep(.02); path.chmod(0o600)", False),
    "linked": ("", "", "time.sleep(.02); os.link(path, 'other_name')", False),
    "written_after": ("", "", "path.write_text('#\\n' + path.read_text())", True),
    "before_the_first_call": ("", "path.write_text('#\\n' + path.read_text())", "", True),
    "older_one": ("", "", "path.write_text('x = 1\\n' * 9); os.utime(path, (1, 1))", True),
    "same_size": ("", "", "time.sleep(.02); path.write_text(path.read_text())", True),
    "old_time": ("", "old = path.stat()", "path.write_text(MODULE.replace('0', '7'));"
                 "os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))", True),
    "old_time_replaced": ("", "old = path.stat()", "new = pathlib.Path('n'); new.write_text(MODULE);"
                          "os.utime(new, ns=(old.st_atime_ns, old.st_mtime_ns));"
                          "os.replace('n', path)", True),
    "replaced": ("", "", "pathlib.Path('n').write_text('# new\\n'); os.replace('n', path)", True),
}


@pytest.mark.parametrize("pattern", ("f", "*:made_mod.f"))
@pytest.mark.parametrize("before, between, after, noted", CHANGES.values(), ids=CHANGES)
def test_changes(before, between, after, noted, pattern, tmp_path):
    """A file has changed if it is not any more what it was when its code was loaded."""
    (tmp_path / "made_mod.py").write_text(MODULE, encoding="utf-8")
    text = IMPORTED.format(before=before, between=between, after=after)
    result = harness.profile_program(tmp_path, text, "-f", pattern, cwd=tmp_path)
    assert bool(changed(result)) == noted, str(result.profile["notes"])
    assert all("made_mod.py changed after it had been loaded" in note for note in changed(result))


def test_generated_module(tmp_path, host):
    """A module that the program has just written."""
    text = ("import pathlib, sys\npathlib.Path('new_mod.py').write_text('def f(n):\\n"
            "    return [0] * n\\n')\nsys.path.insert(0, '')\nimport new_mod\nnew_mod.f(1000)\n")
    result = harness.profile_program(tmp_path, text, "-f", "f", cwd=tmp_path, host=host)
    assert not changed(result) and sources(result.function("f"))[0] == "def f(n):"


def test_script_that_rewrites_itself(tmp_path, host):
    """The script's own file, selected by default."""
    text = "open(__file__, 'a').write('# more\\n')\n"
    result = harness.profile_program(tmp_path, text, host=host)
    assert len(changed(result)) == 1


def test_empty_files(tmp_path, host):
    """They have no line, and are what ran all the same."""
    harness.write_program(tmp_path, "", "nothing.py")
    result = harness.profile_program(tmp_path, "import nothing", "--func", "nothing:<module>", host=host)
    function, = result.profile["functions"]
    assert function["file"].endswith("nothing.py") and "source_problem" not in function, function


def test_file_that_is_gone(tmp_path, host):
    """Of a file that is gone linecache may have what a traceback has read; where that is another
    state, it says so."""
    text = IMPORTED.format(before="import linecache", between="{}", after="path.unlink()")
    look = "linecache.getlines(made_mod.__file__)"
    for between, noted in ((look, False), (f"path.write_text('# new\\n' + path.read_text());{look}",
                                           True), ("", None)):
        (tmp_path / "made_mod.py").write_text(MODULE, encoding="utf-8")
        result = harness.profile_program(tmp_path, text.replace("{}", between), "-f", "f",
                                         cwd=tmp_path, host=host)
        function = result.function("f")
        if noted is None:
            assert "No such file" in function["source_problem"]
        else:
            assert sources(function)[0] == ("# new" if noted else "def f(n):")
            assert bool(changed(result)) == noted


def test_archive(tmp_path, host):
    """A member of a zip file changes with it."""
    text = IMPORTED.format(before="import zipfile\nwith zipfile.ZipFile('a.zip', 'w') as z:\n"
                           "    z.write(path)\npath.unlink()\nsys.path.insert(0, 'a.zip')",
                           between="", after="{}")
    for after, noted in (("", False), ("with open('a.zip', 'ab') as z:\n    z.write(b' ')", True)):
        (tmp_path / "made_mod.py").write_text(MODULE, encoding="utf-8")
        result = harness.profile_program(tmp_path, text.replace("{}", after), "-f", "f",
                                         cwd=tmp_path, host=host)
        assert bool(changed(result)) == noted, str(result.profile["notes"])
        assert sources(result.function("f"))[0] == "def f(n):"
        os.unlink(tmp_path / "a.zip")
