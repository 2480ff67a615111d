/* SPDX-License-Identifier: MIT */
/* The only signal handler of mprun's. It knows one name and two sentences. */
#include "interrupt.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Who signals a process and then its group (timeout) has asked once. */
#define ONCE_NS 100000000

static char file_in_work[PATH_MAX];
static volatile uint64_t asked_ns;

void mpr_end_by_signal(int number)
{
    struct rlimit no_core = {0, 0};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t set;
    setrlimit(RLIMIT_CORE, &no_core);
    sigaction(number, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
}

static void say(const char *text, size_t len)
{
    ssize_t ignored = write(STDERR_FILENO, text, len);
    (void)ignored;
}

static void on_signal(int number)
{
    static const char once[] = "mprun: the report is being written; once more gives it up\n";
    static const char twice[] = "mprun: given up: there is no report\n";
    struct timespec now;
    int saved = errno;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    if (!asked_ns) {
        asked_ns = now_ns;
        say(once, sizeof once - 1);
    } else if (number != SIGHUP && now_ns - asked_ns > ONCE_NS) {
        say(twice, sizeof twice - 1);
        if (file_in_work[0])
            unlink(file_in_work);
        mpr_end_by_signal(number);
    }
    errno = saved;
}

/* The shell's stops, and what tells of a bug in mprun itself, do what they always do. */
static void choose_held(sigset_t *ret_set)
{
    static const int others[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGTSTP,
        SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD};
    sigfillset(ret_set);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        sigdelset(ret_set, others[i]);
}

static bool asks_to_end(int number)
{
    return number == SIGINT || number == SIGTERM || number == SIGQUIT || number == SIGHUP;
}

void mpr_interrupt_hold(const char *temporary)
{
    sigset_t held;
    struct sigaction old;
    struct sigaction action = {.sa_flags = SA_RESTART};
    choose_held(&held);
    sigfillset(&action.sa_mask);
    snprintf(file_in_work, sizeof file_in_work, "%s", temporary ? temporary : "");
    for (int number = 1; number <= SIGRTMAX; number++) {
        if (sigismember(&held, number) != 1 || sigaction(number, NULL, &old) < 0 ||
            old.sa_handler == SIG_IGN)
            continue;
        action.sa_handler = asks_to_end(number) ? on_signal : SIG_IGN;
        sigaction(number, &action, NULL);
    }
}
