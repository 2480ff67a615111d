# SPDX-License-Identifier: MIT
"""Fixtures of the end-to-end tests. They run `build/mprun`, or the binary that MPRUN names."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import harness  # noqa: E402


def pytest_configure(config):
    """Without the binary no test could say anything."""
    if not os.access(harness.MPRUN, os.X_OK) and not config.option.collectonly:
        raise pytest.UsageError(f"{harness.MPRUN} is not there: build it, or set MPRUN")


@pytest.fixture(params=harness.HOSTS)
def host(request):
    """Each container in turn."""
    return request.param


@pytest.fixture
def profile_path(tmp_path):
    """Where this test's profile goes."""
    return tmp_path / "profile.json"
