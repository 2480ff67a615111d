# SPDX-License-Identifier: MIT
"""mprun works wherever it is installed, and however it is started."""

import os
import pathlib
import shutil

import pytest

import harness

BUILD = pathlib.Path(harness.MPRUN).parent
LOADER = "/lib64/ld-linux-x86-64.so.2"
LIBRARIES = ("libmprun-preload.so", "libmprun-children.so",
             f"libmprun-host-{harness.MINOR}.so", f"mprun-host-{harness.MINOR}")


def install(folder):
    """A copy of mprun with all that belongs to it in one folder; the program's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("mprun", *LIBRARIES):
        shutil.copy(BUILD / name, folder)
    return str(folder / "mprun")


@pytest.mark.parametrize("words", ([], ["--argv0", "other"]))
def test_started_by_the_loader(tmp_path, host, words):
    """The kernel's name of the running program is the loader's then."""
    script = harness.write_program(tmp_path, "print(len(b' ' * 5_000_000))\n")
    if words and b"--argv0" not in harness.run([LOADER, "--help"]).stdout:
        pytest.skip("this loader has no --argv0")
    for mprun in (harness.MPRUN, os.path.relpath(harness.MPRUN, tmp_path)):
        result = harness.run([LOADER, *words, mprun, "-q", "-o", "out.json", "--host", host,
                              "--python", harness.PYTHON, script], cwd=tmp_path)
        result.profile = harness.read_profile(tmp_path / "out.json")
        assert (result.status, result.stdout, result.stderr) == (0, b"5000000\n", b""), str(result)
        harness.assert_armed(result, host)


def test_started_by_the_loader_for_its_own_file(tmp_path):
    """The report replaces what runs as little as ever, nor is the loader taken for it."""
    mprun = install(tmp_path / "bin")
    before = pathlib.Path(mprun).read_bytes()
    result = harness.run([LOADER, mprun, "-o", mprun, "--format", "json", "-c", "1"])
    assert result.status == 125 and len(result.own_lines) == 1, str(result)
    assert pathlib.Path(mprun).read_bytes() == before


INNER = '''
import builtins, os, subprocess, sys
code = """if True:
    import builtins, os, sys
    print(sys.argv, hasattr(builtins, 'profile'), os.environ.get('LD_PRELOAD'),
          [fd for fd in sorted(map(int, os.listdir('/proc/self/fd'))) if fd < 100])
"""
subprocess.run([sys.executable, "-c", code, "child"])
exec(code.replace("hasattr(builtins, 'profile')", "len(b' ' * 5_000_000)"))
'''


@pytest.mark.parametrize("name", ("with space", "a:b", "$ORIGIN", "[ab]*?", "line\nend", "${LIB}'\"",
                                  "tab\tand\\", "\u00fc\u200f"))
def test_folder_with_any_name(tmp_path, host, name):
    """LD_PRELOAD cannot name each; the program and its children get what is theirs, and no
    descriptor."""
    script = harness.write_program(tmp_path, INNER)
    bare = harness.run_python([script])
    result = harness.run([install(tmp_path / name), "-q", "-o", "out.json", "--host", host,
                          "--python", harness.PYTHON, script], cwd=tmp_path)
    result.profile = harness.read_profile(tmp_path / "out.json")
    expected = bare.stdout.replace(b"False", b"True")
    assert (result.status, result.stdout, result.stderr) == (0, expected, b""), str(result)
    harness.assert_armed(result, host)


def test_hosts_in_a_folder_with_any_name(tmp_path):
    """They are listed, and the newest found."""
    mprun = install(tmp_path / "[ab]*")
    pathlib.Path(mprun).with_name("libmprun-host-3.99.so").touch()
    result = harness.run([mprun, "doctor"])
    assert f"  interpreter  {harness.MINOR} 3.99\n".encode() in result.stdout, str(result)


# --- standard streams that are closed, where there is no /dev/null to hold their place

STREAMS = """
import os, stat, sys
def kind(fd):
    try: return stat.S_IFMT(os.fstat(fd).st_mode)
    except OSError: return None
with open(sys.argv[1], "w") as out:
    print([kind(fd) for fd in range(10) if fd != out.fileno()], sys.stdin is None,
          sys.stdout is None, sys.stderr is None, len(b" " * 5_000_000), file=out)
"""

SHIM = """#!/bin/sh
exec %s "$@"
"""


def without_dev(command, folder):
    """Run a shell's command with nothing in /dev."""
    words = ["unshare", "--mount", "sh", "-c", f"mount -t tmpfs none /dev && {command}"]
    return harness.run(words, cwd=folder)


@pytest.mark.parametrize("closed", ("<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"))
def test_closed_streams_without_dev(tmp_path, host, closed):
    """The program finds them closed, and no file of mprun's in their place."""
    if without_dev("true", tmp_path).status:
        pytest.skip("no file systems can be mounted here")
    harness.write_program(tmp_path, STREAMS)
    shim = pathlib.Path(harness.write_program(tmp_path, SHIM % harness.PYTHON, "python3"))
    shim.chmod(0o755)
    without_dev(f"{harness.PYTHON} user.py bare.txt {closed}", tmp_path)
    for python in harness.PYTHON, shim:
        without_dev(f"{harness.MPRUN} -q -o out.json --host {host} --python {python} user.py own.txt"
                    f" {closed}; echo $? >status", tmp_path)
        assert (tmp_path / "status").read_text() == "0\n"
        bare, own = ((tmp_path / name).read_text() for name in ("bare.txt", "own.txt"))
        assert bare and own == bare
        assert harness.read_profile(tmp_path / "out.json")["host"] == host
        (tmp_path / "own.txt").unlink()
