/* SPDX-License-Identifier: MIT */
/* The lines of source files, each file loaded once. Whatever goes wrong becomes a sentence in
 * `problem`: a report without source is still a report. */
#include "mprun/source.h"

#include "mprun/hash.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All files together, and the lines of one: what a program may make us hold. */
#define TOTAL_LIMIT ((size_t)512 << 20)
#define LINE_LIMIT ((size_t)8 << 20)

struct mpr_sources {
    const char *cwd;
    const char *code;
    struct timespec started;
    struct mpr_source **item;
    size_t count;
    size_t capacity;
    uint32_t *slot; /* hash table: index + 1, 0 empty */
    size_t slot_count;
    size_t total; /* bytes of text held */
    struct mpr_zip_cache zip;
};

struct mpr_sources *mpr_sources_new(const char *cwd, const char *code, struct timespec started)
{
    struct mpr_sources *sources = calloc(1, sizeof *sources);
    if (!sources)
        return NULL;
    sources->cwd = cwd;
    sources->code = code;
    sources->started = started;
    return sources;
}

static void source_free(struct mpr_source *source)
{
    if (!source)
        return;
    free(source->file);
    free(source->problem);
    free(source->text);
    free(source->start);
    free(source);
}

void mpr_sources_free(struct mpr_sources *sources)
{
    if (!sources)
        return;
    for (size_t i = 0; i < sources->count; i++)
        source_free(sources->item[i]);
    free(sources->item);
    free(sources->slot);
    mpr_zip_cache_release(&sources->zip);
    free(sources);
}

size_t mpr_sources_count(const struct mpr_sources *sources)
{
    return sources->count;
}

const struct mpr_source *mpr_sources_at(const struct mpr_sources *sources, size_t index)
{
    return sources->item[index];
}

static size_t hash_text(const char *text)
{
    return (size_t)mpr_hash_fold(mpr_hash_text(MPR_HASH_START, text));
}

/* The slot that holds the file, or the empty one where it belongs. */
static uint32_t *find_slot(const struct mpr_sources *sources, const char *file)
{
    size_t at = hash_text(file) & (sources->slot_count - 1);
    while (sources->slot[at] && strcmp(sources->item[sources->slot[at] - 1]->file, file) != 0)
        at = (at + 1) & (sources->slot_count - 1);
    return &sources->slot[at];
}

static bool grow(struct mpr_sources *sources)
{
    if (sources->count < sources->capacity)
        return true;
    size_t capacity = sources->capacity ? sources->capacity * 2 : 32;
    struct mpr_source **item = realloc(sources->item, capacity * sizeof *item);
    if (!item)
        return false;
    sources->item = item;
    uint32_t *slot = calloc(capacity * 2, sizeof *slot);
    if (!slot)
        return false;
    free(sources->slot);
    sources->slot = slot;
    sources->slot_count = capacity * 2;
    sources->capacity = capacity;
    for (size_t i = 0; i < sources->count; i++)
        *find_slot(sources, item[i]->file) = (uint32_t)(i + 1);
    return true;
}

static bool is_touched_after(const struct mpr_file_state *state, struct timespec when)
{
    return state->ctime > when.tv_sec ||
           (state->ctime == when.tv_sec && state->ctime_ns > when.tv_nsec);
}

/* Another state than the one that was loaded. Where nobody looked at that, what was there before
 * the program counts as it, whatever time somebody gave to it. */
static bool is_another(const struct mpr_sources *sources, const struct mpr_source_fact *fact,
    const struct mpr_file_state *state)
{
    if (fact->stamped)
        return mpr_file_state_differs(&fact->state, state);
    return fact->absent || is_touched_after(state, sources->started);
}

static char *name_problem(const char *file, const char *reason)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    mpr_text_append(&text, file, strlen(file));
    mpr_buf_puts(&text, reason);
    return mpr_buf_steal(&text);
}

