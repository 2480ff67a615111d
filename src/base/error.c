/* SPDX-License-Identifier: MIT */
/* The error sentence. Formats into a local first, so that a message may quote the message that it
 * replaces. Does not allocate. */
#include "mprun/base.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int mpr_error_set(struct mpr_error *err, int code, const char *format, ...)
{
    assert(code < 0);
    if (!err)
        return code;
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    int written = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (written < 0)
        message[0] = '\0';
    memcpy(err->message, message, strlen(message) + 1);
    return code;
}
