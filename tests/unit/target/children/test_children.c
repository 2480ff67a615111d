/* SPDX-License-Identifier: MIT */
/* What children get: the environment's block, which files are fit, and what is made for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "judge.h"
#include "mprun/children.h"

/* --- the block --- */

static char block[4096];
static char *vector[64];

/* As the kernel lays it. */
static void lay(const char *const *text)
{
    char *at = block;
    memset(block, '#', sizeof block);
    size_t i = 0;
    for (; text[i]; i++) {
        vector[i] = at;
        at = stpcpy(at, text[i]) + 1;
    }
    vector[i] = NULL;
}

/* The strings are these, one after the other from the start; then come only NULs up to where they
 * ended, and nothing behind that has been touched. */
static void assert_laid(const char *const *text, size_t old_size)
{
    const char *at = block;
    size_t i = 0;
    for (; text[i]; i++) {
        assert_ptr_equal(vector[i], at);
        assert_string_equal(at, text[i]);
        at += strlen(at) + 1;
    }
    assert_null(vector[i]);
    for (; at < block + old_size; at++)
        assert_int_equal(*at, '\0');
    assert_int_equal(*at, '#');
}

static size_t size_of(const char *const *text)
{
    size_t size = 0;
    for (; *text; text++)
        size += strlen(*text) + 1;
    return size;
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_block_cuts_a_file(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after; /* NULL: the variable is gone */
    } row[] = {
        {"P=/a/x", NULL},
        {"P=/a/x:/b", "P=/b"},
        {"P=/b:/a/x", "P=/b"},
        {"P=:/a/x", "P="},
        {"P=/b:/a/x:/c", "P=/b:/c"},
        {"P=/a/x:", "P="},
        {"P=/a/xx:/b/a/x:/a/x", "P=/a/xx:/b/a/x"},
        {"P=/a/x:/a/x", NULL},
        {"P=/a/x /b:/a/x x", "P=/b"},
        {"P=/b /a/x /c", "P=/b /c"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        for (size_t place = 0; place < 3; place++) {
            const char *text[] = {"A=1", "B=", "C=3", NULL, NULL};
            memmove(text + place + 1, text + place, (4 - place) * sizeof *text);
            text[place] = row[i].before;
            lay(text);
            size_t size = size_of(text);
            assert_true(mpr_block_cut_file(vector, "P", "/a/x"));
            if (row[i].after)
                text[place] = row[i].after;
            else
                memmove(text + place, text + place + 1, (4 - place) * sizeof *text);
            assert_laid(text, size);
        }
    }
}

static void test_block_leaves_what_is_not_meant(void **state)
{
    (void)state;
    static const char *const rows[] = {"P=", "P=/a/xx", "P=/b/a/x", "P=/a/xx /b", "PP=/a/x", "P"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text[] = {"A=1", rows[i], NULL};
        lay(text);
        errno = EXDEV;
        assert_false(mpr_block_cut_file(vector, "P", "/a/x"));
        assert_false(mpr_block_cut(vector, "Q"));
        assert_int_equal(errno, EXDEV);
        assert_laid(text, size_of(text));
    }
    lay(LIST("P=1"));
    vector[0] = NULL;
    assert_false(mpr_block_cut(vector, "P"));
}

/* Of two of a name the loader takes the last. */
static void test_block_cuts_a_variable(void **state)
{
    (void)state;
    const char *const *text = LIST("A=1", "P=x", "B=2", "P=y", "C=3");
    lay(text);
    assert_true(mpr_block_cut(vector, "P"));
    assert_laid(LIST("A=1", "P=x", "B=2", "C=3"), size_of(text));
    assert_true(mpr_block_cut(vector, "P"));
    assert_true(mpr_block_cut(vector, "A"));
    assert_true(mpr_block_cut(vector, "C"));
    assert_laid(LIST("B=2"), size_of(text));
    assert_true(mpr_block_cut(vector, "B"));
    assert_null(vector[0]);
}

/* Somebody has put a string of his own in: the others stay where they are. */
static void test_block_that_was_changed(void **state)
{
    (void)state;
    char own[] = "P=/b:/a/x";
    lay(LIST("A=1", "Q=2", "C=3"));
    char *third = vector[2];
    vector[1] = own;
    assert_true(mpr_block_cut_file(vector, "P", "/a/x"));
    assert_string_equal(own, "P=/b");
    assert_ptr_equal(vector[2], third);
    assert_string_equal(vector[2], "C=3");
    assert_true(mpr_block_cut(vector, "P"));
    assert_ptr_equal(vector[1], third);
    assert_null(vector[2]);
}

/* --- files --- */

static char folder[] = "/tmp/mprun-children-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
}