/* Text of a file that is no zip member. NULL and the text, or why not. */
static const char *read_plain(struct mpr_sources *sources, struct mpr_source *source,
    const char *path, struct mpr_buf *out, bool *ret_absent)
{
    /* Non-blocking: the name may be a FIFO's or a terminal's. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        *ret_absent = errno == ENOENT || errno == ENOTDIR;
        return strerror(errno);
    }
    struct stat info = {0};
    const char *problem = NULL;
    if (fstat(fd, &info) != 0)
        problem = strerror(errno);
    else if (!S_ISREG(info.st_mode))
        problem = "it is not a regular file";
    else if ((size_t)info.st_size > MPR_SOURCE_LIMIT)
        problem = "it is larger than 64 MiB";
    else if (mpr_buf_read_fd(out, fd, MPR_SOURCE_LIMIT, NULL) < 0)
        problem = "reading failed";
    struct mpr_file_state state = mpr_file_state_of(&info);
    source->changed = !problem && is_another(sources, &source->fact, &state);
    close(fd);
    return problem;
}

static char *join(const char *cwd, const char *file)
{
    if (file[0] == '/' || !cwd)
        return mpr_strdup(file);
    while (file[0] == '.' && file[1] == '/')
        file += 2;
    return mpr_asprintf("%s/%s", cwd, file);
}

static const char *read_bytes(
    struct mpr_sources *sources, struct mpr_source *source, struct mpr_buf *out)
{
    char *path = join(sources->cwd, source->file);
    if (!path)
        return "out of memory";
    bool absent = false;
    const char *problem = read_plain(sources, source, path, out, &absent);
    if (absent && mpr_zip_read(&sources->zip, path, out)) {
        source->changed = is_another(sources, &source->fact, &sources->zip.state);
        problem = out->len > MPR_SOURCE_LIMIT ? "it is larger than 64 MiB" : NULL;
    }
    free(path);
    if (!problem && out->failed)
        problem = "out of memory";
    if (!problem && memchr(out->data, '\0', out->len))
        problem = "it is not text";
    return problem;
}

/* Python's line ends: \n, \r\n and \r; a form feed is none. */
static size_t split(const char *text, size_t len, uint32_t *start)
{
    size_t count = 0;
    size_t at = 0;
    while (at < len) {
        if (start)
            start[count] = (uint32_t)at;
        count++;
        while (at < len && text[at] != '\n' && text[at] != '\r')
            at++;
        if (at + 1 < len && text[at] == '\r' && text[at + 1] == '\n')
            at++;
        at++;
    }
    if (start)
        start[count] = (uint32_t)len;
    return count;
}

static bool keep_text(struct mpr_sources *sources, struct mpr_source *source, struct mpr_buf *text)
{
    size_t len = text->len;
    size_t count = split(text->data, len, NULL);
    if (len > UINT32_MAX - 1 || count > LINE_LIMIT || len > TOTAL_LIMIT - sources->total) {
        source->problem = name_problem(source->file, " is not shown: too much source");
        return source->problem != NULL;
    }
    source->start = malloc((count + 1) * sizeof *source->start);
    if (!source->start)
        return false;
    split(text->data, len, source->start);
    source->text = mpr_buf_steal(text);
    if (!source->text)
        return false;
    source->line_count = count;
    sources->total += len;
    return true;
}

/* The target's own text, where there is no file, or another one by now. */
static bool take_made(struct mpr_sources *sources, struct mpr_source *source)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    mpr_buf_append(&text, source->fact.text, source->fact.len);
    source->made = true;
    source->changed = source->fact.changed;
    bool ok = !text.failed && keep_text(sources, source, &text);
    mpr_buf_release(&text);
    return ok;
}

static bool cannot_show(struct mpr_source *source, const char *problem)
{
    struct mpr_buf sentence;
    mpr_buf_init(&sentence);
    mpr_buf_printf(&sentence, " cannot be shown: %s", problem);
    source->problem = name_problem(source->file, sentence.data);
    mpr_buf_release(&sentence);
    return source->problem != NULL;
}

