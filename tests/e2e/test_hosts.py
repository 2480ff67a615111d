# SPDX-License-Identifier: MIT
"""Hosts come and go beside an installed mprun: a later build adds them, without the rest. What a
stranger may change is not loaded."""

import os
import pathlib
import shutil
import subprocess

import pytest

import harness

BUILD = pathlib.Path(harness.MPRUN).parent
HOSTS = (f"libmprun-host-{harness.MINOR}.so", f"mprun-host-{harness.MINOR}")
EXTENSION = f"_mprun-{harness.MINOR}.so"


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


@harness.once
def test_a_later_build_adds_hosts(prefix, tmp_path):
    """Without: refused. After a build of hosts only, the same mprun measures."""
    result = run(prefix)
    assert result.status == 125 and "installed: none" in result.own_lines[0], str(result)
    before = (prefix / "bin" / "mprun").read_bytes()
    build(tmp_path / "hosts", harness.REPO, prefix)
    assert (prefix / "bin" / "mprun").read_bytes() == before
    assert not (prefix / "share").exists()
    assert sorted(os.listdir(prefix / "libexec" / "mprun")) == sorted(
        (*HOSTS, EXTENSION, "libmprun-preload.so"))
    for host in harness.HOSTS:
        result = run(prefix, "--host", host)
        assert result.status == 0 and result.stdout.startswith(b"42\n"), str(result)
        assert b"Hits" in result.stdout, str(result)


@harness.once
def test_host_of_another_build(prefix, tmp_path):
    """A host that does not fit the rest is refused, before the program runs."""
    header = pathlib.Path("include", "mprun", "recording_header.h")
    text = (harness.REPO / header).read_text(encoding="utf-8")
    source = tmp_path / "source"
    shutil.copytree(harness.REPO, source, ignore=shutil.ignore_patterns("build*", ".git", "roots"))
    version = next(line for line in text.splitlines() if "#define MPR_REC_VERSION" in line)
    (source / header).write_text(
        text.replace(version, "#define MPR_REC_VERSION 999u"), encoding="utf-8")
    build(tmp_path / "other", source, prefix)
    number = version.split()[-1].rstrip("u")
    for host, says in (("interpreter", "of another build"), ("embedded", f"version {number},")):
        result = run(prefix, "--host", host)
        assert result.status == 125 and says in result.own_lines[0], str(result)
        assert b"42" not in result.stdout, str(result)


# --- whose libraries are loaded

EVIL = """
#include <stdio.h>
__attribute__((constructor)) static void hijack(void) { fputs("HIJACKED\\n", stderr); }
"""


def copy_build(folder):
    """mprun and what it loads, all in one folder."""
    folder.mkdir(parents=True)
    for name in ("mprun", "libmprun-preload.so", "libmprun-children.so", *HOSTS):
        shutil.copy(BUILD / name, folder)


def test_libexec_beside_a_build(tmp_path):
    """A build has its own libraries beside itself; what lies in ../libexec is nobody's it knows."""
    copy_build(tmp_path / "build")
    libexec = tmp_path / "libexec" / "mprun"
    libexec.mkdir(parents=True)
    (tmp_path / "evil.c").write_text(EVIL, encoding="utf-8")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(libexec / "libmprun-preload.so"),
                    str(tmp_path / "evil.c")], check=True)
    shutil.copy(BUILD / HOSTS[0], libexec)
    program = [str(tmp_path / "build" / "mprun"), "--python", harness.PYTHON, "-c", "print(6 * 7)"]
    result = harness.run(program)
    assert result.status == 0 and b"Hits" in result.stdout, str(result)
    assert b"HIJACKED" not in result.stderr, str(result)
    (tmp_path / "build" / "libmprun-preload.so").unlink()
    result = harness.run(program)
    assert result.status == 125 and b"HIJACKED" not in result.stderr, str(result)
    assert f"missing: it should be in {tmp_path}/build;" in result.own_lines[0], str(result)


# What is done to an installation in usr, and what is said of what; None: it is loaded.
RIGHTS = (
    ("everybodys_libexec", "chmod 777 usr/libexec/mprun", "usr/libexec/mprun may be written by"),
    ("everybodys_above", "chmod 777 usr", "usr may be written by everybody"),
    ("everybodys_library", "chmod 666 usr/libexec/mprun/libmprun-preload.so", "-preload.so may be"),
    ("everybodys_host", "chmod 777 usr/libexec/mprun/*host*", "may be written by everybody"),
    ("everybodys_children", "chmod 666 usr/libexec/mprun/*children*", "-children.so may be"),
    ("link_to_everybodys", "mkdir far; mv usr/libexec/mprun/* far; chmod 777 far; "
     "ln -s $PWD/far/* usr/libexec/mprun", "far may be written by everybody"),
    ("strangers_host", "chown 65534 usr/libexec/mprun/*host*", "belongs to another user"),
    ("strangers_above", "chown 65534 usr/libexec", "usr/libexec belongs to another user"),
    ("sticky_above", "chmod 1777 .", None),
    ("all_of_one_user", "chown -R 65534 usr", None),
    ("group_of_ones_own", "chown -R :59999 usr; chmod -R g+w usr", None),
)


@pytest.mark.parametrize("done, says", [row[1:] for row in RIGHTS], ids=[row[0] for row in RIGHTS])
def test_rights(tmp_path, done, says, host):
    """Refused with the name of what a stranger could change, before the program runs."""
    if "chown" in done and os.geteuid() != 0:
        pytest.skip("only root can arrange this")
    copy_build(tmp_path / "usr" / "libexec" / "mprun")
    (tmp_path / "usr" / "bin").mkdir()
    os.rename(tmp_path / "usr" / "libexec" / "mprun" / "mprun", tmp_path / "usr" / "bin" / "mprun")
    subprocess.run(["sh", "-ec", done], cwd=tmp_path, check=True)
    result = run(tmp_path / "usr", "--host", host)
    if says is None:
        assert result.status == 0 and b"Hits" in result.stdout, str(result)
        return
    assert result.status == 125 and b"42" not in result.stdout, str(result)
    assert "mprun does not load" in result.own_lines[0] and says in result.own_lines[0], str(result)


def test_unknown_owners(tmp_path):
    """In a user name space that has no number for root, what is root's looks like a stranger's."""
    if harness.run(["unshare", "-r", "true"]).status != 0:
        pytest.skip("no user name space is to be had here (unshare -r)")
    copy_build(tmp_path / "build")
    result = harness.run(["unshare", "-U", str(tmp_path / "build" / "mprun"), "--python",
                          harness.PYTHON, "-c", "print(6 * 7)"])
    assert result.status == 0 and b"Hits" in result.stdout, str(result)
