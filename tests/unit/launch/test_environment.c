/* SPDX-License-Identifier: MIT */
/* The target's environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "environment.h"
#include "mprun/sanitizer.h"

static void test_environment_appends_what_the_host_needs(void **state)
{
    (void)state;
    char *const user[] = {"A=1", "B=2", NULL};
    struct mpr_environment_extra extra = {"/x/pre.so", "/x/host.so", 9};
    char **built = mpr_environment_build(user, &extra);
    assert_non_null(built);
    assert_string_equal(built[0], "A=1");
    assert_string_equal(built[1], "B=2");
    assert_string_equal(built[2], "LD_PRELOAD=/x/pre.so");
    assert_string_equal(built[3], "MPRUN_RECORDING=9");
    assert_string_equal(built[4], "MPRUN_HOST=/x/host.so");
    assert_null(built[5]);
    mpr_environment_free(built, user);
}

static void test_environment_keeps_the_users_preload_in_its_place(void **state)
{
    (void)state;
    char *const user[] = {"A=1", "LD_PRELOAD=/u/jemalloc.so", "LD_PRELOADED=no", NULL};
    char *const empty[] = {"LD_PRELOAD=", NULL};
    struct mpr_environment_extra extra = {"/x/pre.so", "/x/host.so", 9};
    char **built = mpr_environment_build(user, &extra);
    assert_string_equal(built[1], "LD_PRELOAD=/x/pre.so:/u/jemalloc.so");
    assert_string_equal(built[2], "LD_PRELOADED=no");
    assert_string_equal(built[3], "MPRUN_RECORDING=9");
    mpr_environment_free(built, user);
    built = mpr_environment_build(empty, &extra);
    assert_string_equal(built[0], "LD_PRELOAD=/x/pre.so:");
    mpr_environment_free(built, empty);
}

static void test_environment_names_of_sanitizers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is;
    } row[] = {
        {"libasan.so.8", true},
        {"libhwasan.so.0", true},
        {"libubsan.so.1", true},
        {"libclang_rt.asan-x86_64.so", true},
        {"libclang_rt.ubsan_standalone-x86_64.so", true},
        {"libclang_rt.profile-x86_64.so", false},
        {"libpleasant.so", false},
        {"libsan", false},
        {"asan.so", false},
        {"lib", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_int_equal(mpr_is_sanitizer(row[i].name, strlen(row[i].name)), row[i].is);
}

static void test_environment_puts_sanitizers_first(void **state)
{
    (void)state;
    static const struct {
        const char *users, *built;
    } row[] = {
        {"libasan.so.8", "libasan.so.8:/x/pre.so"},
        {"/a/libasan.so.8 libm.so", "/a/libasan.so.8 /x/pre.so libm.so"},
        {"libm.so:libubsan.so.1:/y", "libm.so:libubsan.so.1:/x/pre.so:/y"},
        {"/c/libclang_rt.asan-x86_64.so:liblsan.so.0",
            "/c/libclang_rt.asan-x86_64.so:liblsan.so.0:/x/pre.so"},
        {"/libasan.so/libm.so:xlibasan.so", "/x/pre.so:/libasan.so/libm.so:xlibasan.so"},
    };
    struct mpr_environment_extra extra = {"/x/pre.so", "/x/host.so", 9};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        char *text = mpr_asprintf("LD_PRELOAD=%s", row[i].users);
        char *const user[] = {text, NULL};
        char **built = mpr_environment_build(user, &extra);
        assert_string_equal(built[0] + strlen("LD_PRELOAD="), row[i].built);
        mpr_environment_free(built, user);
        free(text);
    }
}

static void test_environment_of_the_embedded_host_adds_the_recording_only(void **state)
{
    (void)state;
    char *const user[] = {"LD_PRELOAD=/u/x.so", "MPRUN_RECORDING=3", "MPRUN_HOST=/old", NULL};
    struct mpr_environment_extra extra = {NULL, NULL, 12};
    char **built = mpr_environment_build(user, &extra);
    assert_string_equal(built[0], "LD_PRELOAD=/u/x.so");
    assert_string_equal(built[1], "MPRUN_RECORDING=12");
    assert_null(built[2]);
    mpr_environment_free(built, user);
}

static void test_environment_values_by_their_names(void **state)
{
    (void)state;
    char *const environment[] = {"PATHS=x", "PATH=a:b", "PATH=c", "EMPTY=", "NOTHING", NULL};
    assert_string_equal(mpr_environment_get(environment, "PATH"), "a:b");
    assert_string_equal(mpr_environment_get(environment, "EMPTY"), "");
    assert_null(mpr_environment_get(environment, "NOTHING"));
    assert_null(mpr_environment_get(environment, "PAT"));
    assert_null(mpr_environment_get(environment, ""));
}

/* systemd names the process that it started: what named mprun names the target, in the target. */
static void test_environment_ids_of_systemd_follow_the_process(void **state)
{
    struct mpr_environment_ids ids;
    struct mpr_environment_extra extra = {NULL, NULL, 3};
    char own[64], more[64];
    char *const user[] = {own, "WATCHDOG_PID=1", more, "LISTEN_PIDS=1", NULL};
    int status;
    (void)state;
    snprintf(own, sizeof own, "LISTEN_PID=%ld", (long)getpid());
    snprintf(more, sizeof more, "SYSTEMD_EXEC_PID=%ldx", (long)getpid());
    char **built = mpr_environment_build(user, &extra);
    assert_true(mpr_environment_find_ids(built, &ids));
    for (size_t i = 0; i < MPR_ENVIRONMENT_IDS; i++)
        assert_int_equal(ids.value[i] != NULL, i == 0); /* the others are another's, or no number */
    pid_t child = fork();
    if (child == 0) {
        mpr_environment_own_ids(&ids);
        char expected[64];
        snprintf(expected, sizeof expected, "LISTEN_PID=%ld", (long)getpid());
        bool right = strcmp(built[0], expected) == 0 && strcmp(built[1], user[1]) == 0;
        mpr_environment_free(built, user);
        _exit(right ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    mpr_environment_free(built, user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment_appends_what_the_host_needs),
        cmocka_unit_test(test_environment_keeps_the_users_preload_in_its_place),
        cmocka_unit_test(test_environment_names_of_sanitizers),
        cmocka_unit_test(test_environment_puts_sanitizers_first),
        cmocka_unit_test(test_environment_of_the_embedded_host_adds_the_recording_only),
        cmocka_unit_test(test_environment_values_by_their_names),
        cmocka_unit_test(test_environment_ids_of_systemd_follow_the_process),
    };
    return cmocka_run_group_tests_name("environment", tests, NULL, NULL);
}
