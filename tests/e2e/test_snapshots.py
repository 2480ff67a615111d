# SPDX-License-Identifier: MIT
"""What snapshots and figures are as Python objects."""

import harness

TRAVEL = """
import copy, json, pickle, mprun
old = mprun.snapshot("old")
kept = [bytes(100_000)]
new = mprun.snapshot("new")
things = {"figures": mprun.current(), "snapshot": new, "statistic": new.top(1)[0],
          "diff": new.compare_to(old)[0], "frame": new.top(1)[0].traceback[0],
          "filter": mprun.Filter(True, __file__), "domain": mprun.DomainFilter(True, "python")}
for name, thing in things.items():
    for again in pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing):
        assert type(again) is type(thing) and again is not thing, name
        assert repr(again) == repr(thing), name
        assert getattr(mprun, type(thing).__name__) is type(thing), name
found = pickle.loads(pickle.dumps(new)).compare_to(pickle.loads(pickle.dumps(old)))
assert found == new.compare_to(old)
print(json.dumps([one.size_diff for one in found if (one.filename, one.lineno) == (__file__, 4)]))
"""


def test_what_the_module_gives_can_be_kept(tmp_path, host):
    """By pickle and copy, as with tracemalloc's: the same questions have the same answers."""
    script = harness.write_program(tmp_path, TRAVEL)
    result = harness.run_mprun([script], tmp_path / "out.json", host=host)
    assert result.status == 0 and not result.foreign_stderr, str(result)
    size = int(result.stdout.decode().strip("[]\n"))
    assert 100_000 < size < 100_300, str(result)


def test_names_with_a_nul(tmp_path):
    """Two that differ behind it are two."""
    result = harness.profile_program(tmp_path, r"""
import mprun
for name in "a\0b", "a\0c", "a":
    mprun.mark(name)
    with mprun.section(name):
        pass
""")
    names = [r"a\x00b", r"a\x00c", "a"]
    assert [mark["name"] for mark in result.profile["marks"]] == names
    assert [section["name"] for section in result.profile["sections"]] == names
