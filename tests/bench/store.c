/* SPDX-License-Identifier: MIT */
/* Write and read a store of 10⁵ functions and 10⁶ nodes, each in a process of its own, and print
 * what it took: bench_store FOLDER. Status 1 if a bar is missed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "made_profile.h"
#include "mprun/store.h"
#include "steps.h"

#define FUNCTIONS ((size_t)100000)
#define ROWS ((size_t)5)
#define NODES ((size_t)1000000)
#define FILES ((size_t)1000)
static void make_function(struct mpr_profile *profile, size_t index)
{
    char text[64];
    struct mpr_profile_function *function = &profile->functions[index];
    snprintf(text, sizeof text, "/home/ann/shop/module_%zu.py", index % FILES);
    *function = (struct mpr_profile_function){.file = made_text(text),
        .name = made_text("method"),
        .module = made_text("shop.module"),
        .selected_by = made_text("*:*"),
        .source = index % FILES,
        .first_line = (uint32_t)(index / FILES * ROWS + 1),
        .calls = index,
        .rss_entry = 4096,
        .row_count = ROWS};
    function->last_line = function->first_line + ROWS - 1;
    snprintf(text, sizeof text, "Class_%zu.method", index);
    function->qualname = made_text(text);
    function->rows = calloc(ROWS, sizeof *function->rows);
    for (size_t i = 0; i < ROWS; i++)
        function->rows[i] = (struct mpr_profile_row){.line = function->first_line + (uint32_t)i,
            .measured = true,
            .hits = index * i,
            .rss = MADE_MIB(100) + (int64_t)index,
            .time_ns = 0};
}

static void make_source(struct mpr_profile_source *source, size_t index)
{
    static const char line[] = "        return self.orders.append(line.split(','))";
    size_t count = FUNCTIONS / FILES * ROWS;
    char text[64];
    snprintf(text, sizeof text, "/home/ann/shop/module_%zu.py", index);
    *source = (struct mpr_profile_source){.file = made_text(text),
        .text = malloc(count * sizeof line),
        .start = malloc((count + 1) * sizeof(uint32_t)),
        .line_count = count};
    for (size_t i = 0; i <= count; i++)
        source->start[i] = (uint32_t)(i * sizeof line);
    for (size_t i = 0; i < count; i++)
        memcpy(source->text + i * sizeof line, line, sizeof line);
}

static void make_node(struct mpr_profile *profile, size_t index)
{
    bool site = index % 2;
    profile->nodes[index] = (struct mpr_profile_node){
        .parent = index < 2 ? MPR_NO_PARENT : (uint32_t)(index / 2 & ~(size_t)1),
        .place = (uint32_t)(index % profile->place_count),
        .line = (uint32_t)(index % 500),
        .kind = site ? MPR_PATH_SITE : MPR_PATH_ROW,
        .allocated = site ? (int64_t)index * 4096 : 0,
        .freed = site ? (int64_t)index * 1024 : 0,
        .allocations = site ? (int64_t)index : 0,
        .live_at_peak = site ? (int64_t)index * 2000 : 0,
        .live_at_end = site ? (int64_t)index * 3072 : 0,
        .blocks_at_end = site ? 3 : 0,
    };
}

static struct mpr_profile *make_large(void)
{
    struct mpr_profile *profile = made_profile();
    profile->functions = calloc(FUNCTIONS, sizeof *profile->functions);
    profile->nodes = malloc(NODES * sizeof *profile->nodes);
    profile->sources = calloc(FILES, sizeof *profile->sources);
    if (!profile->functions || !profile->nodes || !profile->sources)
        abort();
    for (size_t i = 0; i < FILES; i++)
        make_source(&profile->sources[i], i);
    for (size_t i = 0; i < FUNCTIONS; i++)
        make_function(profile, i);
    for (size_t i = 0; i < FILES; i++)
        made_place(profile, "/home/ann/shop/module.py", "Class.method");
    for (size_t i = 0; i < NODES; i++)
        make_node(profile, i);
    profile->source_count = FILES;
    profile->function_count = FUNCTIONS;
    profile->node_count = NODES;
    for (size_t i = 0; i < FUNCTIONS; i++)
        for (size_t n = 0; n < ROWS; n++) {
            struct mpr_profile_function *function = &profile->functions[i];
            function->rows[n].source =
                mpr_profile_line(&profile->sources[function->source], function->rows[n].line);
        }
    return profile;
}

static int write_store(const void *path, struct took *ret_took)
{
    struct mpr_error err = {""};
    struct mpr_profile *profile = make_large();
    FILE *made = fopen(path, "w");
    begin(ret_took);
    int status = made ? mpr_store_save(profile, path, &err) : MPR_ERR_IO;
    end(ret_took);
    if (status < 0)
        fprintf(stderr, "%s\n", err.message);
    return status;
}

static int read_store(const void *path, struct took *ret_took)
{
    struct mpr_error err = {""};
    struct mpr_profile *profile = NULL;
    begin(ret_took);
    int status = mpr_store_load(path, &profile, &err);
    end(ret_took);
    if (status < 0)
        fprintf(stderr, "%s\n", err.message);
    return status < 0 || profile->node_count != NODES;
}

int main(int argc, char **argv)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/bench.mprun", argc > 1 ? argv[1] : "/tmp");
    printf("| 10⁵ functions, 10⁶ nodes | processor | clock | peak |\n|---|---|---|---|\n");
    fflush(stdout);
    bool kept = measure("write", write_store, path);
    kept &= measure("read", read_store, path);
    unlink(path);
    return !kept;
}
