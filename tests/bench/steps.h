/* SPDX-License-Identifier: MIT */
/* Steps of the supervisor, each in a process of its own, which has its peak of memory to itself,
 * and held to bars. */
#ifndef MPRUN_BENCH_STEPS_H
#define MPRUN_BENCH_STEPS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BAR_SECONDS 2.0
#define BAR_MIB 200.0

struct took {
    double work, clock; /* seconds */
};

static inline double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void begin(struct took *took)
{
    took->clock = seconds(CLOCK_MONOTONIC);
    took->work = seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static inline void end(struct took *took)
{
    took->clock = seconds(CLOCK_MONOTONIC) - took->clock;
    took->work = seconds(CLOCK_PROCESS_CPUTIME_ID) - took->work;
}

/* Held to the bar is the processor's time: the clock of a machine that others use, too, says
 * nothing. `data` is the step's. */
static inline bool measure(
    const char *what, int (*step)(const void *data, struct took *ret_took), const void *data)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct rusage usage;
        struct took took = {0};
        bool failed = step(data, &took) != 0;
        getrusage(RUSAGE_SELF, &usage);
        double peak = (double)usage.ru_maxrss / 1024;
        printf("| %s | %.2f s | %.2f s | %.0f MiB |\n", what, took.work, took.clock, peak);
        fflush(stdout);
        _exit(failed || took.work > BAR_SECONDS || peak > BAR_MIB);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

#endif
