# SPDX-License-Identifier: MIT
"""What could not be read is not a figure: RSS while /proc/self/statm is out of reach."""

import os

import pytest

import harness

PROGRAM = """
import os, resource
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
kept = []
def before():
    kept.append(bytearray(5_000_000))
def inner(n):
    kept.append(bytearray(n))
def within():
    for i in range(5):
        kept.append(bytearray(5_000_000))
    inner(5_000_000)
def after():
    kept.append(bytearray(5_000_000))
def across():
    kept.append(bytearray(5_000_000)); back()
def lose():
    {lose}
def back():
    {back}
before()
lose()
within()
across()
after()
"""

LIMIT = ("os.closerange(3, soft); resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))",
         "resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))")
CHROOT = ("os.mkdir('empty'); os.chroot('empty'); os.closerange(3, soft)", "pass")
MIB = 1 << 20


def figures(function):
    """RSS and its change, of the rows that ran."""
    return [(row["rss"], row["rss_delta"]) for row in function["rows"] if row["hits"]]


def profile(folder, program, tier, host):
    """The run of PROGRAM."""
    text = PROGRAM.format(lose=program[0], back=program[1])
    return harness.profile_program(folder, text, *harness.EVERYTHING, "--rss", tier, host=host,
                                   cwd=folder)


@pytest.mark.parametrize("tier", ("auto", "rusage", "every-line", "check", "check:rusage"))
def test_for_a_while(tier, tmp_path, host):
    """Lines that open or close meanwhile have no RSS; those before and after have theirs."""
    result = profile(tmp_path, LIMIT, tier, host)
    for name in ("within", "inner", "across"):
        function = result.function(name)
        assert set(figures(function)) == {(None, None)}, f"{name}: {figures(function)}"
        assert function["rss_delta"] is None, name
        assert all(row["heap_delta"] is not None for row in function["rows"]), name
    for name in ("before", "after"):
        (rss, delta), = figures(result.function(name))
        assert rss > 5_000_000 and abs(delta - 5_000_000) < MIB, f"{name}: {rss} {delta}"
    assert [n for n in result.profile["notes"] if "could not be read for a while" in n]
    assert result.profile["rss"]["end"] > 20_000_000
    if tier.startswith("check"):
        check = result.profile["engines"]["check"]
        assert check["failed"] >= 10 and check["missed"] == 0, check


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change its root folder")
@pytest.mark.parametrize("tier", ("auto", "rusage", "every-line", "check"))
def test_for_good(tier, tmp_path, host):
    """From then on nothing has one, not at the end either."""
    result = profile(tmp_path, CHROOT, tier, host)
    for name in ("within", "inner", "across", "after"):
        assert set(figures(result.function(name))) == {(None, None)}, name
    assert figures(result.function("before"))[0][1] > 4 * MIB
    assert [n for n in result.profile["notes"] if "could not be read any more" in n]
    assert result.profile["rss"]["end"] is None
    assert result.profile["rss"]["peak"] > 20_000_000


def test_open_at_the_end(tmp_path, host):
    """A line that the program dies in has none either, though samples go on."""
    text = PROGRAM.format(lose=LIMIT[0], back="import os, time; time.sleep(.1); os._exit(0)")
    result = harness.profile_program(tmp_path, text, *harness.EVERYTHING, host=host)
    for name in ("across", "back"):
        assert set(figures(result.function(name))) == {(None, None)}, name


def test_text(tmp_path):
    """The report marks them."""
    text = PROGRAM.format(lose=LIMIT[0], back=LIMIT[1])
    script = harness.write_program(tmp_path, text)
    result = harness.run(harness.mprun_argv([script], ("-f", "within", "-f", "after")),
                         cwd=tmp_path)
    lines = result.stdout.decode() + result.stderr.decode()
    row = next(line for line in lines.splitlines() if "for i in range" in line)
    assert row.split()[2:4] == ["?", "?"], lines
    assert "could not be read for a while" in " ".join(lines.split()), lines


SLEEPER = """
import time
kept = bytearray(60_000_000)
time.sleep(.3)
"""


def test_proc_of_another_namespace(tmp_path, host):
    """Samples are the program's own where /proc numbers it otherwise."""
    own = ["unshare", "--pid", "--fork"]
    if harness.run([*own, "true"]).status != 0:
        pytest.skip("no namespace of pids is to be had here (unshare --pid)")
    out = tmp_path / "out.json"
    words = harness.mprun_argv([harness.write_program(tmp_path, SLEEPER)],
                               ("-q", "-o", str(out), "--format", "json"), host)
    result = harness.run([*own, *words])
    assert result.status == 0, str(result)
    samples = [bucket["rss"] for bucket in harness.read_profile(out)["timeline"]]
    assert len(samples) > 5 and 60_000_000 < max(samples) < 100_000_000, samples


PIDFD_OPEN = 434


def test_nothing_to_sample(tmp_path, host, without):
    """Where the numbers are others and the kernel does not tell them, a note says what is not
    there, and the lines have their figures."""
    own = ["unshare", "--pid", "--fork"]
    if harness.run([*own, "true"]).status != 0:
        pytest.skip("no namespace of pids is to be had here (unshare --pid)")
    out = tmp_path / "out.json"
    words = harness.mprun_argv([harness.write_program(tmp_path, SLEEPER)],
                               ("-q", "-o", str(out), "--format", "json", *harness.EVERYTHING), host)
    for before, unseen in (([*own, without, str(PIDFD_OPEN)], True), (own, False)):
        result = harness.run([*before, *words])
        assert result.status == 0, str(result)
        result.profile = harness.read_profile(out)
        notes = [n for n in result.profile["notes"] if "no timeline" in n]
        assert bool(notes) == unseen == (not result.profile["timeline"]), result.profile["notes"]
        row = next(r for r in result.function("<module>")["rows"] if r["line"] == 3)
        assert 59_000_000 < row["rss_delta"] < 62_000_000, row
