# SPDX-License-Identifier: MIT
"""Programs that measure themselves by the package: its source, with the built command."""

import json

import harness

PACKAGE = harness.REPO / "src" / "package"


def environment(tmp_path, extra=None):
    """The package is importable, and no code of the user's; the command is the built one, the
    user's cache is the test's."""
    installed = tmp_path / "lib" / "site-packages"
    if not installed.exists():
        installed.parent.mkdir(exist_ok=True)
        installed.symlink_to(PACKAGE)
    return {"PYTHONPATH": str(installed), "MPRUN": harness.MPRUN,
            "XDG_CACHE_HOME": str(tmp_path / "cache"), "MPRUN_PROFILE": None, **(extra or {})}


def cached(tmp_path):
    """The profiles in the user's cache."""
    return sorted((tmp_path / "cache" / "mprun").glob("*.mprun"))


def run(tmp_path, text, *words, env=None, status=0, timeout=harness.TIMEOUT, python=harness.PYTHON):
    """A program's result."""
    script = tmp_path / "program.py"
    script.write_text(text)
    result = harness.run([python, str(script), *words], cwd=tmp_path, timeout=timeout,
                         env=environment(tmp_path, env))
    assert result.status == status, str(result)
    return result


def told(tmp_path, text, *words, **kwargs):
    """The same; what it prints last is JSON."""
    return json.loads(run(tmp_path, text, *words, **kwargs).stdout.splitlines()[-1])
