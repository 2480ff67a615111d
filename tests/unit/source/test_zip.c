/* SPDX-License-Identifier: MIT */
/* Members of archives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>
#include <minizip/zip.h>

#include "mprun/source.h"
#include "own_folder.h"

static void make_archive(const char *path, const char *name, const char *text, size_t len)
{
    const zip_fileinfo info = {0};
    unlink(path); /* as who replaces it does */
    zipFile archive = zipOpen64(path, APPEND_STATUS_CREATE);
    assert_non_null(archive);
    assert_int_equal(zipOpenNewFileInZip(archive, name, &info, NULL, 0, NULL, 0, NULL, Z_DEFLATED,
                         Z_DEFAULT_COMPRESSION),
        ZIP_OK);
    assert_int_equal(zipWriteInFileInZip(archive, text, (unsigned)len), ZIP_OK);
    assert_int_equal(zipCloseFileInZip(archive), ZIP_OK);
    assert_int_equal(zipClose(archive, NULL), ZIP_OK);
}

static void assert_member(struct mpr_zip_cache *cache, const char *path, const char *expected)
{
    struct mpr_buf out;
    mpr_buf_init(&out);
    bool found = mpr_zip_read(cache, path, &out);
    assert_int_equal(found, expected != NULL);
    if (expected)
        assert_string_equal(out.data, expected);
    mpr_buf_release(&out);
}

static void test_zip_members_by_their_paths(void **state)
{
    struct mpr_zip_cache cache = {0};
    (void)state;
    make_archive("app.zip", "pkg/mod.py", "x = 1", 5);
    make_archive("other.egg", "pkg/mod.py", "y = 2", 5);
    write_file("text", "no archive", 0600);
    char *folder = getcwd(NULL, 0);
    static const struct {
        const char *path, *text;
    } rows[] = {
        {"app.zip/pkg/mod.py", "x = 1"},
        {"app.zip/pkg/mod.py", "x = 1"},
        {"other.egg/pkg/mod.py", "y = 2"},
        {"app.zip/pkg/mod.py", "x = 1"},
        {"app.zip/pkg/none.py", NULL},
        {"app.zip/pkg", NULL},
        {"app.zip/", NULL},
        {"app.zip", NULL},
        {"text/pkg/mod.py", NULL},
        {"none.zip/pkg/mod.py", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *path = mpr_asprintf("%s/%s", folder, rows[i].path);
        assert_member(&cache, path, rows[i].text);
        free(path);
    }
    assert_member(&cache, "/pkg/mod.py", NULL);
    assert_member(&cache, "", NULL);
    mpr_zip_cache_release(&cache);
    free(folder);
}

/* An open archive is what it was, and its state that of what is read; the next time it is looked
 * for anew. */
static void test_zip_that_changes(void **state)
{
    struct mpr_zip_cache cache = {0};
    struct stat old, new;
    (void)state;
    make_archive("app.zip", "m.py", "old", 3);
    make_archive("other.zip", "m.py", "other", 5);
    assert_member(&cache, "./app.zip/m.py", "old");
    assert_int_equal(stat("app.zip", &old), 0);
    make_archive("app.zip", "m.py", "newer", 5);
    assert_int_equal(stat("app.zip", &new), 0);
    assert_int_not_equal(old.st_ino, new.st_ino);
    assert_member(&cache, "./app.zip/m.py", "old");
    assert_int_equal(cache.state.inode, old.st_ino);
    assert_member(&cache, "./other.zip/m.py", "other");
    assert_member(&cache, "./app.zip/m.py", "newer");
    assert_int_equal(cache.state.inode, new.st_ino);
    mpr_zip_cache_release(&cache);
    assert_int_equal(truncate("app.zip", 10), 0);
    assert_member(&cache, "./app.zip/m.py", NULL);
    mpr_zip_cache_release(&cache);
    mpr_zip_cache_release(&cache);
}

/* No more of it than a source may have, however small it is when it is packed. */
static void test_zip_bomb(void **state)
{
    struct mpr_zip_cache cache = {0};
    struct mpr_buf out;
    size_t size = MPR_SOURCE_LIMIT + (1 << 20);
    char *zeros = calloc(1, size);
    (void)state;
    assert_non_null(zeros);
    make_archive("app.zip", "m.py", zeros, size);
    free(zeros);
    mpr_buf_init(&out);
    assert_true(mpr_zip_read(&cache, "./app.zip/m.py", &out));
    assert_in_range(out.len, MPR_SOURCE_LIMIT, MPR_SOURCE_LIMIT + (1 << 16));
    mpr_buf_release(&out);
    mpr_zip_cache_release(&cache);
}

/* Bytes that are not those that were packed, and what needs a password, are no source. */
static void test_zip_that_is_damaged(void **state)
{
    static const struct {
        long at; /* of the local header; its copy in the directory stands behind the member */
        unsigned char byte;
    } changes[] = {{6, 1}, {8, 99}, {30 + 4, 0xff}, {14, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct mpr_zip_cache cache = {0};
        char bytes[512];
        make_archive("app.zip", "m.py", "a line of some length\n", 22);
        FILE *file = fopen("app.zip", "r+");
        size_t size = fread(bytes, 1, sizeof bytes, file);
        char *directory = memmem(bytes, size, "PK\1\2", 4);
        assert_non_null(directory);
        bytes[changes[i].at] = (char)changes[i].byte;
        if (changes[i].at < 30)
            directory[changes[i].at + 2] = (char)changes[i].byte;
        rewind(file);
        assert_int_equal(fwrite(bytes, 1, size, file), size);
        fclose(file);
        assert_member(&cache, "./app.zip/m.py", NULL);
        mpr_zip_cache_release(&cache);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_zip_members_by_their_paths),
        CASE(test_zip_that_is_damaged),
        CASE(test_zip_that_changes),
        CASE(test_zip_bomb),
    };
    return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
