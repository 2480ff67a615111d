/* SPDX-License-Identifier: MIT */
/* PATH search, shims, the target's environment, the choice of a host, and the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "environment.h"
#include "find.h"
#include "hosts.h"
#include "mprun/launch.h"
#include "mprun/sanitizer.h"
#include "own_program.h"

/* A directory of its own, current while a test runs. */
static int setup(void **state)
{
    char *directory = strdup("/tmp/mprun-launch-XXXXXX");
    *state = directory;
    if (!directory || !mkdtemp(directory) || chdir(directory) < 0)
        return -1;
    return mkdir("a", 0700) | mkdir("b", 0700) | mkdir("libexec", 0700);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st, (void)type, (void)where;
    return remove(path);
}

static int teardown(void **state)
{
    char *directory = *state;
    int rc = chdir("/") | nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
    return rc;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* --- environment --- */

static void test_launch_environment_appends_what_the_host_needs(void **state)
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

static void test_launch_environment_keeps_the_users_preload_in_its_place(void **state)
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

static void test_names_of_sanitizers(void **state)
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

static void test_launch_environment_puts_sanitizers_first(void **state)
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

static void test_launch_environment_of_the_embedded_host_adds_the_recording_only(void **state)
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

/* --- PATH --- */

static void test_launch_path_takes_the_first_executable_file(void **state)
{
    (void)state;
    write_file("a/python3", "", 0600);
    write_file("b/python3", "", 0700);
    assert_int_equal(mkdir("a/python", 0700), 0);
    char *found = mpr_find_on_path("python3", "nowhere:a:b");
    assert_string_equal(found, "b/python3");
    free(found);
    assert_null(mpr_find_on_path("python3", "a"));
    assert_null(mpr_find_on_path("python", "a"));
    assert_null(mpr_find_on_path("", "b"));
}

static void test_launch_path_empty_part_is_the_current_directory(void **state)
{
    (void)state;
    write_file("python3", "", 0700);
    char *found = mpr_find_on_path("python3", "a:");
    assert_string_equal(found, "./python3");
    free(found);
    found = mpr_find_on_path("./python3", "a");
    assert_string_equal(found, "./python3");
    free(found);
}

static void find(const char *python, char *const *environment, struct mpr_found *ret_found)
{
    struct mpr_error err = {""};
    int rc = mpr_find_interpreter(python, environment, ret_found, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, 0);
}

static void test_launch_argv0_is_what_the_shell_gives(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=a:b", NULL};
    struct mpr_found found;
    write_file("b/python3", "", 0700);
    find(NULL, environment, &found);
    assert_string_equal(found.path, "b/python3");
    assert_string_equal(found.argv0, "python3");
    mpr_found_release(&found);
    find("b/python3", environment, &found);
    assert_string_equal(found.argv0, "b/python3");
    mpr_found_release(&found);
}

static void test_launch_active_venv_stands_before_path(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=b", "VIRTUAL_ENV=venv", NULL};
    char *const activated[] = {"PATH=venv/bin:b", "VIRTUAL_ENV=venv", NULL};
    struct mpr_found found;
    write_file("b/python3", "", 0700);
    find(NULL, environment, &found); /* a venv that is gone counts for nothing */
    assert_string_equal(found.path, "b/python3");
    mpr_found_release(&found);
    assert_int_equal(mkdir("venv", 0700) | mkdir("venv/bin", 0700), 0);
    write_file("venv/bin/python3", "", 0700);
    find(NULL, environment, &found);
    assert_string_equal(found.path, "venv/bin/python3");
    assert_string_equal(found.argv0, "venv/bin/python3");
    mpr_found_release(&found);
    find(NULL, activated, &found);
    assert_string_equal(found.path, "venv/bin/python3");
    assert_string_equal(found.argv0, "python3");
    mpr_found_release(&found);
}

static void test_launch_missing_interpreter_is_named(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=a", NULL};
    struct mpr_found found;
    struct mpr_error err;
    int rc = mpr_find_interpreter("python3.99", environment, &found, &err);
    assert_int_equal(rc, MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "python3.99"));
    assert_int_equal(mpr_find_interpreter("./a", environment, &found, &err), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "directory"));
    assert_int_equal(mpr_find_interpreter(NULL, environment, &found, &err), MPR_ERR_NOTFOUND);
}

