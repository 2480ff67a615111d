# SPDX-License-Identifier: MIT
"""The additive law: the rows of a function add up to the net change of resident memory over the
intervals in which it ran, as the program itself reads it from /proc/self/statm. In programs written
for it (law/), and in the corpus of test_hits with readings and moves of memory built in
(law/instrument.py)."""

import json
import pathlib

import pytest

import harness

HERE = pathlib.Path(__file__).parent
PROGRAMS = sorted(path for path in (HERE / "law").glob("*.py")
                  if path.stem not in ("statm", "instrument"))
# Programs of the corpus that one reading in the program cannot stand for.
NOT_FROM_INSIDE = {
    "greenlets": "two activations of a function are open at once, neither inside the other",
    "recursion_deep": "mprun's own pages grow with the depth, and the program's reading holds them",
    "setprofile_inside": "a profile function runs untraced, and reads of its own",
    "settrace_pair": "rows rest while the program's tracer is set",
    "threads": "threads run between two readings",
    "threads_low_level": "threads run between two readings",
}
CORPUS = sorted(path for path in (HERE / "programs").glob("*.py")
                if path.stem not in NOT_FROM_INSIDE)
TIERS = ("auto", "rusage", "every-line")
# The program's own reading, mprun's own pages, which only mprun's figure leaves out, and what the
# reading touches before it reads: the first touch of a file's page maps sixteen (64 KiB).
TOLERANCE = 128 << 10
AT_LEAST = 1 << 20
# Its block table grows with the heap, and the program's reading holds that, too.
NO_HEAP = ("--no-heap",)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_law(program, tier, host, profile_path):
    """Net change reported == net change read by the program."""
    options = NO_HEAP if tier == "auto" else ("--rss", tier, *NO_HEAP)
    result = harness.run_mprun([str(program)], profile_path, host, options)
    assert result.status == 0, str(result)
    harness.assert_armed(result, host)
    harness.assert_rows_whole(result.profile)
    nets = json.loads(result.stdout)
    assert nets
    for qualname, net in nets.items():
        assert abs(net) >= AT_LEAST, f"{qualname} moves too little to prove anything: {net}"
        reported = result.function(qualname)["rss_delta"]
        assert abs(reported - net) <= TOLERANCE, \
            f"{qualname}: {reported} reported, {net} read by the program, {reported - net:+} apart"


def own_growth(nets):
    """What mprun itself may make resident meanwhile, which the program reads and no row has: a place
    for each call, of the longest."""
    calls = sum(activations for *_, activations in nets)
    return min(calls, 16384) * 32


def disagreements(profile, nets):
    """One line of text for each function whose rows are not what the program read."""
    found, own = [], own_growth(nets)
    tables = {(f["file"], f["qualname"], f["first_line"]): f for f in profile["functions"]}
    for file, qualname, first_line, net, activations in nets:
        function = tables.get((file, qualname, first_line))
        where = f"{qualname}:{first_line} ({activations} activations)"
        if not function:
            found.append(f"{where}: not reported")
            continue
        rows = sum(row["rss_delta"] for row in function["rows"])
        if not -TOLERANCE - own <= rows - net <= TOLERANCE:
            found.append(f"{where}: {rows} reported, {net} read, {rows - net:+} apart")
    return found


@pytest.mark.parametrize("program", CORPUS, ids=lambda path: path.stem)
def test_law_corpus(program, host, tmp_path):
    """Every function, class body and module of a program moves memory wherever it can, and its rows
    add up to what it read itself."""
    out = tmp_path / "nets.json"
    argv = [str(HERE / "law" / "instrument.py"), str(out), str(program)]
    options = ("--func", f"*/{HERE.name}/programs/*.py:*", *NO_HEAP)
    result = harness.run_mprun(argv, tmp_path / "profile.json", host, options)
    assert result.status == 0, str(result)
    harness.assert_armed(result, host)
    harness.assert_rows_whole(result.profile)
    nets = json.loads(out.read_text(encoding="utf-8"))
    assert max(net for *_, net, _ in nets) >= AT_LEAST, nets
    wrong = disagreements(result.profile, nets)
    assert not wrong, "\n".join(wrong)


def test_law_corpus_is_wide():
    """The corpus does not shrink unnoticed, and what is left out exists."""
    assert len(CORPUS) >= 40
    assert all((HERE / "programs" / f"{name}.py").exists() for name in NOT_FROM_INSIDE)
