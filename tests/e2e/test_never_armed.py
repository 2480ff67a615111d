# SPDX-License-Identifier: MIT
"""Interpreters that mprun cannot get into, found before the start or because the host never came
up: 125 and the reason. And a wrapper that it sees through."""

import os
import shutil
import subprocess

import pytest

import harness

REFUSED = 125


@pytest.fixture
def folder(tmp_path):
    """A folder with a script in it."""
    (tmp_path / "script.py").write_text("def load(n):\n    return n + 1\nprint(load(999))\n",
                                        encoding="utf-8")
    return tmp_path


def mprun(folder, *words):
    """mprun over the script, with the container that has to get into an interpreter."""
    return harness.run([harness.MPRUN, "--host", "interpreter", *words, "script.py"], cwd=folder)


def assert_never_armed(result, *words):
    """125, no report, and the reason."""
    assert result.status == REFUSED, str(result)
    assert b"Hits" not in result.stdout and not result.foreign_stderr, str(result)
    for word in words:
        assert word in "\n".join(result.own_lines), str(result)


def test_wrapper_script_is_resolved(folder):
    """A script that starts a Python says which one; that is run itself, and measured."""
    wrapper = folder / "python3"
    wrapper.write_text(f'#!/bin/sh\nexec env -i {harness.PYTHON} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    result = mprun(folder, "-o", "out.json", "--python", str(wrapper))
    assert (result.status, result.stdout) == (0, b"1000\n"), str(result)
    profile = harness.read_profile(folder / "out.json")
    assert profile["interpreter"] == harness.PYTHON and harness.hits(profile) > 0


CLEANER = """
#include <unistd.h>
/* Looks like a CPython, and becomes one before its main could be reached. */
__attribute__((visibility("default"))) const unsigned long Py_Version = VERSION;
__attribute__((constructor)) static void leave(int argc, char **argv)
{
    char *none[] = {NULL};
    execve(PYTHON, argv, none);
    _exit(argc);
}
int main(void) { return 1; }
"""


def test_wrapper_that_cleans_its_environment(folder):
    """The script names a program that loses the preloaded host: it runs, nothing is measured."""
    cleaner, wrapper = folder / "cleaner", folder / "python3"
    (folder / "cleaner.c").write_text(CLEANER, encoding="utf-8")
    subprocess.run(["gcc", "-rdynamic", f'-DPYTHON="{harness.PYTHON}"',
                    f"-DVERSION=0x03{harness.VERSION[1]:02x}02f0", "-o", cleaner, "cleaner.c"], cwd=folder, check=True)
    wrapper.write_text(f'#!/bin/sh\ncase " $* " in\n*" -S "*) echo {cleaner};;\n'
                       f'*) exec {cleaner} "$@";;\nesac\n', encoding="utf-8")
    wrapper.chmod(0o755)
    result = mprun(folder, "--python", str(wrapper))
    assert result.stdout == b"1000\n", str(result)
    assert_never_armed(result, str(cleaner), "cleans its environment", "--host embedded")


BUILD = """
__attribute__((visibility("default"))) const unsigned long Py_Version = VERSION;
__attribute__((visibility("default"))) void SYMBOL(void) {}
int main(void) { return 7; }
"""


@pytest.mark.parametrize("symbol, says", (("_Py_DecRefShared", "free-threaded"),
                                          ("_Py_NegativeRefcount", "debug build")))
@pytest.mark.parametrize("host", ("auto", "embedded"))
def test_other_build_is_refused(folder, symbol, says, host):
    """Builds of CPython that lay out their objects in another way, told by what they export."""
    (folder / "build.c").write_text(BUILD, encoding="utf-8")
    subprocess.run(["gcc", "-rdynamic", "-o", "python3", f"-DSYMBOL={symbol}",
                    f"-DVERSION=0x03{harness.VERSION[1]:02x}02f0", "build.c"], cwd=folder, check=True)
    result = mprun(folder, "--host", host, "--python", "./python3")
    assert_never_armed(result, "./python3", says, "--python PATH")


def test_pypy_is_refused(folder):
    """Told by the library that it needs."""
    (folder / "library.c").write_text("int pypy_main(void) { return 7; }\n", encoding="utf-8")
    (folder / "pypy.c").write_text("int pypy_main(void);\nint main(void) { return pypy_main(); }\n",
                                   encoding="utf-8")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", "libpypy3-c.so", "library.c"], cwd=folder,
                   check=True)
    subprocess.run(["gcc", "-o", "pypy3", "pypy.c", "libpypy3-c.so", "-Wl,-rpath,$ORIGIN"],
                   cwd=folder, check=True)
    assert_never_armed(mprun(folder, "--python", "./pypy3"), "./pypy3", "PyPy", "--python PATH")


def test_set_uid_python(folder):
    """A Python that runs as another user drops what would carry mprun."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    copy = folder / "python3"
    shutil.copyfile(harness.PYTHON, copy)
    os.chown(copy, 65534, 65534)
    copy.chmod(0o4755)
    result = mprun(folder, "--python", str(copy))
    assert not result.stdout, str(result)
    assert_never_armed(result, str(copy), "is set-uid", "--host embedded")