/* --- shims --- */

static void test_launch_shim_is_asked_once(void **state)
{
    char *const environment[] = {"PATH=a", NULL};
    struct mpr_found found;
    char *script = mpr_asprintf("#!/bin/sh\n"
                                "test \"$1 $2 $3\" = '-I -S -c' || exit 1\n"
                                "echo run >>asked\n"
                                "echo '%s/b/python3.11'\n",
        (const char *)*state);
    write_file("a/python3", script, 0700);
    write_file("b/python3.11", "", 0700);
    find(NULL, environment, &found);
    assert_true(mpr_has_suffix(found.path, "/b/python3.11"));
    assert_string_equal(found.argv0, found.path);
    struct stat st;
    assert_int_equal(stat("asked", &st), 0);
    assert_int_equal(st.st_size, 4);
    mpr_found_release(&found);
    free(script);
}

static void test_launch_shim_without_answer_is_refused(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "#!/bin/sh\nexit 0\n",
        "#!/bin/sh\necho relative/python3\n",
        "#!/bin/sh\necho /bin/sh\nexit 3\n",
        "#!/bin/sh\necho /one; echo /two\n",
        "#!/bin/sh\necho /nowhere/python3\n",
    };
    char *const environment[] = {"PATH=a", NULL};
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct mpr_found found;
        struct mpr_error err;
        write_file("a/python3", scripts[i], 0700);
        assert_int_equal(
            mpr_find_interpreter(NULL, environment, &found, &err), MPR_ERR_UNSUPPORTED);
        assert_non_null(strstr(err.message, "a/python3"));
    }
}

/* --- hosts --- */

static void test_launch_hosts_are_found_by_version(void **state)
{
    (void)state;
    char *path;
    struct mpr_error err;
    write_file("libexec/libmprun-host-3.11.so", "", 0600);
    write_file("libexec/libmprun-host-3.12.so", "", 0600);
    write_file("libexec/libmprun-host-3.12.so.old", "", 0600);
    write_file("libexec/mprun-host-3.11", "", 0700);
    assert_int_equal(mpr_hosts_library("libexec", 0x030b02f0, "py", &path, &err), 0);
    assert_string_equal(path, "libexec/libmprun-host-3.11.so");
    free(path);
    assert_int_equal(mpr_hosts_library("libexec", 0x030d01f0, "py", &path, &err), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "py is Python 3.13.1"));
    assert_non_null(strstr(err.message, "installed: 3.11, 3.12)"));
    assert_int_equal(
        mpr_hosts_embedded("libexec", 0x030c01f0, "py", &path, &err), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "installed: 3.11)"));
    assert_int_equal(mpr_hosts_newest_embedded("libexec", &path, &err), 0);
    assert_string_equal(path, "libexec/mprun-host-3.11");
    free(path);
}

static void test_launch_without_python_the_embedded_host_is_chosen(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=a", NULL};
    struct mpr_launch_request request = {.environment = environment, .libexec = "libexec"};
    struct mpr_launch launch;
    struct mpr_error err;
    write_file("libexec/mprun-host-3.11", "", 0700);
    assert_int_equal(mpr_launch_choose(&request, &launch, &err), 0);
    assert_int_equal(launch.host, MPR_HOST_EMBEDDED);
    assert_string_equal(launch.executable, "libexec/mprun-host-3.11");
    assert_string_equal(launch.argv0, "python3");
    assert_null(launch.interpreter);
    assert_null(launch.preload);
    mpr_launch_release(&launch);
    request.host = MPR_HOST_INTERPRETER;
    assert_int_equal(mpr_launch_choose(&request, &launch, &err), MPR_ERR_NOTFOUND);
}

static void test_launch_refuses_what_is_no_python(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=a", NULL};
    struct mpr_launch_request request = {
        .environment = environment, .libexec = "libexec", .python = "/proc/self/exe"};
    struct mpr_launch launch;
    struct mpr_error err;
    assert_int_equal(mpr_launch_choose(&request, &launch, &err), MPR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "/proc/self/exe"));
    assert_non_null(strstr(err.message, "--python"));
}

