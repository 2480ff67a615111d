# SPDX-License-Identifier: MIT
"""`tests/pythons mirror`: where Debian's packages come from, by apt's sources in either form."""

import os

import pytest

import harness

ONE_LINE = """\
# deb http://off.example/debian sid main
deb-src http://source.example/debian sid main
deb [arch=amd64 signed-by=/k.gpg] https://vendor.example/apt stable main   # not Debian's
deb [ arch=amd64 ] http://mirror.example/debian/ sid main contrib
deb http://security.example/debian-security sid-security main
"""

STANZAS = """\
Types: deb
# http://was.example/debian
URIs: https://vendor.example/node
Suites: nodistro
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: sid
Components: main

types: deb deb-src
URIs:
 http://mirror.example/debian
Suites: other
\tsid sid-updates
Components: main
 contrib
"""


def mirror(tmp_path, name=None, text="", **env):
    """What it says of a file of sources with that text."""
    words = []
    if name:
        (tmp_path / name).write_text(text, encoding="utf-8")
        words = [str(tmp_path / name)]
    return harness.run([str(harness.REPO / "tests" / "pythons"), "mirror", *words],
                       env={**os.environ, "MPRUN_MIRROR": "", **env})


@pytest.mark.parametrize("name, text", (
    ("sources.list", ONE_LINE),
    ("debian.sources", STANZAS),
    ("debian.sources", STANZAS.rstrip("\n")),
    ("a.list", "deb http://mirror.example/debian trixie main"),
))
def test_mirror_of_apts_sources(tmp_path, name, text):
    """Debian's own archive, whatever else there is."""
    result = mirror(tmp_path, name, text)
    assert (result.status, result.stdout) == (0, b"http://mirror.example/debian\n"), str(result)


def test_mirror_by_its_suite(tmp_path):
    """An archive under another name, if no other is called Debian's."""
    result = mirror(tmp_path, "a.list", "deb http://mirror.example/old nothing main\n"
                                        "deb http://mirror.example/2025 sid contrib main\n")
    assert result.stdout == b"http://mirror.example/2025\n", str(result)


@pytest.mark.parametrize("name, text", (
    ("a.list", "deb http://mirror.example/ubuntu focal main\n"),
    ("a.list", "deb http://mirror.example/debian sid contrib\n"),
    ("a.sources", "Types: deb-src\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\n"),
    ("a.sources", ""),
))
def test_mirror_of_none(tmp_path, name, text):
    """A sentence that says what to do."""
    result = mirror(tmp_path, name, text)
    assert result.status == 1 and result.stdout == b"", str(result)
    assert b"MPRUN_MIRROR" in result.stderr


def test_mirror_by_the_user(tmp_path):
    """Whatever apt has."""
    result = mirror(tmp_path, "a.list", ONE_LINE, MPRUN_MIRROR="http://mine.example/d")
    assert result.stdout == b"http://mine.example/d\n", str(result)