/* By another name, and by none but its last part where the loader has searched for it; in each
 * variable, of which the loader takes the last and the program the first. */
static void test_block_cuts_all_names(void **state)
{
    (void)state;
    write_file("own.so", "", 0);
    write_file("other.so", "", 0);
    assert_int_equal(symlink("own.so", "link.so"), 0);
    const char *const *text =
        LIST("P=./own.so:./other.so", "A=1", "P=link.so ./link.so own.so:././own.so", "B=2");
    lay(text);
    assert_true(mpr_block_cut_file(vector, "P", "./own.so"));
    assert_laid(LIST("P=./other.so", "A=1", "P=link.so", "B=2"), size_of(text));
}

static bool judge(const char *path)
{
    return mpr_judge(&(struct mpr_children_file){AT_FDCWD, path, false});
}

static void test_judge_scripts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fits;
    } row[] = {
        {"#!/bin/sh\n", true},
        {"#! \t/bin/sh -e\necho", true},
        {"#!/bin/sh", true},
        {"#!./inner\n", true},
        {"#!/no/such/file\n", false},
        {"#!\n/bin/sh", false},
        {"#!", false},
        {"#!./script\n", false},
        {"echo\n", false},
        {"", false},
    };
    write_file("inner", "#!/bin/sh\n", 10);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        write_file("script", row[i].text, strlen(row[i].text));
        assert_int_equal(judge("script"), row[i].fits);
    }
    write_file("script", "echo\n", 5);
    assert_true(mpr_judge(&(struct mpr_children_file){AT_FDCWD, "script", true}));
    assert_false(judge("/"));
    assert_false(judge("missing"));
    assert_false(mpr_judge(&(struct mpr_children_file){-1, "", false}));
}

/* A program made by hand. */
struct made {
    Elf64_Ehdr elf;
    Elf64_Phdr segment[3];
    char loader[64];
    Elf64_Dyn dynamic[40];
    char strings[64];
};

static struct made make(void)
{
    static const char names[] = "\0libc.so.6\0libasan.so.8\0";
    struct made made = {
        .elf = {.e_machine = EM_X86_64,
            .e_phoff = offsetof(struct made, segment),
            .e_phentsize = sizeof(Elf64_Phdr),
            .e_phnum = 3},
        .segment = {{.p_type = PT_LOAD, .p_vaddr = 0x10000, .p_filesz = sizeof(struct made)},
            {.p_type = PT_INTERP, .p_offset = offsetof(struct made, loader)},
            {.p_type = PT_DYNAMIC,
                .p_offset = offsetof(struct made, dynamic),
                .p_filesz = sizeof made.dynamic}},
        .loader = "/lib64/ld-linux-x86-64.so.2",
    };
    memcpy(made.elf.e_ident, ELFMAG, SELFMAG);
    made.elf.e_ident[EI_CLASS] = ELFCLASS64;
    made.elf.e_ident[EI_DATA] = ELFDATA2LSB;
    made.segment[1].p_filesz = strlen(made.loader) + 1;
    memcpy(made.strings, names, sizeof names);
    for (size_t i = 0; i < 30; i++)
        made.dynamic[i] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un.d_val = 1};
    made.dynamic[30] =
        (Elf64_Dyn){.d_tag = DT_STRTAB, .d_un.d_ptr = 0x10000 + offsetof(struct made, strings)};
    return made;
}

