/* SPDX-License-Identifier: MIT */
/* First inputs of fuzz_store: make_stores DIRECTORY. */
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "made_profile.h"
#include "made_report.h"
#include "mprun/store.h"

static void stop(const char *path)
{
    perror(path);
    _exit(1);
}

static FILE *create(char *path, size_t size, const char *directory, const char *name)
{
    snprintf(path, size, "%s/%s", directory, name);
    FILE *out = fopen(path, "wb");
    if (!out)
        stop(path);
    return out;
}

/* Pages as small as they get: a fuzzer finds more in less. */
static bool shrink(const char *path)
{
    sqlite3 *database;
    bool ok =
        sqlite3_open(path, &database) == SQLITE_OK &&
        sqlite3_exec(database, "PRAGMA page_size = 512; VACUUM", NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(database);
    return ok;
}

/* Takes the profile over. */
static void save(const char *directory, const char *name, struct mpr_profile *profile)
{
    static const struct made_options options = {.report.width = 80};
    char path[4096];
    struct mpr_sink sink = {.path = NULL};
    fclose(create(path, sizeof path, directory, name));
    if (mpr_store_save(profile, path, NULL) != 0 || !shrink(path))
        stop(path);
    mpr_buf_init(&sink.out);
    if (made_report(profile, mpr_format_by_name("json"), &options, &sink, NULL) != 0)
        stop(path);
    char json[64];
    snprintf(json, sizeof json, "%s.json", name);
    FILE *out = create(path, sizeof path, directory, json);
    if (fwrite(sink.out.data, sink.out.len, 1, out) != 1 || fclose(out) != 0)
        stop(path);
    mpr_buf_release(&sink.out);
    mpr_profile_free(profile);
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : ".";
    save(directory, "empty", made_profile());
    save(directory, "orders", made_orders());
    save(directory, "whole", made_whole());
    return 0;
}
