/* SPDX-License-Identifier: MIT */
/* A recording, and its report, for a program that measures itself by _mprun: called by ctypes. */
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../unit/made_report.h"
#include "mprun/reading.h"
#include "mprun/report.h"
#include "mprun/view.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int recorder_open(void);
EXPORT char *recorder_report(int fd);
EXPORT void recorder_free(char *report);

/* A descriptor; -1. */
int recorder_open(void)
{
    int fd;
    return mpr_rec_create(NULL, 0, 0, MPR_RSS_AUTO, &fd, NULL) < 0 ? -1 : fd;
}

static char *report(struct mpr_rec_reader *reader, const char *cwd, struct mpr_error *err)
{
    static const char *const command[] = {"late", NULL};
    struct mpr_timeline timeline = {0};
    struct mpr_profile *profile = NULL;
    struct mpr_view *view = NULL;
    const struct mpr_view_options shown = {.sort = MPR_SORT_SOURCE, .top = 10};
    const struct mpr_report_options how = {0};
    struct mpr_sink sink;
    struct mpr_run run = {
        .command = command,
        .cwd = cwd ? cwd : "/",
        .interpreter = "python3",
        .end = mpr_rec_moment_now(mpr_rec_header(reader)->clock.ticks_are_ns),
        .timeline = &timeline,
    };
    made_sink(&sink);
    int status = mpr_profile_build(reader, &run, &profile, err);
    if (status == 0)
        status = mpr_view_new(profile, &shown, &view, err);
    if (status == 0)
        status = mpr_report(mpr_format_by_name("json"), view, &how, &sink, err);
    mpr_view_free(view);
    mpr_profile_free(profile);
    char *text = status == 0 ? mpr_buf_steal(&sink.out) : NULL;
    mpr_sink_release(&sink);
    return text;
}

/* JSON, for recorder_free; on failure NULL, and a line on stderr. */
char *recorder_report(int fd)
{
    struct mpr_rec_reader *reader = NULL;
    struct mpr_error err = {""};
    char *text = NULL, *cwd = getcwd(NULL, 0);
    if (mpr_rec_open(fd, &reader, &err) == 0)
        text = report(reader, cwd, &err);
    if (!text)
        fprintf(stderr, "recorder: %s\n", err.message);
    mpr_rec_close(reader);
    free(cwd);
    return text;
}

void recorder_free(char *text)
{
    free(text);
}

/* --- what a session must leave as it was --- */

static const char *const watched[] = {"malloc", "calloc", "realloc", "free", "posix_memalign",
    "memalign", "aligned_alloc", "mmap", "mmap64", "munmap", "mremap", "madvise", "read", "pread64",
    "close", "dup2", "fork", "pthread_create", "dlopen"};

static bool is_watched(const char *name)
{
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        if (strcmp(name, watched[i]) == 0)
            return true;
    return false;
}

static const void *absolute(const struct dl_phdr_info *info, ElfW(Addr) address)
{
    return (const void *)(address < info->dlpi_addr ? info->dlpi_addr + address : address);
}

static int hash_slots(struct dl_phdr_info *info, size_t size, void *data)
{
    const ElfW(Dyn) *entry = NULL;
    const ElfW(Sym) *symbols = NULL;
    const ElfW(Rela) * tables[2] = {NULL, NULL};
    const char *names = NULL;
    size_t counts[2] = {0, 0};
    uint64_t *hash = data;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            entry = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    for (; entry && entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_SYMTAB)
            symbols = absolute(info, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_STRTAB)
            names = absolute(info, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_RELA || entry->d_tag == DT_JMPREL)
            tables[entry->d_tag == DT_JMPREL] = absolute(info, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_RELASZ || entry->d_tag == DT_PLTRELSZ)
            counts[entry->d_tag == DT_PLTRELSZ] = entry->d_un.d_val / sizeof(ElfW(Rela));
    }
    for (int t = 0; t < 2 && symbols && names; t++) {
        for (size_t i = 0; tables[t] && i < counts[t]; i++) {
            const ElfW(Rela) *at = &tables[t][i];
            if (is_watched(names + symbols[ELF64_R_SYM(at->r_info)].st_name))
                *hash = (*hash ^ *(uint64_t *)(info->dlpi_addr + at->r_offset)) * 0x100000001b3ULL;
        }
    }
    return 0;
}

EXPORT uint64_t recorder_slots(void);

/* A number for the contents of the slots by which loaded objects call what mprun stands in front
 * of. */
uint64_t recorder_slots(void)
{
    uint64_t hash = 0;
    dl_iterate_phdr(hash_slots, &hash);
    return hash;
}

EXPORT void *recorder_malloc(size_t size);

/* As a library of C's does it, not Python. */
void *recorder_malloc(size_t size)
{
    return malloc(size);
}

EXPORT void recorder_busy(unsigned rounds);

/* For threads without the GIL: blocks that come, grow and go, some of them held over. */
void recorder_busy(unsigned rounds)
{
    void *held[64] = {NULL};
    for (unsigned i = 0; i < rounds; i++) {
        void **place = &held[i * 7 % 64];
        void *more = realloc(*place, i % 3000 + 1);
        if (more)
            *place = more;
        if (i % 5 == 0) {
            free(*place);
            *place = calloc(1, i % 500 + 1);
        }
    }
    for (size_t i = 0; i < 64; i++)
        free(held[i]);
}
