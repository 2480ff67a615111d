# SPDX-License-Identifier: MIT
"""What snapshots and figures are as Python objects."""

import harness


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
