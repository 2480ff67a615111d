# SPDX-License-Identifier: MIT
"""docs/profile.schema.json is true and exact: reports of all programs of the corpus, with all sets of
options, are as it says, what is not such a report is refused, and docs/profile.md has its keys. (The
harness holds every report that any test reads against it.)"""

import copy
import json
import re
import signal

import pytest

import harness
import report_schema

PAGE = harness.REPO / "docs" / "profile.md"
CORPUS = sorted(path for folder in ("programs", "heap", "rss")
                for path in (harness.REPO / "tests" / "e2e" / folder).glob("*.py")
                if path.name not in ("instrument.py", "lines.py"))
EXAMPLES = sorted((harness.REPO / "examples").glob("*.py"))
OPTIONS = ((), harness.EVERYTHING, ("--no-heap",), ("--rss", "off"), ("--rss", "every-line"),
           ("--rss", "rusage"), ("--rss", "check:rusage"), ("--no-heap", "--rss", "off"),
           ("--fold-packages", *harness.EVERYTHING), ("--host", "embedded"), ("--interval", "1ms"))
PAIRS = [(program, OPTIONS[number % len(OPTIONS)])
         for number, program in enumerate(CORPUS + EXAMPLES)]

pytestmark = pytest.mark.skipif(
    not report_schema.VALIDATOR,
    reason="no module jsonschema: no report is held against docs/profile.schema.json")

PROGRAM = """
import json
def work(n):
    kept = [str(i) for i in range(n)]
    with open(__file__) as file:
        return json.dumps(kept) + file.read()
def never():
    return 1
work(1000)
"""


def profile_of(program, folder, *options):
    """A report of its own for a program that may end as it likes."""
    result = harness.run_mprun([str(program)], folder / "out.json", options=options, cwd=folder)
    assert result.profile, str(result)
    return result.profile


@pytest.mark.parametrize("program,options", PAIRS,
                         ids=[f"{p.stem}-{' '.join(o)}" for p, o in PAIRS])
def test_schema_corpus(tmp_path, program, options):
    """Each program of the corpus with one of the sets of options."""
    profile = profile_of(program, tmp_path, *options)
    terms = profile["heap"] and profile["heap"]["reconciliation"]
    if terms and terms["slack_malloc"] is not None:
        assert terms["rss"] + terms["untouched"] == sum(
            terms[key] for key in ("python", "native", "interpreter", "files", "shared",
                                   "slack_python", "slack_malloc", "unexplained"))


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_schema_options(tmp_path, options):
    """Each set of options over one program."""
    profile_of(harness.write_program(tmp_path, PROGRAM), tmp_path, *options)


@pytest.mark.parametrize("end,status", (
    ("import os; os._exit(3)", 3), ("import os; os.abort()", -signal.SIGABRT),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ("raise ValueError(work)", 1), ("import sys; sys.exit(255)", 255)))
def test_schema_ends(tmp_path, end, status):
    """However a program ends, also with rows that are open."""
    code = PROGRAM.replace("work(1000)", f"def last():\n    kept = work(1000)\n    {end}\nlast()")
    result = harness.profile_program(tmp_path, code, status=status)
    assert (result.profile["exit"]["signal"] or 0) == max(-status, 0)


# --- what is no report

@pytest.fixture(name="whole", scope="module")
def fixture_whole(tmp_path_factory):
    """A report that has an element of everything."""
    folder = tmp_path_factory.mktemp("whole")
    made = "exec(compile('def made():\\n  0\\nmade()', 'nowhere', 'exec'))\n"
    code = PROGRAM.replace("work(1000)", f"{made}import os, time\ntime.sleep(0.05)\nos.abort()\n")
    profile = harness.run_mprun([harness.write_program(folder, code)], folder / "out.json",
                                options=("--rss", "check:rusage", *harness.EVERYTHING)).profile
    # Only who reaches its end has this.
    profile["heap"]["reconciliation"] = harness.profile_program(
        folder, "x = 1\n").profile["heap"]["reconciliation"]
    # One of each kind is enough.
    profile["functions"] = [next(function for function in profile["functions"]
                                 if function["rows"] and "source_problem" in function)]
    profile["functions"][0]["rows"] = profile["functions"][0]["rows"][:1]
    for name in ("open", "sites", "timeline", "notes"):
        profile[name] = profile[name][:1]
        assert profile[name], name
    profile["intervals"]["list"] = profile["intervals"]["list"][:1]
    return report_schema.check(profile)


def objects(value, path=()):
    """All objects of a report with the keys and indices that lead to them."""
    if isinstance(value, dict):
        yield path
    for key, item in (value.items() if isinstance(value, dict) else
                      enumerate(value) if isinstance(value, list) else ()):
        yield from objects(item, (*path, key))


def reach(profile, path):
    """What stands there."""
    for key in path:
        profile = profile[key]
    return profile


