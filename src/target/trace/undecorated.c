/* SPDX-License-Identifier: MIT */
/* Decorators that selected nothing, and where they stand. Cold. */
#include "mprun/python.h"

#include <string.h>

#include "mprun/decorate.h"
#include "mprun/probe.h"
#include "undecorated.h"

/* Beyond these the report would be about nothing else. */
#define MAX_TOLD 16

static struct {
    struct {
        const void *code; /* to compare with */
        uint32_t line;
    } told[MAX_TOLD];
    size_t count;
} state;

static void record(const char *file, uint32_t line, const char *type_name)
{
    size_t file_size = strlen(file) + 1, type_size = strlen(type_name) + 1;
    struct mpr_rec_undecorated *record;
    record = mpr_rec_append(
        mpr_probe->writer, MPR_KIND_UNDECORATED, sizeof *record + file_size + type_size);
    if (!record)
        return;
    record->line = line;
    record->file = sizeof *record;
    record->type = (uint32_t)(sizeof *record + file_size);
    memcpy((char *)record + record->file, file, file_size);
    memcpy((char *)record + record->type, type_name, type_size);
    mpr_rec_publish(mpr_probe->writer);
}

void mpr_trace_nothing_decorated(const char *type_name)
{
    struct mpr_code described;
    uint32_t line = 0;
    PyCodeObject *code = mpr_probe->armed ? mpr_code_running(&line) : NULL;
    if (!code || state.count == MAX_TOLD)
        return;
    for (size_t i = 0; i < state.count; i++)
        if (state.told[i].code == code && state.told[i].line == line)
            return;
    state.told[state.count].code = code;
    state.told[state.count++].line = line;
    mpr_code_describe(code, NULL, &described);
    record(described.file, line, type_name);
    mpr_code_forget(&described);
}

void mpr_undecorated_stop(void)
{
    state.count = 0;
}
