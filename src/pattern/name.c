/* SPDX-License-Identifier: MIT */
/* Implements name.h. Pure. */
#include "name.h"

#include <stddef.h>
#include <string.h>

static const char locals[] = "<locals>.";

static const char *skip_locals(const char *component)
{
    while (strncmp(component, locals, sizeof locals - 1) == 0)
        component += sizeof locals - 1;
    return component;
}

struct mpr_name mpr_name_start(const char *module, const char *qualname)
{
    if (module[0] == '\0')
        return (struct mpr_name){.at = skip_locals(qualname)};
    return (struct mpr_name){.at = module, .qualname = qualname};
}

struct mpr_name mpr_name_plain(const char *text)
{
    return (struct mpr_name){.at = text};
}

char mpr_name_byte(const struct mpr_name *name)
{
    if (*name->at == '\0' && name->qualname)
        return '.';
    return *name->at;
}

void mpr_name_step(struct mpr_name *name)
{
    if (*name->at == '\0') {
        name->at = skip_locals(name->qualname);
        name->qualname = NULL;
        return;
    }
    bool dot = *name->at == '.';
    name->at++;
    if (dot)
        name->at = skip_locals(name->at);
}

void mpr_name_step_character(struct mpr_name *name)
{
    mpr_name_step(name);
    while (((unsigned char)*name->at & 0xc0) == 0x80)
        mpr_name_step(name);
}

bool mpr_name_next_component(struct mpr_name *name, char separator)
{
    for (;;) {
        char byte = mpr_name_byte(name);
        if (byte == '\0')
            return false;
        mpr_name_step(name);
        if (byte == separator)
            return true;
    }
}
