/* SPDX-License-Identifier: MIT */
/* Small helpers of the build: text, paths, times. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

int mpr_build_nomem(struct mpr_error *err)
{
    return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory while building the report");
}

char *mpr_build_text(const char *bytes, size_t len)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    mpr_text_append(&text, bytes, len);
    char *result = mpr_buf_steal(&text);
    mpr_buf_release(&text);
    return result;
}

char *mpr_build_path(const char *cwd, const char *file)
{
    struct mpr_buf path;
    mpr_buf_init(&path);
    if (file[0] && file[0] != '/' && file[0] != '<' && cwd) {
        while (file[0] == '.' && file[1] == '/')
            file += 2;
        mpr_text_append(&path, cwd, strlen(cwd));
        if (!mpr_has_suffix(path.data, "/"))
            mpr_buf_putc(&path, '/');
    }
    mpr_text_append(&path, file, strlen(file));
    char *result = mpr_buf_steal(&path);
    mpr_buf_release(&path);
    return result;
}

int64_t mpr_build_ns(const struct mpr_builder *b, int64_t ticks)
{
    double ns = (double)ticks * b->pace.ns_per_tick;
    if (!(ns > -9e18 && ns < 9e18))
        return 0;
    return (int64_t)ns;
}

int64_t mpr_build_mono(const struct mpr_builder *b, uint64_t tick)
{
    const struct mpr_rec_moment *start = &b->header->clock.start;
    int64_t since = mpr_build_ns(b, mpr_subtract((int64_t)tick, (int64_t)start->tick));
    int64_t mono = mpr_add((int64_t)start->ns, since);
    if (b->pace.sleep == MPR_SLEPT_IN && mono > (int64_t)b->pace.end.ns)
        mono = mpr_subtract(mono, (int64_t)b->pace.slept_ns);
    return mono;
}
