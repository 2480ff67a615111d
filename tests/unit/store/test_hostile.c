/* SPDX-License-Identifier: MIT */
/* Files that are no store, not any more, or one that somebody made to do harm: a sentence or a
 * model that holds together, and nothing of the file is executed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "made_processes.h"
#include "made_profile.h"
#include "mprun/store.h"
#include "same_model.h"

#define FLIPS 1000

static char folder[] = "/tmp/mprun-hostile-XXXXXX";
static char path[64];
static struct mpr_profile *whole;
/* Of the file that it was saved to. */
static char *bytes;
static size_t size;

static void write_bytes(const void *from, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(mpr_write_all(fd, from, len, NULL), 0);
    close(fd);
}

static int make_store(void **state)
{
    struct mpr_error err = {""};
    struct mpr_buf read;
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/run.mprun", folder);
    whole = made_whole();
    made_note(whole, "Another note.");
    write_bytes("", 0);
    mpr_buf_init(&read);
    if (mpr_store_save(whole, path, &err) != 0 ||
        mpr_buf_read_file(&read, path, 1 << 24, &err) != 0)
        return -1;
    size = read.len;
    bytes = mpr_buf_steal(&read);
    return 0;
}

static int drop_store(void **state)
{
    (void)state;
    mpr_profile_free(whole);
    free(bytes);
    unlink(path);
    return rmdir(folder);
}

/* Loads what is there; NULL with a message that names the file. */
static struct mpr_profile *try_load(struct mpr_error *err)
{
    struct mpr_profile *profile = NULL;
    int status = mpr_store_load(path, &profile, err);
    if (status == 0) {
        assert_int_equal(mpr_profile_check(profile, NULL), 0);
        return profile;
    }
    if (!strstr(err->message, path) || strlen(err->message) < strlen(path) + 15)
        fail_msg("no message: '%s'", err->message);
    return NULL;
}

/* What is in the file becomes something else. */
static void change(const char *sql)
{
    sqlite3 *database;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_exec(database, "PRAGMA journal_mode = OFF", NULL, NULL, NULL);
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(database);
}

static void run_sql(const char *sql)
{
    write_bytes(bytes, size);
    change(sql);
}

/* What is done to the file, and a part of the message. */
static const struct {
    const char *sql, *message;
} refused[] = {
    {"PRAGMA user_version = 0", "which schema it has"},
    {"PRAGMA user_version = 99", "schema 99"},
    {"PRAGMA user_version = -1", "schema 4294967295"},
    {"PRAGMA application_id = 0", "none that mprun has written"},
    {"DELETE FROM run", "run is empty"},
    {"CREATE TEMP TABLE one AS SELECT * FROM run; UPDATE one SET id = 1; "
     "INSERT INTO run SELECT * FROM one",
        "there is only one"},
    {"UPDATE run SET kind = 'forest'", "kind"},
    {"UPDATE run SET kind = 'tree'", "its functions"},
    {"DELETE FROM process", "process"},
    {"UPDATE process SET tier = 'psychic'", "process is damaged: row 0: tier"},
    {"UPDATE process SET tier = 'rusage' || char(0) || 'x'", "process is damaged: row 0: tier"},
    {"UPDATE process SET pid = -1", "pid"},
    {"UPDATE process SET exit_status = 4294967296", "exit_status"},
    {"UPDATE process SET parent = 0", "its parent"},
    {"UPDATE process SET python = NULL", "no text"},
    {"UPDATE process SET heap_tracked = 2", "heap_tracked"},
    {"UPDATE process SET all_peak = NULL", "its heap was tracked, and is not known"},
    {"UPDATE site SET live_at_end = NULL", "site 0: what it holds"},
    {"UPDATE command SET process = 1", "command is damaged"},
    {"UPDATE function SET file = x'616263'", "no text"},
    {"UPDATE function SET name = NULL", "no text"},
    {"UPDATE function SET calls = 'many'", "calls"},
    {"UPDATE function SET calls = 1.5", "calls"},
    {"UPDATE function SET calls = NULL", "calls"},
    {"UPDATE function SET source = 7", "a source that is not there"},
    {"UPDATE function SET source = -7", "source"},
    {"UPDATE function SET first_line = 4294967296", "first_line"},
    {"UPDATE function SET id = 1", "function is damaged: row 0: id"},
    {"UPDATE row SET function = -1 WHERE id = 0", "row is damaged: row 0: function"},
    {"UPDATE row SET function = 1 WHERE id = 3", "row is damaged: row 3: function"},
    {"UPDATE row SET line = 5 WHERE id = 5", "contradicts itself"},
    {"UPDATE row SET heap_delta = heap_delta + 1", "contradicts itself"},
    {"DELETE FROM row WHERE id = 4", "row 4: id"},
    {"UPDATE source SET text = 'no end'", "text without an end"},
    {"UPDATE source SET text = NULL", "source 0: its lines"},
    {"UPDATE place SET kind = 'code' WHERE id = 1", "place 1: its text"},
    {"UPDATE site SET place = 9", "a place that is not there"},
    {"UPDATE site SET place = NULL", "a place that is not there"},
    {"UPDATE node SET parent = 1", "node 0: its parent"},
    {"UPDATE open SET function = 5", "open row 0"},
    /* In the place of a table. */
    {"DROP TABLE node", "tables are missing: another version"},
    {"DROP TABLE node; CREATE VIEW node AS SELECT * FROM site", "\"node\" is not the table"},
    {"DROP TABLE note; CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT AS (hex(zeroblob(9))))",
        "\"note\" is not the table"},
    {"DROP TABLE note; CREATE TABLE NOTE(id INTEGER PRIMARY KEY, \"text\" TEXT)",
        "\"note\" is not the table"},
    {"ALTER TABLE row ADD COLUMN more", "\"row\" is not the table"},
    {"ALTER TABLE row ADD COLUMN more", "another version wrote it"},
    {"DROP TABLE site; CREATE TABLE site(id INTEGER PRIMARY KEY, place CHECK (place > abs(id)))",
        "\"site\" is not the table"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE VIRTUAL TABLE note USING"
     " fts5(text)' WHERE name = 'note'",
        ""},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'nonsense' WHERE name = 'note'",
        ""},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_master SET type = 'view' WHERE name = 'note'", ""},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 99999 WHERE name = 'row'",
        ""},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM"
     " sqlite_master WHERE name = 'site') WHERE name = 'row'",
        ""},
};

