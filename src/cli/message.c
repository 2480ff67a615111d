/* SPDX-License-Identifier: MIT */
/* mprun's own messages. What a terminal would obey is escaped: names come from outside. */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mprun/base.h"
#include "terminal.h"

static int put(void *to, const char *bytes, size_t len)
{
    (void)to;
    return mpr_write_all(STDERR_FILENO, bytes, len, NULL);
}

/* It may have to tell that there is no memory: none is asked for. */
void mpr_say(const char *format, ...)
{
    char text[4096];
    char storage[8192];
    struct mpr_buf line;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0)
        return;
    size_t shown = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    mpr_buf_init_draining(&line, storage, sizeof storage, put, NULL);
    mpr_buf_puts(&line, "mprun: ");
    mpr_shown_append(&line, text, shown, mpr_terminal_unicode());
    mpr_buf_putc(&line, '\n');
    mpr_buf_drain_all(&line);
    mpr_buf_release(&line);
}

void mpr_say_lines(struct mpr_buf *lines)
{
    for (char *line = lines->data, *next; lines->len && line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        mpr_say("%s", line);
    }
}
