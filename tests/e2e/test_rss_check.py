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


@pytest.fixture(params=("user", "nobody"))
def as_user(request):
    """The words before mprun: none, or those that give up every privilege."""
    if request.param == "user":
        return ()
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can become another user, with setpriv")
    if harness.run([*NOBODY, "test", "-x", harness.MPRUN]).status != 0:
        pytest.skip(f"an unprivileged user cannot reach {harness.MPRUN}")
    return NOBODY


@pytest.fixture
def open_folder():
    """A folder that every user may use."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield pathlib.Path(name)


def checked(program, tier, as_user, folder, host="interpreter"):
    """The profile of a checked run, or a skip where the tier is not to be had."""
    copy = folder / program.name
    shutil.copyfile(program, copy)
    copy.chmod(0o644)
    profile = folder / "profile.json"
    options = ("--rss", f"check:{tier}", "-q", "-o", str(profile), "--format", "json")
    result = harness.run([*as_user, *harness.mprun_argv([str(copy)], options, host)], cwd=folder)
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
def test_rss_check(program, tier, as_user, open_folder):
    """At least 100 changes are seen and none is missed."""
    profile = checked(program, tier, as_user, open_folder)
    assert profile["engines"]["rss"] == tier
    assert_nothing_missed(profile)


@pytest.mark.parametrize("tier", TIERS)
def test_rss_check_embedded(tier, open_folder):
    """The embedded host's gate is the same code in another container."""
    profile = checked(PROGRAMS[0].with_name("mixed.py"), tier, (), open_folder, "embedded")
    assert_nothing_missed(profile)
