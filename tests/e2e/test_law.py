# SPDX-License-Identifier: MIT
"""The additive law: the rows of a function add up to the net change of resident memory over the
intervals in which it ran, as the program itself reads it from /proc/self/statm.

(That rows add up to the function's own figures is asserted on the whole corpus by test_hits.)"""

import json
import pathlib

import pytest

import harness

PROGRAMS = sorted(path for path in (pathlib.Path(__file__).parent / "law").glob("*.py")
                  if path.stem != "statm")
TIERS = ("auto", "rusage", "every-line")
# The program's own reading, and mprun's own pages, which only mprun's figure leaves out.
TOLERANCE = 64 << 10
AT_LEAST = 1 << 20


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_law(program, tier, host, profile_path):
    """Net change reported == net change read by the program."""
    options = () if tier == "auto" else ("--rss", tier)
    result = harness.run_mprun([str(program)], profile_path, host, options)
    assert result.status == 0, str(result)
    harness.assert_armed(result, host)
    harness.assert_additive(result.profile)
    nets = json.loads(result.stdout)
    assert nets
    for qualname, net in nets.items():
        assert abs(net) >= AT_LEAST, f"{qualname} moves too little to prove anything: {net}"
        reported = result.function(qualname)["rss_delta"]
        assert abs(reported - net) <= TOLERANCE, \
            f"{qualname}: {reported} reported, {net} read by the program, {reported - net:+} apart"