static void test_launch_host_kind_names(void **state)
{
    (void)state;
    enum mpr_host_kind kind = MPR_HOST_AUTO;
    assert_int_equal(mpr_host_kind_parse("embedded", &kind), 0);
    assert_int_equal(kind, MPR_HOST_EMBEDDED);
    assert_int_equal(mpr_host_kind_parse("", &kind), MPR_ERR_INVALID);
    assert_string_equal(mpr_host_kind_name(MPR_HOST_INTERPRETER), "interpreter");
    assert_null(mpr_host_kind_name((enum mpr_host_kind)9));
}

/* --- where mprun is --- */

static void test_launch_own_program_is_what_is_mapped_here(void **state)
{
    (void)state;
    static const char maps[] = "1000-3000 r--p 00000000 08:01 12 /a b/c:[\\012$ (x)\n"
                               "3000-4000 r-xp 00002000 08:01 12 /a/loader\n"
                               "5000-6000 rw-p 00000000 00:00 0 \n"
                               "7000-8000 r-xp 00000000 00:00 0                  [vdso]\n"
                               "nonsense\n"
                               "ffffffffff600000-ffffffffff601000 r-xp 00000000 00:00 0 /last";
    static const struct {
        uintptr_t address;
        const char *path;
    } row[] = {
        {0xfff, NULL},
        {0x1000, "/a b/c:[\n$ (x)"},
        {0x2fff, "/a b/c:[\n$ (x)"},
        {0x3000, "/a/loader"},
        {0x4000, NULL},
        {0x5000, NULL},
        {0x7000, NULL},
        {0xffffffffff600000, "/last"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        char *path = mpr_own_program_parse(maps, row[i].address);
        if (row[i].path)
            assert_string_equal(path, row[i].path);
        else
            assert_null(path);
        free(path);
    }
    assert_null(mpr_own_program_parse("", 0));
}

/* --- start --- */

/* Start `executable` as the target and give its exit status back, -1 if it did not start. */
static int start(char *executable, const char *const *args, struct mpr_error *err)
{
    char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
    struct mpr_inherited inherited = {0};
    struct mpr_launch launch = {
        .argv0 = "python3", .executable = executable, .environment = environment};
    struct mpr_launch_start how = {.args = args, .inherited = &inherited};
    pid_t pid;
    int status;
    mpr_inherited_signals(&inherited);
    how.recording_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int rc = mpr_launch_start(&launch, &how, &pid, err);
    close(how.recording_fd);
    if (rc < 0)
        return -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void test_launch_start_hands_over_words_and_the_recording(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    const char *const args[] = {"-c",
        "test \"$0 $1\" = 'one two' && test -e /proc/self/fd/$MPRUN_RECORDING && exit 7", "one",
        "two", NULL};
    assert_int_equal(start("/bin/sh", args, &err), 7);
}

static void test_launch_start_reports_a_failed_exec(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    const char *const args[] = {NULL};
    assert_int_equal(start("a/none", args, &err), -1);
    assert_non_null(strstr(err.message, "a/none"));
    assert_non_null(strstr(err.message, "No such file"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_launch_environment_appends_what_the_host_needs),
        TEST(test_launch_environment_keeps_the_users_preload_in_its_place),
        TEST(test_names_of_sanitizers),
        TEST(test_launch_environment_puts_sanitizers_first),
        TEST(test_launch_environment_of_the_embedded_host_adds_the_recording_only),
        TEST(test_launch_path_takes_the_first_executable_file),
        TEST(test_launch_path_empty_part_is_the_current_directory),
        TEST(test_launch_argv0_is_what_the_shell_gives),
        TEST(test_launch_active_venv_stands_before_path),
        TEST(test_launch_missing_interpreter_is_named),
        TEST(test_launch_shim_is_asked_once),
        TEST(test_launch_shim_without_answer_is_refused),
        TEST(test_launch_hosts_are_found_by_version),
        TEST(test_launch_without_python_the_embedded_host_is_chosen),
        TEST(test_launch_refuses_what_is_no_python),
        TEST(test_launch_host_kind_names),
        TEST(test_launch_own_program_is_what_is_mapped_here),
        TEST(test_launch_start_hands_over_words_and_the_recording),
        TEST(test_launch_start_reports_a_failed_exec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
