/* SPDX-License-Identifier: MIT */
/* A recording, and its report, for a program that measures itself by _mprun: called by ctypes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mprun/profile.h"
#include "mprun/recording.h"
#include "mprun/report.h"
#include "mprun/timeline.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int recorder_open(void);
EXPORT char *recorder_report(int fd);
EXPORT void recorder_free(char *report);

/* A descriptor; -1. */
int recorder_open(void)
{
    int fd;
    return mpr_rec_create(NULL, 0, 0, MPR_RSS_AUTO, &fd, NULL) < 0 ? -1 : fd;
}

static char *report(struct mpr_rec_reader *reader, const char *cwd, struct mpr_error *err)
{
    static const char *const command[] = {"late", NULL};
    struct mpr_timeline timeline = {0};
    struct mpr_profile *profile = NULL;
    struct mpr_report_options how = {.top = 10};
    struct mpr_buf out;
    struct mpr_run run = {
        .command = command,
        .cwd = cwd ? cwd : "/",
        .interpreter = "python3",
        .timeline = &timeline,
    };
    mpr_buf_init(&out);
    int status = mpr_profile_build(reader, &run, MPR_SORT_SOURCE, &profile, err);
    if (status == 0)
        status = mpr_format_by_name("json")->render(profile, &how, &out, err);
    mpr_profile_free(profile);
    char *text = status == 0 ? mpr_buf_steal(&out) : NULL;
    mpr_buf_release(&out);
    return text;
}

/* JSON, for recorder_free; on failure NULL, and a line on stderr. */
char *recorder_report(int fd)
{
    struct mpr_rec_reader *reader = NULL;
    struct mpr_error err = {""};
    char *text = NULL, *cwd = getcwd(NULL, 0);
    if (mpr_rec_open(fd, &reader, &err) == 0)
        text = report(reader, cwd, &err);
    if (!text)
        fprintf(stderr, "recorder: %s\n", err.message);
    mpr_rec_close(reader);
    free(cwd);
    return text;
}

void recorder_free(char *text)
{
    free(text);
}
