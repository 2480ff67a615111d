/* SPDX-License-Identifier: MIT */
/* Names of the RSS tiers: what both sides and the command line call them. */
#include <string.h>

#include "mprun/base.h"
#include "mprun/recording.h"

static const char *const tier_names[MPR_RSS_TIERS] = {
    [MPR_RSS_AUTO] = "auto",
    [MPR_RSS_FAULTS] = "faults",
    [MPR_RSS_USER_FAULTS] = "user-faults",
    [MPR_RSS_RUSAGE] = "rusage",
    [MPR_RSS_EVERY_LINE] = "every-line",
    [MPR_RSS_OFF] = "off",
};

const char *mpr_rss_tier_name(enum mpr_rss_tier tier)
{
    return (unsigned)tier < MPR_RSS_TIERS ? tier_names[tier] : NULL;
}

int mpr_rss_tier_parse(const char *name, enum mpr_rss_tier *ret_tier)
{
    for (unsigned i = 0; i < MPR_RSS_TIERS; i++) {
        if (strcmp(tier_names[i], name) == 0) {
            *ret_tier = (enum mpr_rss_tier)i;
            return 0;
        }
    }
    return MPR_ERR_INVALID;
}
