/* SPDX-License-Identifier: MIT */
/* The end of a profile, and the names of orders and domains. Copes with a half-built profile. */
#include <stdlib.h>
#include <string.h>

#include "mprun/profile.h"

static void free_texts(char **texts)
{
    for (size_t i = 0; texts && texts[i]; i++)
        free(texts[i]);
    free(texts);
}

static void function_release(struct mpr_profile_function *function)
{
    free(function->file);
    free(function->name);
    free(function->qualname);
    free(function->module);
    free(function->selected_by);
    free(function->source_problem);
    for (size_t i = 0; i < function->row_count; i++)
        free(function->rows[i].source);
    free(function->rows);
}

void mpr_profile_site_release(struct mpr_profile_site *site)
{
    free(site->file);
    free(site->function);
    free(site->package);
}

static void heap_release(struct mpr_profile_heap *heap)
{
    for (size_t i = 0; i < heap->site_count; i++)
        mpr_profile_site_release(&heap->sites[i]);
    free(heap->sites);
    free(heap->holders);
    free(heap->allocator);
}

void mpr_profile_free(struct mpr_profile *profile)
{
    if (!profile)
        return;
    for (size_t i = 0; i < profile->function_count; i++)
        function_release(&profile->functions[i]);
    free(profile->functions);
    heap_release(&profile->heap);
    for (size_t i = 0; i < profile->unmatched_count; i++) {
        free(profile->unmatched[i].pattern);
        for (size_t n = 0; n < 3; n++)
            free(profile->unmatched[i].nearest[n]);
    }
    free(profile->unmatched);
    free(profile->open);
    free_texts(profile->command);
    free_texts(profile->notes);
    free(profile->cwd);
    free(profile->python);
    free(profile->interpreter);
    free(profile);
}

static const char *const sort_names[] = {
    [MPR_SORT_AUTO] = "auto",
    [MPR_SORT_SOURCE] = "source",
    [MPR_SORT_RSS] = "rss",
    [MPR_SORT_HEAP] = "heap",
    [MPR_SORT_PEAK] = "peak",
    [MPR_SORT_TIME] = "time",
};

#define SORTS (sizeof sort_names / sizeof *sort_names)

const char *mpr_sort_name(enum mpr_sort sort)
{
    return (size_t)sort < SORTS ? sort_names[sort] : NULL;
}

int mpr_sort_parse(const char *name, enum mpr_sort *ret_sort)
{
    for (size_t i = 0; i < SORTS; i++) {
        if (strcmp(name, sort_names[i]) == 0) {
            *ret_sort = (enum mpr_sort)i;
            return 0;
        }
    }
    return MPR_ERR_INVALID;
}

const char *mpr_domain_name(enum mpr_heap_domain domain)
{
    static const char *const names[MPR_HEAP_DOMAINS] = {
        [MPR_HEAP_PYTHON] = "python", [MPR_HEAP_NATIVE] = "native", [MPR_HEAP_MMAP] = "mmap"};
    return names[domain];
}