def refused(whole, path, change):
    """Is a report refused in which `change` has been at what stands at `path`?"""
    profile = copy.deepcopy(whole)
    change(reach(profile, path))
    return bool(report_schema.problems(profile))


OPTIONAL = {"check", "source_problem"}


def test_schema_refuses_other_keys(whole):
    """A key that is missing, and one that is not known, in any object."""
    paths = list(objects(whole))
    assert len(paths) == 17
    for path in paths:
        assert refused(whole, path, lambda item: item.update(other=1)), path
        for key in reach(whole, path):
            assert refused(whole, path, lambda item, key=key: item.pop(key)) == (
                key not in OPTIONAL), (path, key)


CHANGES = re.compile(r".*_delta|freed_on_return|slack_\w+|unexplained")


def never(key, value):
    """What cannot be in the place of a value."""
    yield from (1.5, [0], {"a": 0})
    if isinstance(value, str):
        yield from (5, False)
    elif value is not None:
        yield "nobody's word"
    if type(value) is int:
        yield from (True, *([] if CHANGES.fullmatch(key) else [-1]))


def test_schema_refuses_other_values(whole):
    """A value of another type, or below nothing, at any key."""
    seen = 0
    for path in objects(whole):
        for key, value in reach(whole, path).items():
            for wrong in never(key, value):
                assert refused(whole, path, lambda item, key=key, wrong=wrong:
                               item.update({key: wrong})), (path, key, wrong)
                seen += 1
    assert seen > 500


@pytest.mark.parametrize("path,change", (
    ((), {"schema": 2}), ((), {"host": "somewhere"}), ((), {"started": "yesterday"}),
    ((), {"heap": None}), ((), {"sites": None}), ((), {"functions": None}),
    (("engines",), {"heap": False}), (("engines",), {"rss": "guessed"}),
    (("engines",), {"trace": "eyes"}), (("exit",), {"status": 0}), (("exit",), {"signal": 65}),
    (("exit",), {"status": 256, "signal": None}), (("functions", 0), {"first_line": 0}),
    (("sites", 0), {"domain": "heap"}), (("timeline", 0), {"rss": None}),
    (("heap",), {"python": None}), (("heap", "python"), {"peak": -1})))
def test_schema_refuses(whole, path, change):
    """Words, ranges, and what must be there together."""
    assert refused(whole, path, lambda item: item.update(change))


def test_schema_long_lists(whole):
    """What is wrong far down a long list is found, too."""
    profile = copy.deepcopy(whole)
    function = profile["functions"][0]
    function["rows"] = [{**function["rows"][0], "line": n + 1} for n in range(5000)]
    report_schema.check(profile)
    for key, wrong in (("hits", -1), ("source", 5), ("rss", "much")):
        doctored = copy.deepcopy(profile)
        doctored["functions"][0]["rows"][4000][key] = wrong
        assert report_schema.problems(doctored), key


# --- the page

def schema_at(path):
    """What the schema says of `heap.python` or `functions[].rows[]`."""
    at = report_schema.SCHEMA
    for name in re.findall(r"\w+|\[\]", path):
        at = at["items"] if name == "[]" else at["properties"][name]
        at = next((option for option in at.get("anyOf", ()) if option != {"type": "null"}), at)
        if "$ref" in at:
            at = report_schema.SCHEMA["$defs"][at["$ref"].rpartition("/")[2]]
    return at.get("oneOf", [at])[0]


def tables():
    """{path: [key]} of the page."""
    found = {}
    for title, text in re.findall(r"^## (.*)\n((?:(?!^##? ).*\n)*)", PAGE.read_text("utf-8"), re.M):
        path = "" if title == "The run" else title.strip("`")
        found[path] = re.findall(r"^\| `(\w+)` \|", text, re.M)
    return found


def test_schema_page_has_all_keys():
    """Every object of the schema has its table, with its keys in their order."""
    found = tables()
    assert len(found) == 19
    for path, keys in found.items():
        assert keys == list(schema_at(path)["properties"]), path
    named = {json.dumps(schema_at(path), sort_keys=True) for path in found}
    inner = [item for item in report_schema.SCHEMA["$defs"].values() if item.get("type") == "object"]
    assert all(json.dumps(item, sort_keys=True) in named for item in inner)


def test_schema_page_says_what_may_be_null():
    """`or null` stands where the schema has it."""
    for path in tables():
        section = re.search(rf"^## {'The run' if not path else '`' + re.escape(path) + '`'}\n"
                            r"((?:(?!^##? ).*\n)*)", PAGE.read_text("utf-8"), re.M)[1]
        for key, kind in re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", section, re.M):
            validator = report_schema.jsonschema.Draft202012Validator(
                {**schema_at(path)["properties"][key],
                 "$defs": report_schema.SCHEMA["$defs"]})
            assert path == "exit" or validator.is_valid(None) == kind.endswith("or null"), (path, key)