static bool judge_made(const struct made *made, size_t size)
{
    int fd = memfd_create("made", MFD_CLOEXEC);
    assert_int_equal(write(fd, made, size), size);
    bool fits = mpr_judge(&(struct mpr_children_file){fd, "", false});
    close(fd);
    return fits;
}

static void test_judge_programs(void **state)
{
    (void)state;
    struct made made = make();
    assert_true(judge_made(&made, sizeof made));
    made.dynamic[31] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un.d_val = 11};
    assert_false(judge_made(&made, sizeof made)); /* a sanitizer */
    made.dynamic[31].d_un.d_val = UINT64_MAX - 64;
    assert_true(judge_made(&made, sizeof made));
    made = make();
    made.segment[1].p_type = PT_NOTE;
    assert_false(judge_made(&made, sizeof made)); /* static */
    made = make();
    strcpy(made.loader, "/lib64/ld-other-x86-64.so.2");
    assert_false(judge_made(&made, sizeof made));
    made = make();
    made.elf.e_machine = EM_386;
    assert_false(judge_made(&made, sizeof made));
    made = make();
    made.elf.e_ident[EI_CLASS] = ELFCLASS32;
    assert_false(judge_made(&made, sizeof made));
    assert_true(judge("/bin/sh"));
}

/* A stranger's file may claim anything. */
static void test_judge_damaged_programs(void **state)
{
    (void)state;
    struct made made = make();
    for (size_t size = 0; size < offsetof(struct made, loader) + 20; size += 7)
        assert_false(judge_made(&made, size));
    for (size_t i = 0; i < sizeof made.elf + sizeof made.segment; i++) {
        for (int value = 0; value < 256; value += 51) {
            made = make();
            ((unsigned char *)&made)[i] = (unsigned char)value;
            (void)judge_made(&made, sizeof made);
        }
    }
}

/* --- what is given --- */

static char library[128];

static void assert_given(const char *const *before, const char *const *after)
{
    char *environment[32];
    size_t count = 0;
    size_t expected = 0;
    for (; before[count]; count++)
        environment[count] = (char *)before[count];
    environment[count] = NULL;
    size_t size = mpr_children_room(environment);
    char *room = malloc(size + 1);
    assert_non_null(room);
    room[size] = 'X';
    struct mpr_children_file shell = {AT_FDCWD, "/bin/sh", false};
    errno = EXDEV;
    char *const *source = environment;
    char *const *given = mpr_children_give(&shell, &source, room, size);
    assert_int_equal(errno, EXDEV);
    assert_int_equal(room[size], 'X');
    if (!after)
        assert_null(given);
    for (size_t i = 0; after && after[i]; i++) {
        assert_non_null(given[i]);
        assert_string_equal(given[i], after[i]);
        expected++;
    }
    if (after)
        assert_null(given[expected]);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(environment[i], before[i]);
    free(room);
}

static void test_give(void **state)
{
    (void)state;
    char alone[160], behind[160], empty[160];
    char *const none[] = {NULL};
    assert_int_equal(mpr_children_room(none), 0);
    mpr_children_start_beside("no-folder");
    mpr_children_start_beside("/no/such/folder/file");
    assert_int_equal(mpr_children_room(none), 0);
    snprintf(library, sizeof library, "%s/%s", folder, MPR_CHILDREN_LIBRARY);
    write_file(library, "x", 1);
    snprintf(alone, sizeof alone, "%s/other", folder);
    mpr_children_start_beside(alone);
    snprintf(alone, sizeof alone, "LD_PRELOAD=%s", library);
    snprintf(behind, sizeof behind, "LD_PRELOAD=a.so:b.so:%s", library);
    snprintf(empty, sizeof empty, "LD_PRELOAD=:%s", library);
    assert_given(LIST("A=1", "B=2"), LIST("A=1", "B=2", alone));
    assert_given((const char *const[]){NULL}, LIST(alone));
    assert_given(LIST("A=1", "LD_PRELOAD=a.so:b.so", "B=2"), LIST("A=1", behind, "B=2"));
    assert_given(LIST("LD_PRELOAD=", "B=2"), LIST(empty, "B=2"));
    assert_given(LIST("LD_PRELOAD=x.so", "LD_PRELOAD=a.so:b.so"), LIST("LD_PRELOAD=x.so", behind));
    assert_given(LIST("A=1", behind), NULL);
    assert_given(LIST("LD_TRACE_LOADED_OBJECTS=1"), NULL);
    assert_given(LIST("MPRUN_RECORDING=7"), NULL);
    assert_true(mpr_children_room(NULL) > 0);
}

