/* SPDX-License-Identifier: MIT */
/* Options of the measurement: of what, how, and under which interpreter. */
#include <stdlib.h>
#include <string.h>

#include "mprun/pattern.h"
#include "option_table.h"
#include "options.h"
#include "words.h"

#define SECOND ((uint64_t)1000000000)
#define INTERVAL_MIN (SECOND / 1000)
#define INTERVAL_MAX (3600 * SECOND)
#define CHECKPOINT_MIN (SECOND / 10)
#define CHECKPOINT_MAX (86400 * SECOND)

static int take_func(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    struct mpr_pattern pattern;
    (void)row;
    int status = mpr_pattern_parse(value, &pattern, err);
    if (status < 0)
        return status;
    const char **grown =
        realloc(options->patterns, (options->pattern_count + 1) * sizeof *options->patterns);
    if (!grown)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    options->patterns = grown;
    options->patterns[options->pattern_count++] = value;
    return 0;
}

#define CHECK "check"

/* The tiers, and behind them the word that checks one. */
static const char *rss_word(size_t index)
{
    return index == MPR_RSS_TIERS ? CHECK : mpr_rss_tier_name((enum mpr_rss_tier)index);
}

static int refuse_tier(const struct mpr_option *row, const char *value, struct mpr_error *err)
{
    struct mpr_error which = {""};
    int status = mpr_option_refuse(row, value, &which);
    return mpr_error_set(err, status, "%.900s or " CHECK ":TIER", which.message);
}

/* TIER, "check" or "check:TIER". */
static int take_rss(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    enum mpr_rss_tier tier = MPR_RSS_AUTO;
    bool bare = strcmp(value, CHECK) == 0;
    bool check = bare || mpr_has_prefix(value, CHECK ":");
    const char *name = check && !bare ? value + strlen(CHECK ":") : value;
    if (!bare && mpr_rss_tier_parse(name, &tier) < 0)
        return refuse_tier(row, value, err);
    if (check && tier == MPR_RSS_OFF)
        return mpr_error_set(err, MPR_ERR_INVALID, "there is nothing to check when RSS is off");
    options->rss = tier;
    options->rss_check = check;
    return 0;
}

static int take_interval(const struct mpr_option *row, const char *value,
    struct mpr_options *options, struct mpr_error *err)
{
    uint64_t interval;
    (void)row;
    if (mpr_parse_duration(value, &interval) < 0)
        return mpr_error_set(err, MPR_ERR_INVALID, "'%s' is not a time; write 10ms or 0.5s", value);
    if (interval < INTERVAL_MIN || interval > INTERVAL_MAX)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is not between 1ms and one hour (3600s)", value);
    options->interval_ns = interval;
    return 0;
}

static int take_checkpoint(const struct mpr_option *row, const char *value,
    struct mpr_options *options, struct mpr_error *err)
{
    uint64_t every = 0;
    (void)row;
    if (strcmp(value, "0") != 0 && mpr_parse_duration(value, &every) < 0)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is not a time; write 30s or 0.5s, or 0 for none", value);
    if (strcmp(value, "0") != 0 && (every < CHECKPOINT_MIN || every > CHECKPOINT_MAX))
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is not between 100ms and one day (86400s)", value);
    options->checkpoint_ns = every;
    return 0;
}

static int take_python(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    (void)row;
    if (!*value)
        return mpr_error_set(err, MPR_ERR_INVALID, "the path is empty");
    options->python = value;
    return 0;
}

static const char *host_word(size_t index)
{
    return mpr_host_kind_name((enum mpr_host_kind)index);
}

static int take_host(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    return mpr_host_kind_parse(value, &options->host) < 0 ? mpr_option_refuse(row, value, err) : 0;
}

/* clang-format off */
const struct mpr_option mpr_options_selection[] = {
    {.letter = 'f', .name = "func", .argument = "PATTERN", .topic = "patterns",
        .repeatable = true, .take = take_func,
        .help = "watch the functions that match (mprun help patterns);\n"
                "repeatable, also behind SCRIPT; else all of SCRIPT"},
    {0},
};

const struct mpr_option mpr_options_measure[] = {
    {.name = "no-heap", .topic = "heap",
        .field = offsetof(struct mpr_options, no_heap), .take = mpr_option_take_flag,
        .help = "do not track the heap: RSS only"},
    {.name = "rss", .argument = "TIER", .topic = "rss", .word = rss_word, .take = take_rss,
        .help = "{ }"},
    {0},
};

const struct mpr_option mpr_options_sampling[] = {
    {.name = "interval", .argument = "TIME", .rare = true, .take = take_interval,
        .help = "between samples of the timeline (10ms)"},
    {.name = "checkpoint", .argument = "TIME", .rare = true, .take = take_checkpoint,
        .help = "into FILE.mprun what is known so far, so often (10s); 0: never"},
    {0},
};

const struct mpr_option mpr_options_launch[] = {
    {.name = "python", .argument = "PATH", .file = true, .take = take_python,
        .help = "the interpreter; else what python3 would start"},
    {.name = "host", .argument = "HOST", .word = host_word, .take = take_host,
        .help = "{,}"},
    {0},
};
/* clang-format on */
