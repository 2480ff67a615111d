# SPDX-License-Identifier: MIT
"""tests/soak for a short time: nothing of mprun's own grows in a service."""

import os
import subprocess

import harness


def test_service(host):
    """With threads, children, exceptions and code that is made at run time."""
    environment = {**os.environ, "MPRUN": harness.MPRUN, "MPRUN_PYTHON": harness.PYTHON}
    done = subprocess.run(
        [str(harness.REPO / "tests" / "soak"), "--seconds", "8", "--every", "0.1", "--host", host],
        env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and done.stdout.endswith("ok\n"), done.stdout + done.stderr
