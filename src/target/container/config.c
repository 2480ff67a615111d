/* SPDX-License-Identifier: MIT */
/* Through a mapping of its own, since nothing is attached yet, and nothing that is counted may be
 * allocated. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "mprun/own.h"
#include "mprun/sys.h"

/* The patterns stand at the start of the log; the record at `at` if it is one. */
static const struct mpr_rec_pattern *pattern_at(const struct mpr_config_view *view, uint64_t at)
{
    const struct mpr_rec_pattern *record = (const void *)((const char *)view->start + at);
    if (at + sizeof *record > view->size || record->head.kind != MPR_KIND_PATTERN ||
        record->head.size <= sizeof *record || record->head.size > view->size - at)
        return NULL;
    const char *end = (const char *)record + record->head.size;
    return memchr(record->text, '\0', (size_t)(end - record->text)) ? record : NULL;
}

static size_t each_pattern(const struct mpr_config_view *view, const char **patterns)
{
    const struct mpr_rec_pattern *record;
    size_t count = 0;
    for (uint64_t at = MPR_REC_LOG; (record = pattern_at(view, at)) != NULL; count++) {
        if (patterns)
            patterns[count] = record->text;
        at += record->head.size;
    }
    return count;
}

static int map(int fd, struct mpr_config_view *view, struct mpr_error *err)
{
    struct mpr_rec_header header;
    if (mpr_sys_pread(fd, &header, sizeof header, 0) != sizeof header ||
        header.magic != MPR_REC_MAGIC)
        return mpr_error_set(err, MPR_ERR_CORRUPT, "descriptor %d is not a recording", fd);
    if (header.state != MPR_REC_STARTING)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "descriptor %d is a recording that was used already", fd);
    bool known = header.version == MPR_REC_VERSION && header.log_used >= MPR_REC_LOG &&
                 header.log_used <= MPR_REC_SIZE;
    view->size = known ? header.log_used : MPR_REC_LOG; /* opening the session says what it is */
    view->start = mpr_sys_mmap(view->size, PROT_READ, MAP_SHARED, fd);
    if (view->start && view->start != MAP_FAILED)
        return 0;
    view->start = NULL;
    return mpr_error_set(
        err, MPR_ERR_IO, "cannot map the recording: %s (ulimit -v?)", strerror(errno));
}

int mpr_config_read(int fd, struct mpr_session_config *ret_config, struct mpr_config_view *ret_view,
    struct mpr_error *err)
{
    struct mpr_config_view view = {0};
    int status = map(fd, &view, err);
    if (!view.start)
        return status;
    const struct mpr_rec_header *header = view.start;
    size_t count = each_pattern(&view, NULL);
    if (count)
        view.patterns = mpr_own_map(count * sizeof *view.patterns, &view.patterns_size);
    if (count && !view.patterns) {
        mpr_config_release(&view);
        return mpr_error_set(err, MPR_ERR_NOMEM, "no memory for the patterns");
    }
    each_pattern(&view, view.patterns);
    *ret_config = (struct mpr_session_config){
        .patterns = view.patterns,
        .pattern_count = count,
        .by_default = (header->settings.flags & MPR_REC_SELECT_DEFAULT) != 0,
        .heap = !(header->settings.flags & MPR_REC_NO_HEAP),
        .rss = (enum mpr_rss_tier)header->settings.rss_request,
        .rss_check = (header->settings.flags & MPR_REC_RSS_CHECK) != 0,
    };
    *ret_view = view;
    return 0;
}

void mpr_config_release(struct mpr_config_view *view)
{
    if (view->start)
        mpr_sys_munmap(view->start, view->size);
    if (view->patterns)
        mpr_sys_munmap(view->patterns, view->patterns_size);
    *view = (struct mpr_config_view){0};
}
