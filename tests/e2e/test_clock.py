# SPDX-License-Identifier: MIT
"""mprun measures by the kernel's functions, not by those that a library puts in front of them."""

import subprocess

import harness

STILL = """
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    *now = (struct timespec){1000000000, 0};
    return 0;
}
int gettimeofday(struct timeval *now, void *zone)
{
    (void)zone;
    *now = (struct timeval){1000000000, 0};
    return 0;
}
time_t time(time_t *ret) { return ret ? *ret = 1000000000 : 1000000000; }
int getrusage(int who, struct rusage *usage) { (void)who, (void)usage; errno = EPERM; return -1; }
"""

PROGRAM = """
import select, time
assert time.time() == 1e9
def work():
    select.select([], [], [], .3)  # a sleep would wait for the clock
    return bytearray(5_000_000)
kept = work()
"""


def test_clock_that_stands_still(tmp_path, host):
    """It is the program's, and hangs nothing."""
    (tmp_path / "still.c").write_text(STILL, encoding="utf-8")
    subprocess.run(["gcc", "-shared", "-fPIC", "-w", "-o", "still.so", "still.c"], cwd=tmp_path,
                   check=True)
    for tier in ("auto", "rusage"):
        result = harness.profile_program(tmp_path, PROGRAM, *harness.EVERYTHING, "--rss", tier,
                                         host=host, timeout=30,
                                         env={"LD_PRELOAD": str(tmp_path / "still.so")})
        rows = result.function("work")["rows"]
        assert 290_000_000 < rows[1]["time_ns"] < 5_000_000_000, rows[1]
        assert abs(rows[2]["rss_delta"] - 5_000_000) < 1 << 20, rows[2]
        assert result.profile["duration_ns"] > 300_000_000
        assert len(result.profile["timeline"]) > 5
