/* SPDX-License-Identifier: MIT */
/* Functions by name. Of those that share one, the line tells which is meant: a profile has a
 * `<module>` of each file, and more than one `<lambda>` in many. */
#include "json_functions.h"

#include <stdlib.h>
#include <string.h>

/* Of all searches together: a report may have any number of functions of one name, and name it any
 * number of times. */
#define STEPS_MOST ((uint64_t)1 << 24)

/* A file that is NULL is any. */
static int compare(
    const struct mpr_profile_function *function, const char *qualname, const char *file)
{
    int order = strcmp(function->qualname, qualname);
    return order || !file ? order : strcmp(function->file, file);
}

static int by_place(const void *left, const void *right, void *data)
{
    const struct mpr_profile_function *functions = data;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    int order = compare(&functions[a], functions[b].qualname, functions[b].file);
    return order ? order : (a > b) - (a < b);
}

int mpr_json_functions_init(
    struct mpr_json_functions *functions, const struct mpr_profile *profile, struct mpr_error *err)
{
    size_t count = profile->function_count;
    *functions = (struct mpr_json_functions){.profile = profile, .steps_left = STEPS_MOST};
    functions->order = calloc(count + 1, sizeof *functions->order);
    if (!functions->order)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        functions->order[i] = i;
    qsort_r(functions->order, count, sizeof *functions->order, by_place, profile->functions);
    return 0;
}

void mpr_json_functions_release(struct mpr_json_functions *functions)
{
    free(functions->order);
    functions->order = NULL;
}

bool mpr_json_function_holds(const struct mpr_profile_function *function, uint32_t line)
{
    return function->first_line <= line && line <= function->last_line;
}

/* The first place in the order that is not before it. */
static size_t lower_bound(
    const struct mpr_json_functions *functions, const char *qualname, const char *file)
{
    size_t low = 0, high = functions->profile->function_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&functions->profile->functions[functions->order[middle]], qualname, file) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_better(const struct mpr_profile *profile, size_t index, size_t than, uint32_t line)
{
    if (than == MPR_NONE)
        return true;
    bool holds = mpr_json_function_holds(&profile->functions[index], line);
    bool other = mpr_json_function_holds(&profile->functions[than], line);
    return holds != other ? holds : index < than;
}

size_t mpr_json_functions_find(
    struct mpr_json_functions *functions, const char *qualname, const char *file, uint32_t line)
{
    const struct mpr_profile *profile = functions->profile;
    size_t found = MPR_NONE;
    for (size_t at = lower_bound(functions, qualname, file); at < profile->function_count; at++) {
        size_t index = functions->order[at];
        if (compare(&profile->functions[index], qualname, file) != 0)
            break;
        if (is_better(profile, index, found, line))
            found = index;
        if (functions->steps_left == 0)
            break;
        functions->steps_left--;
    }
    return found;
}
