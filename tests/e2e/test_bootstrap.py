# SPDX-License-Identifier: MIT
"""`./bootstrap packages`: what it asks of the distribution's tools, which are stubs here that write
down how they were called. It runs as a copy in a folder of its own, with a PATH of its own."""

import os
import pathlib
import shutil
import tempfile

import pytest

import harness

NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--")
TOOLS = ("bash", "cat", "dirname", "env", "grep", "id", "mkdir", "readlink", "sort", "tail", "wc")
STUBS = {
    # A package is installed unless the file `lacking` names it.
    "dpkg-query": 'grep -qx "${@: -1}" "$HERE/lacking" && exit 1\nprintf installed\n',
    "apt-cache": 'test -e "$HERE/no-lists" && exit 0\nprintf "x:\\n  Candidate: 1.0\\n"\n',
    "apt-get": 'printf "%s apt-get %s\\n" "$(id -u)" "$*" >>"$HERE/calls"\n'
               'test -e "$HERE/no-network" && echo "Could not resolve host" && exit 100\n'
               'exit 0\n',
    "sudo": 'printf "sudo %s\\n" "$*" >>"$HERE/calls"\ntest "$1" = -v && exit 0\nexec "$@"\n',
}


class Place:
    """A folder with the script, its tools and the files by which the stubs go."""

    def __init__(self, folder):
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        shutil.copy(harness.REPO / "bootstrap", folder)
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        for name, body in STUBS.items():
            (self.bin / name).write_text(f"#!/bin/bash\n{body}", encoding="utf-8")
            (self.bin / name).chmod(0o755)
        self.set("lacking")
        self.set("calls")
        self.bin.chmod(0o755)

    def set(self, name, text=""):
        """A file that every user may write."""
        (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / name).chmod(0o666)

    def run(self, *words, user=()):
        """The copy of bootstrap with these words."""
        return harness.run([*user, str(self.folder / "bootstrap"), *words], cwd=self.folder,
                           env={"PATH": str(self.bin), "HERE": str(self.folder)})

    @property
    def calls(self):
        """What was asked of sudo and apt-get, in order."""
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def place():
    """Where every user gets to."""
    with tempfile.TemporaryDirectory(prefix="mprun-", dir="/tmp") as name:
        os.chmod(name, 0o777)
        yield Place(pathlib.Path(name))


@pytest.fixture
def root():
    """The words before a command that root runs."""
    if os.geteuid() != 0:
        pytest.skip("only root can do what root does")
    return ()


@pytest.fixture
def nobody():
    """The words before a command that an ordinary user runs."""
    return NOBODY[:0] if os.geteuid() != 0 else (shutil.which(NOBODY[0]), *NOBODY[1:])


def said(result):
    """bootstrap's own messages."""
    return "\n".join(result.own_lines)


def installs(calls):
    """The calls of `apt-get install`: who made them and the packages."""
    found = []
    for call in calls:
        who, name, *words = call.split()
        if name == "apt-get" and "install" in words:
            names = words[words.index("install") + 1:]
            found.append((int(who), [word for word in names if not word.startswith("-")]))
    return found


def test_bootstrap_nothing_missing(place):
    """Nothing is asked of apt-get or sudo, whoever it is."""
    result = place.run("packages", "build", "test", "ci", "bench")
    assert (result.status, result.stdout, result.stderr) == (0, b"", b""), str(result)
    assert place.calls == []


def test_bootstrap_missing_as_root(place, root):
    """Exactly what is missing is installed, and root needs no sudo."""
    place.set("lacking", "libelf-dev\nmeson\nunrelated\n")
    result = place.run("packages", "build", user=root)
    assert result.status == 0, str(result)
    assert installs(place.calls) == [(0, ["libelf-dev", "meson"])]
    assert not [call for call in place.calls if call.startswith("sudo")]
    assert "installing libelf-dev meson" in said(result), str(result)


def test_bootstrap_missing_as_user(place, nobody):
    """An ordinary user's packages are installed by sudo, which may ask for the password first."""
    place.set("lacking", "libelf-dev\n")
    result = place.run("packages", "build", user=nobody)
    assert result.status == 0, str(result)
    assert place.calls[0] == "sudo -v"
    assert len(installs(place.calls)) == 1 and installs(place.calls)[0][1] == ["libelf-dev"]
    by_sudo = [call for call in place.calls if call.startswith("sudo env ")]
    assert len(by_sudo) == 2 and by_sudo[-1].endswith(" libelf-dev"), place.calls


def test_bootstrap_no_sudo(place, nobody):
    """Without sudo an ordinary user is told the command."""
    (place.bin / "sudo").unlink()
    place.set("lacking", "libelf-dev\nmeson\n")
    result = place.run("packages", "build", user=nobody)
    assert result.status == 1 and place.calls == [], f"{result}\n{place.calls}"
    assert "no sudo" in said(result), str(result)
    assert "apt-get install libelf-dev meson" in said(result), str(result)


@pytest.mark.parametrize("lists", ("no lists", "old lists"))
def test_bootstrap_no_network(place, lists, root):
    """What cannot be had is named, with apt-get's words or where they are."""
    place.set("lacking", "libelf-dev\nmeson\n")
    place.set("no-network")
    if lists == "no lists":
        place.set("no-lists")
    result = place.run("packages", "build", user=root)
    assert result.status == 1, str(result)
    assert "libelf-dev meson" in said(result).replace("installing libelf-dev meson", "")
    assert "network" in said(result), str(result)
    assert b"Could not resolve host" in result.stderr, str(result)
    assert bool(installs(place.calls)) == (lists == "old lists")


def test_bootstrap_other_distribution(place):
    """Without apt-get: the packages' names, to be had some other way."""
    (place.bin / "apt-get").unlink()
    result = place.run("packages", "build")
    assert result.status == 1, str(result)
    assert "not Debian" in said(result) and "libelf-dev" in said(result), str(result)


@pytest.mark.parametrize("words", (["--frobnicate"], ["instal"], ["packages", "everything"]))
def test_bootstrap_unknown_word(place, words):
    """The word is named, nothing is done."""
    result = place.run(*words)
    assert result.status == 1 and not result.stdout, str(result)
    assert words[-1] in said(result) and place.calls == [], str(result)
    if len(words) == 1:
        assert b"Usage: ./bootstrap" in result.stderr, str(result)


def test_bootstrap_help(place):
    """Help goes to stdout."""
    result = place.run("--help")
    assert result.status == 0 and not result.stderr, str(result)
    assert result.stdout.startswith(b"Usage: ./bootstrap")
