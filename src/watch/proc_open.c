/* SPDX-License-Identifier: MIT */
/* Files of /proc about our children. In a namespace of pids without a /proc of its own the numbers
 * there are others, and the file of that name would be a stranger's. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mprun/proc.h"

/* What /proc calls the process, by its pidfd: the kernel numbers that as the reader's /proc does.
 */
static uint64_t number_by_pidfd(int pidfd)
{
    char path[64];
    char text[1024];
    uint64_t number;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, text, sizeof text);
    close(fd);
    return len > 0 && mpr_proc_parse_pid(text, (size_t)len, &number) == 0 ? number : 0;
}

/* Without pidfds: where /proc has our own number right, it has our child's. */
static uint64_t number_by_own(pid_t pid)
{
    char text[32] = "";
    ssize_t len = readlink("/proc/self", text, sizeof text - 1);
    return len > 0 && strtol(text, NULL, 10) == (long)getpid() ? (uint64_t)pid : 0;
}

uint64_t mpr_proc_number(pid_t pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    uint64_t number = pidfd >= 0 ? number_by_pidfd(pidfd) : number_by_own(pid);
    if (pidfd >= 0)
        close(pidfd);
    return number;
}

int mpr_proc_open(pid_t pid, const char *name)
{
    char path[64];
    uint64_t number = mpr_proc_number(pid);
    if (number == 0)
        return -1;
    snprintf(path, sizeof path, "/proc/%llu/%s", (unsigned long long)number, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}