static bool load_file(struct mpr_sources *sources, struct mpr_source *source)
{
    struct mpr_buf bytes;
    struct mpr_buf text;
    const struct mpr_source_fact *fact = &source->fact;
    if (fact->text && fact->absent)
        return take_made(sources, source);
    mpr_buf_init(&bytes);
    mpr_buf_init(&text);
    bool ok = true;
    const char *problem = read_bytes(sources, source, &bytes);
    if (problem && fact->text)
        ok = take_made(sources, source);
    else if (problem)
        ok = cannot_show(source, problem);
    else
        ok = (mpr_source_decode(bytes.data, bytes.len, &text) &&
                 keep_text(sources, source, &text)) ||
             cannot_show(source, "out of memory");
    mpr_buf_release(&bytes);
    mpr_buf_release(&text);
    return ok;
}

/* Names in angle brackets are no files: code of -c, standard input, frozen and made-up modules. */
static bool load_special(struct mpr_sources *sources, struct mpr_source *source)
{
    const char *file = source->file;
    if (strcmp(file, "<string>") == 0 && sources->code) {
        struct mpr_buf text;
        mpr_buf_init(&text);
        mpr_buf_puts(&text, sources->code);
        bool ok = !text.failed && keep_text(sources, source, &text);
        mpr_buf_release(&text);
        return ok;
    }
    if (source->fact.text)
        return take_made(sources, source);
    if (strcmp(file, "<stdin>") == 0)
        source->problem = mpr_strdup("the program came from standard input, which is not kept");
    else if (mpr_has_prefix(file, "<frozen "))
        source->problem = name_problem(file, " is built into Python");
    else
        source->problem = name_problem(file, " is code that the program made itself");
    return source->problem != NULL;
}

static bool is_special(const char *file)
{
    return file[0] == '<' && mpr_has_suffix(file, ">");
}

/* The file's place, made when it is new. NULL if there is no memory. */
static struct mpr_source *place_of(struct mpr_sources *sources, const char *file)
{
    if (sources->count) {
        uint32_t found = *find_slot(sources, file);
        if (found)
            return sources->item[found - 1];
    }
    struct mpr_source *source = calloc(1, sizeof *source);
    if (!source || !grow(sources))
        goto fail;
    source->file = mpr_strdup(file);
    if (!source->file)
        goto fail;
    source->number = sources->count;
    sources->item[sources->count++] = source;
    *find_slot(sources, file) = (uint32_t)sources->count;
    return source;
fail:
    source_free(source);
    return NULL;
}

bool mpr_sources_tell(
    struct mpr_sources *sources, const char *file, const struct mpr_source_fact *fact)
{
    struct mpr_source *source = place_of(sources, file);
    if (!source)
        return false;
    struct mpr_source_fact *known = &source->fact;
    if (!known->stamped && !known->absent) {
        known->stamped = fact->stamped;
        known->absent = fact->absent;
        known->state = fact->state;
    }
    if (!known->text) {
        known->text = fact->text;
        known->len = fact->len;
        known->changed = fact->changed;
    }
    return true;
}

const struct mpr_source *mpr_sources_get(struct mpr_sources *sources, const char *file)
{
    struct mpr_source *source = place_of(sources, file);
    if (!source || source->loaded)
        return source;
    if (file[0] == '\0')
        source->loaded = (source->problem = mpr_strdup("the code names no file")) != NULL;
    else
        source->loaded =
            is_special(file) ? load_special(sources, source) : load_file(sources, source);
    return source->loaded ? source : NULL;
}

bool mpr_source_line(
    const struct mpr_source *source, uint32_t line, const char **ret_text, size_t *ret_len)
{
    if (line == 0 || line > source->line_count)
        return false;
    size_t from = source->start[line - 1];
    size_t to = source->start[line];
    while (to > from && (source->text[to - 1] == '\n' || source->text[to - 1] == '\r'))
        to--;
    *ret_text = source->text + from;
    *ret_len = to - from;
    return true;
}
