/* SPDX-License-Identifier: MIT */
/* Which RSS tier a program would get here, why not a better one, and the command that gives it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "mprun/proc.h"
#include "mprun/rss_facts.h"

#define PARANOID "/proc/sys/kernel/perf_event_paranoid"

static ssize_t read_small(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t got = read(fd, text, size - 1);
    int failed = errno;
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got < 0 ? -failed : got;
}

static int64_t read_rss(void)
{
    char text[160];
    uint64_t pages;
    ssize_t len = read_small("/proc/self/statm", text, sizeof text);
    if (len <= 0 || mpr_proc_parse_statm(text, (size_t)len, &pages) < 0 || pages > INT64_MAX)
        return -1;
    return (int64_t)pages;
}

static int try_ring(bool kernel_mode_too)
{
    void *ring;
    int status = mpr_fault_ring_open(kernel_mode_too, &ring);
    if (status == 0)
        mpr_fault_ring_close(ring);
    return status;
}

void mpr_doctor_try(struct mpr_doctor_tries *ret_tries)
{
    char text[160];
    ssize_t len = read_small("/proc/self/statm", text, sizeof text);
    ret_tries->statm = len < 0 ? (int)len : 0;
    ret_tries->faults = try_ring(true);
    ret_tries->user_faults = try_ring(false);
    if (read_small(PARANOID, text, sizeof text) <= 0 ||
        sscanf(text, "%d", &ret_tries->paranoid) != 1)
        ret_tries->paranoid = MPR_PARANOID_UNKNOWN;
}

/* The kernel itself refuses with EACCES, a filter on system calls with EPERM. The first row that
 * fits says what to do; the last fits always. */
static const struct reason {
    int error;          /* 0: any */
    bool paranoid_high; /* only where kernel.perf_event_paranoid is above 1 */
    const char *why;
    const char *command;
} reasons[] = {
    {ENOSYS, false, "this kernel has no perf events", NULL},
    {EPERM, false, "something (a container?) keeps programs from perf_event_open",
        "docker run --cap-add PERFMON ..."},
    {0, true, "kernel.perf_event_paranoid must be 1 or less",
        "sudo sysctl kernel.perf_event_paranoid=1"},
    {0, false, "perf_event_open fails", NULL},
};

static const struct reason *reason_of(const struct mpr_doctor_tries *tries)
{
    const struct reason *row = reasons;
    while ((row->error && row->error != -tries->faults) ||
           (row->paranoid_high && tries->paranoid <= 1))
        row++;
    return row;
}

void mpr_doctor_judge(const struct mpr_doctor_tries *tries, struct mpr_doctor_tier *ret_tier)
{
    struct mpr_doctor_tier verdict = {.tier = MPR_RSS_FAULTS};
    if (tries->statm < 0) {
        verdict.tier = MPR_RSS_OFF;
        verdict.better = MPR_RSS_RUSAGE;
        verdict.command = "sudo mount -t proc proc /proc";
        snprintf(verdict.why, sizeof verdict.why, "cannot read /proc/self/statm (%s)",
            strerror(-tries->statm));
    } else if (tries->faults < 0) {
        const struct reason *row = reason_of(tries);
        verdict.tier = tries->user_faults < 0 ? MPR_RSS_RUSAGE : MPR_RSS_USER_FAULTS;
        verdict.better = MPR_RSS_FAULTS;
        verdict.command = row->command;
        snprintf(verdict.why, sizeof verdict.why, "%s (%s)", row->why, strerror(-tries->faults));
    }
    *ret_tier = verdict;
}

uint32_t mpr_doctor_resolution(void)
{
    return mpr_rss_resolution_by(read_rss);
}