static void test_hostile_refuses_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct mpr_error err = {""};
        run_sql(refused[i].sql);
        struct mpr_profile *profile = try_load(&err);
        if (profile || !strstr(err.message, refused[i].message))
            fail_msg("%s: '%s'", refused[i].sql, err.message);
    }
}

/* What is beside our tables, or is ours and changes nothing. */
static void test_hostile_leaves_the_rest_alone(void **state)
{
    static const char *const changes[] = {
        "CREATE TRIGGER t AFTER UPDATE ON row BEGIN DELETE FROM row; END",
        "CREATE TRIGGER t INSTEAD OF INSERT ON leaks BEGIN DELETE FROM row; END",
        ("CREATE VIEW more AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
         " SELECT * FROM n"),
        "CREATE INDEX i ON row(line DESC)",
        "CREATE TABLE mine(x)",
        "DROP VIEW calls; DROP VIEW hot_rows",
        "ANALYZE",
        "VACUUM",
        "PRAGMA encoding = 'UTF-8'",
        "UPDATE run SET mprun = x'00ff'",
        "UPDATE row SET source = 7",
    };
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct mpr_error err = {""};
        run_sql(changes[i]);
        struct mpr_profile *profile = try_load(&err);
        if (!profile)
            fail_msg("%s: %s", changes[i], err.message);
        same_model(whole, profile);
        mpr_profile_free(profile);
    }
}

/* What the rest can do without is missing, and a note says so. */
static void test_hostile_gives_what_is_readable(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    run_sql("UPDATE site SET line = 'x' WHERE id = 1; UPDATE node SET id = 5 WHERE id = 1;"
            "UPDATE note SET text = NULL WHERE id = 1; UPDATE unmatched SET scoped = 3;"
            "UPDATE timeline SET rss_max = 'x' WHERE id = 2; UPDATE holder SET process = 3");
    struct mpr_profile *profile = try_load(&err);
    assert_non_null(profile);
    assert_int_equal(profile->site_count, 1);
    assert_int_equal(profile->node_count, 1);
    assert_int_equal(profile->mark_count, 2);
    assert_false(profile->marks[1].snapshot);
    assert_int_equal(profile->unmatched_count, 0);
    assert_int_equal(profile->process[0].timeline.count, 2);
    assert_int_equal(profile->process[0].heap.holder_count, 0);
    assert_int_equal(profile->note_count, 2);
    assert_string_equal(profile->notes[0], "A note.");
    assert_string_equal(profile->notes[1],
        "The file is damaged: what is missing here is in these of "
        "its tables: holder, timeline, site, node, unmatched, "
        "note.");
    mpr_profile_free(profile);
}

/* A row of which half is known is none, the first of what it belongs to as any other. */
static void test_hostile_keeps_no_half_rows(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    struct mpr_profile *made = made_processes();
    write_bytes("", 0);
    assert_int_equal(mpr_store_save(made, path, &err), 0);
    change("UPDATE timeline SET rss_max = 'x' WHERE id = 1");
    struct mpr_profile *profile = try_load(&err);
    assert_non_null(profile);
    assert_int_equal(profile->process[0].timeline.count, 1);
    assert_int_equal(profile->process[1].timeline.count, 0);
    assert_int_equal(profile->process[2].timeline.count, 0);
    mpr_profile_free(profile);
    mpr_profile_free(made);
}