/* Other threads may put variables there after the room was measured. */
static void test_give_where_the_environment_has_grown(void **state)
{
    (void)state;
    char *few[] = {"A=1", NULL}, *many[] = {"A=1", "B=2", "C=3", "D=4", NULL};
    char *const *source = many;
    struct mpr_children_file shell = {AT_FDCWD, "/bin/sh", false};
    size_t size = mpr_children_room(few);
    char *room = malloc(size + 1);
    assert_non_null(room);
    room[size] = 'X';
    assert_null(mpr_children_give(&shell, &source, room, size));
    assert_null(mpr_children_give(&shell, &source, room, 0));
    assert_int_equal(room[size], 'X');
    source = few;
    assert_non_null(mpr_children_give(&shell, &source, room, size));
    assert_int_equal(room[size], 'X');
    free(room);
}

static void test_give_to_no_program(void **state)
{
    (void)state;
    char *environment[] = {"A=1", NULL}, *const *source = environment, room[8192];
    write_file("text", "echo\n", 5);
    struct mpr_children_file text = {AT_FDCWD, "text", false}, nothing = {AT_FDCWD, NULL, false};
    size_t size = mpr_children_room(environment);
    assert_true(size < sizeof room);
    assert_null(mpr_children_give(&text, &source, room, size));
    assert_null(mpr_children_give(&nothing, &source, room, size));
}

static void test_give_by_name(void **state)
{
    (void)state;
    char *environment[] = {"A=1", NULL}, *const *source = environment, room[8192];
    static const struct {
        const char *path, *name;
        bool given;
    } row[] = {
        {"/bin", "sh", true},
        {"/no/such:/bin:", "sh", true},
        {"", "tool", true},
        {"/bin:", "tool", true},
        {".", "text", true}, /* the shell runs it */
        {"/no/such", "sh", false},
        {"/bin", "./tool", true},
        {"/bin", "", false},
        {".", "unfit", false},
        {NULL, "sh", true},
    };
    write_file("tool", "#!/bin/sh\n", 10);
    write_file("text", "echo\n", 5);
    write_file("unfit", "echo\n", 5);
    assert_int_equal(chmod("unfit", 0644), 0);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (row[i].path)
            setenv("PATH", row[i].path, 1);
        else
            unsetenv("PATH");
        bool given = mpr_children_give_by_name(
                         row[i].name, &source, room, mpr_children_room(environment)) != NULL;
        setenv("PATH", "/bin:/usr/bin", 1);
        assert_int_equal(given, row[i].given);
    }
}

static void test_give_when_the_library_is_another(void **state)
{
    (void)state;
    write_file("new", "y", 1);
    assert_int_equal(rename("new", library), 0);
    assert_given(LIST("A=1"), NULL);
    assert_int_equal(unlink(library), 0);
    assert_given(LIST("A=1"), NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block_cuts_a_file),
        cmocka_unit_test(test_block_leaves_what_is_not_meant),
        cmocka_unit_test(test_block_cuts_a_variable),
        cmocka_unit_test(test_block_that_was_changed),
        cmocka_unit_test(test_block_cuts_all_names),
        cmocka_unit_test(test_give), /* starts all */
        cmocka_unit_test(test_give_where_the_environment_has_grown),
        cmocka_unit_test(test_judge_scripts),
        cmocka_unit_test(test_judge_programs),
        cmocka_unit_test(test_judge_damaged_programs),
        cmocka_unit_test(test_give_to_no_program),
        cmocka_unit_test(test_give_by_name),
        cmocka_unit_test(test_give_when_the_library_is_another),
    };
    return cmocka_run_group_tests_name("children", tests, enter_folder, leave_folder);
}
