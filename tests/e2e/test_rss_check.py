# SPDX-License-Identifier: MIT
"""`--rss check:TIER` reads statm at every line beside the gate: the gate must miss nothing. Each
tier in turn, as the user who runs the tests and as one without privilege."""

import os
import pathlib
import shutil
import tempfile

import pytest

import harness

PROGRAMS = sorted((pathlib.Path(__file__).parent / "rss").glob("*.py"))
TIERS = ("faults", "user-faults", "rusage", "every-line")
NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--")
UNAVAILABLE = 125


@pytest.fixture(scope="module")
def nobody():
    """The words that start mprun without any privilege."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory(prefix="mprun-", dir="/tmp") as name:
        yield (*NOBODY, harness.copy_of_mprun(pathlib.Path(name)))


@pytest.fixture(params=("user", "nobody"))
def as_user(request):
    """The words of mprun itself: as the user who runs the tests, or without any privilege."""
    return (harness.MPRUN,) if request.param == "user" else request.getfixturevalue("nobody")


@pytest.fixture
def open_folder():
    """A folder that every user may use."""
    with tempfile.TemporaryDirectory(prefix="mprun-", dir="/tmp") as name:
        os.chmod(name, 0o777)
        yield pathlib.Path(name)


def checked(program, tier, as_user, folder, host):
    """The profile of a checked run, or a skip where the tier is not to be had."""
    copy = folder / program.name
    shutil.copyfile(program, copy)
    copy.chmod(0o644)
    profile = folder / "profile.json"
    options = ("--rss", f"check:{tier}", "-q", "-o", str(profile), "--format", "json")
    words = harness.mprun_argv([str(copy)], options, host)[1:]
    result = harness.run([*as_user, *words], cwd=folder)
    if result.status == UNAVAILABLE and tier in ("faults", "user-faults"):
        assert tier in "".join(result.own_lines), f"the reason must name the tier\n{result}"
        pytest.skip(" ".join(result.own_lines))
    assert result.status == 0, str(result)
    result.profile = harness.read_profile(profile)
    harness.assert_armed(result, host)
    return result.profile


def assert_nothing_missed(profile):
    """Enough was seen to say something, and all of it was announced."""
    check = profile["engines"]["check"]
    assert check["changes"] >= 100 and check["missed"] == 0, check


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_rss_check(program, tier, host, as_user, open_folder):
    """At least 100 changes are seen and none is missed."""
    profile = checked(program, tier, as_user, open_folder, host)
    assert profile["engines"]["rss"] == tier
    check = profile["engines"]["check"]
    assert check["changes"] >= 100 and check["missed"] == 0, check