static void test_hostile_escapes_text(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    run_sql("UPDATE note SET text = 'a' || char(0) || 'b' WHERE id = 0;"
            "UPDATE note SET text = CAST(x'ff41c3a9' AS TEXT) WHERE id = 1;"
            "UPDATE function SET module = 'a' || char(10, 27, 9, 127) || 'b';"
            "UPDATE source SET text = CAST(x'c3' || 'x' || char(10) || char(0, 10, 27) || char(10) "
            "AS TEXT)");
    struct mpr_profile *profile = try_load(&err);
    assert_string_equal(err.message, "");
    if (!profile)
        return;
    assert_string_equal(profile->notes[0], "a\\x00b");
    assert_string_equal(profile->notes[1], "\\xffA\xc3\xa9");
    assert_string_equal(profile->functions[0].module, "a\\x0a\\x1b\t\\x7fb");
    const struct mpr_profile_source *source = &profile->sources[0];
    assert_int_equal(source->line_count, 3);
    assert_string_equal(mpr_profile_line(source, 1), "\\xc3x");
    assert_string_equal(mpr_profile_line(source, 2), "\\x00");
    assert_string_equal(mpr_profile_line(source, 3), "\\x1b");
    mpr_profile_free(profile);
}

static void test_hostile_tells_files_apart(void **state)
{
    static const struct {
        const char *bytes, *message;
    } files[] = {
        {"", "it is empty"},
        {"print('x')\n", "no profile that mprun has saved"},
        {"SQLite format 2", "no profile that mprun has saved"},
        {"SQLite format 3", "no profile that mprun has saved"},
    };
    (void)state;
    struct mpr_error err = {""};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_bytes(files[i].bytes, strlen(files[i].bytes));
        assert_null(try_load(&err));
        if (!strstr(err.message, files[i].message))
            fail_msg("'%s': %s", files[i].bytes, err.message);
    }
    write_bytes("SQLite format 3", 16);
    assert_null(try_load(&err));
    assert_non_null(strstr(err.message, "none that mprun has written"));
}

static void test_hostile_never_waits(void **state)
{
    char good[sizeof path];
    struct mpr_error err = {""};
    (void)state;
    strcpy(good, path);
    snprintf(path, sizeof path, "%s/fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(try_load(&err));
    assert_non_null(strstr(err.message, "a pipe"));
    unlink(path);
    assert_null(try_load(&err));
    assert_non_null(strstr(err.message, "No such file"));
    strcpy(path, folder);
    assert_null(try_load(&err));
    assert_non_null(strstr(err.message, "a directory"));
    strcpy(path, good);
}

static void test_hostile_is_cut_anywhere(void **state)
{
    (void)state;
    for (size_t at = 1; at < size; at += at % 4096 ? 4096 - at % 4096 : 1) {
        struct mpr_error err = {""};
        write_bytes(bytes, at);
        mpr_profile_free(try_load(&err));
    }
}

/* Flips a few bytes and looks; always the same ones. */
static void test_hostile_has_flipped_bytes(void **state)
{
    uint32_t random = 1;
    size_t read = 0;
    (void)state;
    for (int i = 0; i < FLIPS; i++) {
        struct mpr_error err = {""};
        char *changed = made_array(NULL, size, 1);
        memcpy(changed, bytes, size);
        for (int n = 0; n < 1 + i % 4; n++) {
            random = random * 1664525 + 1013904223;
            /* Most of a page is empty: its ends are not. */
            size_t at = random / 16 % size;
            if (i % 2)
                at = at / 4096 * 4096 + random % 200;
            changed[at % size] ^= (char)(1 << (random >> 29));
        }
        write_bytes(changed, size);
        free(changed);
        struct mpr_profile *profile = try_load(&err);
        read += profile != NULL;
        mpr_profile_free(profile);
    }
    assert_true(read > 10 && read < FLIPS - 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_refuses_what_is_wrong),
        cmocka_unit_test(test_hostile_leaves_the_rest_alone),
        cmocka_unit_test(test_hostile_gives_what_is_readable),
        cmocka_unit_test(test_hostile_keeps_no_half_rows),
        cmocka_unit_test(test_hostile_escapes_text),
        cmocka_unit_test(test_hostile_tells_files_apart),
        cmocka_unit_test(test_hostile_never_waits),
        cmocka_unit_test(test_hostile_is_cut_anywhere),
        cmocka_unit_test(test_hostile_has_flipped_bytes),
    };
    return cmocka_run_group_tests(tests, make_store, drop_store);
}
