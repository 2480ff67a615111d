# SPDX-License-Identifier: MIT
"""Hosts come and go beside an installed mprun: a later build adds them, without the rest."""

import os
import pathlib
import shutil
import subprocess

import pytest

import harness

BUILD = pathlib.Path(harness.MPRUN).parent
HOSTS = (f"libmprun-host-{harness.MINOR}.so", f"mprun-host-{harness.MINOR}")


@pytest.fixture(name="prefix")
def fixture_prefix(tmp_path):
    """What `meson install` puts where, without hosts for the Python under test."""
    program = tmp_path / "usr" / "bin" / "mprun"
    libexec = tmp_path / "usr" / "libexec" / "mprun"
    for folder in (program.parent, libexec):
        folder.mkdir(parents=True)
    shutil.copy(BUILD / "mprun", program)
    shutil.copy(BUILD / "libmprun-preload.so", libexec)
    return tmp_path / "usr"


def run(prefix, *words):
    """The installed mprun over a line of code."""
    return harness.run([str(prefix / "bin" / "mprun"), "--python", harness.PYTHON, *words,
                        "-c", "print(6 * 7)"])


def build(folder, source, prefix):
    """A build of the hosts alone, installed."""
    env = {**os.environ, "PATH": f"/usr/bin:/bin:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-ec", 'meson setup "$@" && meson compile -C "$1" && meson install -C "$1"', "sh",
         str(folder), str(source), f"--prefix={prefix}", "--libexecdir=libexec",
         "-Dhosts_only=true", f"-Dpythons={harness.MINOR}"],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_later_build_adds_hosts(prefix, tmp_path):
    """Without: refused. After a build of hosts only, the same mprun measures."""
    result = run(prefix)
    assert result.status == 125 and "installed: none" in result.own_lines[0], str(result)
    before = (prefix / "bin" / "mprun").read_bytes()
    build(tmp_path / "hosts", harness.REPO, prefix)
    assert (prefix / "bin" / "mprun").read_bytes() == before
    assert not (prefix / "share").exists()
    assert sorted(os.listdir(prefix / "libexec" / "mprun")) == sorted(
        (*HOSTS, "libmprun-preload.so"))
    for host in harness.HOSTS:
        result = run(prefix, "--host", host)
        assert result.status == 0 and result.stdout.startswith(b"42\n"), str(result)
        assert b"Hits" in result.stdout, str(result)


def test_host_of_another_build(prefix, tmp_path):
    """A host that does not fit the rest is refused, before the program runs."""
    text = (harness.REPO / "include" / "mprun" / "recording.h").read_text(encoding="utf-8")
    source = tmp_path / "source"
    shutil.copytree(harness.REPO, source, ignore=shutil.ignore_patterns("build*", ".git", "roots"))
    version = next(line for line in text.splitlines() if "#define MPR_REC_VERSION" in line)
    (source / "include" / "mprun" / "recording.h").write_text(
        text.replace(version, "#define MPR_REC_VERSION 999u"), encoding="utf-8")
    build(tmp_path / "other", source, prefix)
    number = version.split()[-1].rstrip("u")
    for host, says in (("interpreter", "of another build"), ("embedded", f"version {number},")):
        result = run(prefix, "--host", host)
        assert result.status == 125 and says in result.own_lines[0], str(result)
        assert b"42" not in result.stdout, str(result)
