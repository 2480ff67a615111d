/* SPDX-License-Identifier: MIT */
/* Who could change a library, by owner, mode, group and the folders above. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <cmocka.h>

#include "trust.h"

#define SELF 1000
#define PROGRAM 1001
#define STRANGER 1002
#define UNKNOWN 65534
#define NO_GROUP 59999 /* that nobody is in */

static const struct mpr_trust trust = {SELF, PROGRAM, UNKNOWN};

struct owned {
    uid_t uid;
    gid_t gid;
    mode_t mode;
    bool listed;
    const char *wrong; /* NULL: may be loaded */
};

static const struct owned owned[] = {
    {0, 0, S_IFREG | 0644, false, NULL},
    {SELF, SELF, S_IFREG | 0600, false, NULL},
    {PROGRAM, 5, S_IFREG | 0755, false, NULL},
    {UNKNOWN, UNKNOWN, S_IFDIR | 0755, false, NULL},
    {STRANGER, 0, S_IFREG | 0600, false, "another user"},
    {STRANGER, 0, S_IFDIR | S_ISVTX | 0755, false, "another user"},
    {0, 0, S_IFREG | 0666, false, "everybody"},
    {0, 0, S_IFREG | S_ISVTX | 0666, false, "everybody"},
    {0, 0, S_IFDIR | 0777, false, "everybody"},
    {0, 0, S_IFDIR | S_ISVTX | 0777, false, NULL},
    {SELF, NO_GROUP, S_IFDIR | 0775, false, NULL},
    {SELF, NO_GROUP, S_IFREG | 0664, true, "access list"},
    {SELF, NO_GROUP, S_IFREG | 0644, true, NULL},
    {SELF, 0, S_IFDIR | 0775, false, NULL},
};

static void test_trust_judges_owner_and_mode(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
        struct stat st = {.st_uid = owned[i].uid, .st_gid = owned[i].gid, .st_mode = owned[i].mode};
        const char *wrong = mpr_trust_judge(&trust, &st, owned[i].listed);
        if (!wrong != !owned[i].wrong || (wrong && !strstr(wrong, owned[i].wrong)))
            fail_msg("row %zu: %s", i, wrong ? wrong : "trusted");
    }
}

/* A group that others are in may write what they like. */
static void test_trust_knows_who_is_in_a_group(void **state)
{
    (void)state;
    const struct passwd *other = getpwnam("daemon");
    if (!other || other->pw_gid == 0) {
        skip();
        return; /* which an analyser does not know */
    }
    struct stat st = {.st_uid = SELF, .st_gid = other->pw_gid, .st_mode = S_IFREG | 0664};
    struct mpr_trust friends = {SELF, other->pw_uid, MPR_TRUST_NOBODY};
    assert_string_equal(mpr_trust_judge(&trust, &st, false), "may be written by its group");
    assert_null(mpr_trust_judge(&friends, &st, false));
}

static void test_trust_reads_the_map_of_users(void **state)
{
    (void)state;
    const char *whole = "         0          0 4294967295\n";
    const char *two = "         0       1000          1\n         1     100000      65536\n";
    assert_true(mpr_trust_is_mapped(whole, UNKNOWN));
    assert_true(mpr_trust_is_mapped(two, UNKNOWN));
    assert_false(mpr_trust_is_mapped(two, 65537));
    assert_false(mpr_trust_is_mapped("         0       1000          1\n", UNKNOWN));
    assert_false(mpr_trust_is_mapped("", 0));
    assert_false(mpr_trust_is_mapped("what", 0));
}

static void test_trust_looks_at_the_whole_way(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    char top[] = "/tmp/mprun-trust-XXXXXX";
    char inner[64], file[80], link[80];
    assert_non_null(mkdtemp(top));
    snprintf(inner, sizeof(inner), "%s/inner", top);
    snprintf(file, sizeof(file), "%s/inner/file", top);
    snprintf(link, sizeof(link), "%s/inner/link", top);
    assert_int_equal(mkdir(inner, 0700), 0);
    close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(symlink("file", link), 0);
    assert_int_equal(mpr_trust_check(file, &err), 0);
    assert_int_equal(mpr_trust_check(link, &err), 0);
    chmod(top, 0777);
    assert_int_equal(mpr_trust_check(link, &err), MPR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, file)); /* resolved */
    assert_non_null(strstr(err.message, top));
    assert_non_null(strstr(err.message, "everybody"));
    chmod(top, 01777);
    assert_int_equal(mpr_trust_check(file, &err), 0);
    chmod(file, 0666);
    assert_int_equal(mpr_trust_check(link, &err), MPR_ERR_UNSUPPORTED);
    unlink(link);
    unlink(file);
    assert_int_equal(mpr_trust_check(file, &err), MPR_ERR_IO);
    assert_int_equal(rmdir(inner) | rmdir(top), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trust_judges_owner_and_mode),
        cmocka_unit_test(test_trust_knows_who_is_in_a_group),
        cmocka_unit_test(test_trust_reads_the_map_of_users),
        cmocka_unit_test(test_trust_looks_at_the_whole_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
