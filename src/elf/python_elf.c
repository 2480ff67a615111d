/* SPDX-License-Identifier: MIT */
/* The version of a Python, read from its ELF file or from the libpython that it needs, looked for
 * where the dynamic loader would look (its cache left out: the directories behind it are known).
 * Runs nothing: an interpreter that is merely asked for its version has side effects. */
#include "mprun/elf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"

static const char *const default_directories[] = {
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
    "/usr/local/lib",
    "/usr/local/lib64",
};

/* What the search for one library is about. */
struct library_search {
    const char *name;
    const char *origin; /* directory of the executable, links resolved */
};

/* Its version and how it was built. Both builds have a function that others lack, for macros of
 * their own headers to call. */
static bool version_in(struct mpr_elf_file *file, struct mpr_elf_facts *facts)
{
    uint64_t address;
    if (!mpr_elf_symbol(file, "Py_Version", &address) ||
        !mpr_elf_word(file, address, &facts->version))
        return false;
    facts->is_debug = mpr_elf_symbol(file, "_Py_NegativeRefcount", &address);
    facts->is_free_threaded = mpr_elf_symbol(file, "_Py_DecRefShared", &address);
    return true;
}

static void copy_name(char ret_name[64], const char *name)
{
    size_t len = name ? strnlen(name, 63) : 0;
    if (len)
        memcpy(ret_name, name, len);
    ret_name[len] = '\0';
}

/* A library that is there ends the search, with or without a version: the loader takes it too. */
static bool try_library(const char *path, struct mpr_elf_facts *facts)
{
    struct mpr_elf_file file;
    uint64_t ignored;
    if (mpr_elf_open(path, &file, NULL) < 0)
        return false;
    struct mpr_elf_dynamic dynamic;
    mpr_elf_dynamic(&file, &dynamic);
    if (dynamic.asan)
        copy_name(facts->asan, dynamic.asan);
    if (!version_in(&file, facts))
        facts->old_python = facts->old_python || mpr_elf_symbol(&file, "Py_Main", &ignored);
    mpr_elf_close(&file);
    return true;
}

/* `directory` of `len` bytes, with $ORIGIN expanded, and the library's name behind it. */
static bool expand(
    const char *directory, size_t len, const struct library_search *search, struct mpr_buf *out)
{
    static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};
    mpr_buf_clear(out);
    for (size_t i = 0; i < len;) {
        size_t taken = 0;
        for (size_t k = 0; k < 2 && !taken; k++) {
            size_t n = strlen(origins[k]);
            if (len - i >= n && memcmp(directory + i, origins[k], n) == 0)
                taken = n;
        }
        if (taken)
            mpr_buf_puts(out, search->origin);
        else
            mpr_buf_putc(out, directory[i]);
        i += taken ? taken : 1;
    }
    mpr_buf_printf(out, "%s%s", len ? "/" : "./", search->name);
    return !out->failed;
}

/* Try each directory of a list; `separators` are ":" or, for LD_LIBRARY_PATH, ":;". */
static bool try_list(const char *list, const char *separators, const struct library_search *search,
    struct mpr_elf_facts *facts)
{
    struct mpr_buf path;
    bool found = false;
    if (!list || !*list)
        return false;
    mpr_buf_init(&path);
    for (const char *at = list; !found;) {
        size_t len = strcspn(at, separators);
        found = expand(at, len, search, &path) && try_library(path.data, facts);
        if (!at[len])
            break;
        at += len + 1;
    }
    mpr_buf_release(&path);
    return found;
}

static bool try_defaults(const struct library_search *search, struct mpr_elf_facts *facts)
{
    size_t count = sizeof default_directories / sizeof *default_directories;
    for (size_t i = 0; i < count; i++)
        if (try_list(default_directories[i], ":", search, facts))
            return true;
    return false;
}

/* The loader's order: RPATH (where there is no RUNPATH), LD_LIBRARY_PATH, RUNPATH, defaults. */
static bool find_library(const struct mpr_elf_dynamic *dynamic, const char *library_path,
    const struct library_search *search, struct mpr_elf_facts *facts)
{
    return (!dynamic->runpath && try_list(dynamic->rpath, ":", search, facts)) ||
           try_list(library_path, ":;", search, facts) ||
           try_list(dynamic->runpath, ":", search, facts) || try_defaults(search, facts);
}

static void read_libraries(const struct mpr_elf_dynamic *dynamic, const char *path,
    const char *library_path, struct mpr_elf_facts *facts)
{
    char origin[PATH_MAX] = ".";
    if (realpath(path, origin) && strrchr(origin, '/'))
        *strrchr(origin, '/') = '\0';
    facts->is_pypy = dynamic->is_pypy;
    for (size_t i = 0; dynamic->python_library[i] && !facts->version; i++) {
        struct library_search search = {dynamic->python_library[i], origin};
        copy_name(facts->soname, search.name);
        facts->library_lost = !find_library(dynamic, library_path, &search, facts);
    }
}

int mpr_elf_read(const char *path, const char *library_path, struct mpr_elf_facts *ret_facts,
    struct mpr_error *err)
{
    struct mpr_elf_file file;
    struct mpr_elf_dynamic dynamic;
    struct mpr_elf_facts facts = {0};
    char loader[256];
    uint64_t address;
    int status = mpr_elf_open(path, &file, err);
    if (status < 0)
        return status;
    facts.is_static = !mpr_elf_loader(&file, loader, sizeof loader);
    facts.is_musl = !facts.is_static && strstr(loader, "ld-musl");
    mpr_elf_dynamic(&file, &dynamic);
    copy_name(facts.asan, dynamic.asan);
    if (!version_in(&file, &facts)) {
        facts.old_python = mpr_elf_symbol(&file, "Py_Main", &address) ||
                           mpr_elf_symbol(&file, "Py_BytesMain", &address);
        read_libraries(&dynamic, path, library_path, &facts);
    }
    mpr_elf_close(&file);
    *ret_facts = facts;
    return 0;
}
