# SPDX-License-Identifier: MIT
"""Fixtures of the end-to-end tests. They run `build/mprun`, or the binary that MPRUN names."""

import os
import signal
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import harness  # noqa: E402

# Whoever runs the tests in the background, or under nohup, has these ignored, which all that is
# started here would inherit.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

# Runs a command without one system call, "NUMBER" or "NUMBER:ERRNO": it fails with that, ENOSYS by
# default.
WITHOUT = """
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *colon = argc > 1 ? strchr(argv[1], ':') : NULL;
    unsigned error = colon ? (unsigned)atoi(colon + 1) : ENOSYS;
    if (argc < 3)
        return 99;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(argv[1]), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        return 99;
    execvp(argv[2], argv + 2);
    return 98;
}
"""


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


@pytest.fixture(scope="session", name="without")
def fixture_without(tmp_path_factory):
    """The program of WITHOUT."""
    folder = tmp_path_factory.mktemp("without")
    (folder / "without.c").write_text(WITHOUT, encoding="utf-8")
    subprocess.run(["gcc", "-o", "without", "without.c"], cwd=folder, check=True)
    return str(folder / "without")
