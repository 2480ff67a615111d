/* SPDX-License-Identifier: MIT */
/* What the steps of mpr_profile_build share. */
#ifndef MPRUN_READING_BUILDER_H
#define MPRUN_READING_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/number.h"
#include "mprun/reading.h"
#include "mprun/source.h"

/* More rows than a full recording can hold; bounds what candidates add from files. */
#define MPR_MAX_ROWS ((size_t)8 << 20)
/* Source text together: the file that reaches it is the last one. */
#define MPR_MAX_TEXT ((size_t)512 << 20)

/* A record that stands for a function: FUNCTION or CANDIDATE. Borrowed from the recording. */
struct mpr_named {
    const struct mpr_rec_head *head;
    const struct mpr_rec_identity *id;
    uint64_t offset; /* of the record */
    bool listed;     /* it has a place in profile->functions */
    size_t function; /* that place */
};

/* candidates.c: do both stand for the same code: file, qualified name and first line? */
bool mpr_named_same(const struct mpr_named *a, const struct mpr_named *b);

/* A growing array of them, in the order of the recording. */
struct mpr_named_list {
    struct mpr_named *item;
    size_t count;
    size_t capacity;
};

struct mpr_builder {
    const struct mpr_rec_reader *reader;
    const struct mpr_rec_header *header;
    const struct mpr_run *run;
    struct mpr_profile *profile;
    struct mpr_profile_process *process; /* the one that the recording is of */
    struct mpr_sources *sources;
    struct mpr_named_list functions;  /* FUNCTION records */
    struct mpr_named_list candidates; /* CANDIDATE records */
    const struct mpr_rec_pattern **patterns;
    size_t pattern_count;
    size_t pattern_capacity;
    const struct mpr_rec_slots **slots;
    size_t slots_count;
    size_t slots_capacity;
    const struct mpr_rec_place **places;
    size_t place_count;
    size_t place_capacity;
    const struct mpr_rec_sites **sites;
    size_t sites_count;
    size_t sites_capacity;
    const struct mpr_rec_nodes **nodes;
    size_t nodes_count;
    size_t nodes_capacity;
    const struct mpr_rec_source **texts;
    size_t texts_count;
    size_t texts_capacity;
    const struct mpr_rec_thread **threads;
    size_t threads_count;
    size_t threads_capacity;
    const struct mpr_rec_undecorated **undecorated;
    size_t undecorated_count;
    size_t undecorated_capacity;
    const struct mpr_rec_label **labels; /* by number, from 0 */
    size_t labels_count;
    size_t labels_capacity;
    const struct mpr_rec_mark **marks;
    size_t marks_count;
    size_t marks_capacity;
    const struct mpr_rec_snapshot **snapshots;
    size_t snapshots_count;
    size_t snapshots_capacity;
    const struct mpr_rec_section **sections;
    size_t sections_count;
    size_t sections_capacity;
    int64_t *section_live; /* by number of the label, from 1: at the end; NULL: not known */
    const struct mpr_rec_intervals **intervals;
    size_t intervals_count;
    size_t intervals_capacity;
    uint32_t *node_index; /* of recorded nodes by their numbers, in profile->nodes, or what is
                             around them; NULL: there are none */
    size_t node_numbers;
    const struct mpr_named **origin; /* the record of each function, in profile->functions' order */
    size_t function_capacity;
    size_t row_total;
    size_t *shown;     /* by number of a loaded source: its index in profile->sources */
    size_t text_size;  /* bytes of source in the profile */
    bool text_limit;   /* some rows got no source: too much of it */
    bool notes_failed; /* no memory for one */
    enum mpr_detail detail;
    bool rss_off;
    bool heap_off;
    bool in_order; /* the interpreter was finalised: header.rss.end is set */
    bool damaged;
    bool cut;          /* the reader sees only the beginning of it */
    bool peak_reached; /* a sample or a line saw (nearly) the peak */
    struct mpr_rec_pace pace;
    int64_t start_mono_ns; /* the target's start on CLOCK_MONOTONIC */
};

/* collect.c: records into the lists; every FUNCTION into profile->functions. */
int mpr_build_collect(struct mpr_builder *b, struct mpr_error *err);
/* Index in profile->functions of the record at that offset; MPR_NONE if there is none or it is not
 * listed. */
size_t mpr_build_listed(const struct mpr_builder *b, uint64_t offset);
/* candidates.c: candidates that are selected and that never started, as functions without rows. */
int mpr_build_candidates(struct mpr_builder *b, struct mpr_error *err);
/* function.c: append a function for that record. */
int mpr_build_add_function(struct mpr_builder *b, struct mpr_named *named, uint64_t calls,
    size_t row_count, struct mpr_error *err);
/* The row of a line, NULL if it has none. */
struct mpr_profile_row *mpr_build_row(const struct mpr_profile_function *function, uint32_t line);
/* open.c: RSS at the end; charge the rows that were open then. */
int mpr_build_open(struct mpr_builder *b, struct mpr_error *err);
/* intervals.c: when calls ran, once it is known how RSS ended. */
int mpr_build_intervals(struct mpr_builder *b, struct mpr_error *err);
/* lines.c: source text of the rows. */
int mpr_build_lines(struct mpr_builder *b, struct mpr_error *err);
/* nearest.c: patterns that matched nothing. */
int mpr_build_unmatched(struct mpr_builder *b, struct mpr_error *err);
/* facts.c: header and run into the process; then totals and the peak. */
int mpr_build_facts(struct mpr_builder *b, struct mpr_error *err);
void mpr_build_totals(struct mpr_builder *b);
void mpr_build_peak(struct mpr_builder *b);
/* samples.c: the timeline, of functions that are there already. */
int mpr_build_timeline(struct mpr_builder *b, struct mpr_error *err);
/* The newest sample that saw memory; false if there is none. */
bool mpr_build_last_sample(
    const struct mpr_timeline *timeline, uint64_t *ret_t_ns, int64_t *ret_rss);
/* places.c: places, of functions that are there already; the index of a recorded one. */
int mpr_build_places(struct mpr_builder *b, struct mpr_error *err);
size_t mpr_build_place(const struct mpr_builder *b, uint32_t recorded);
/* Nodes and sites of the recording by their numbers. Borrowed. */
struct mpr_tree {
    const struct mpr_rec_node **node; /* entry 0 is nobody's */
    size_t count;                     /* numbers below */
    const struct mpr_rec_site **site;
    size_t site_count;
};
/* nodes.c: the call tree, of places that are there already. */
int mpr_build_nodes(struct mpr_builder *b, const struct mpr_tree *tree, struct mpr_error *err);
/* heap.c: nodes and sites into rows and sums. */
int mpr_build_heap(struct mpr_builder *b, struct mpr_error *err);
/* heap_sites.c: the sites as the profile lists them. `sum` holds a value for each recorded site, in
 * their order. */
struct mpr_site_sum {
    int64_t allocated, allocations, at_peak, at_end, blocks_at_end;
    uint64_t birth; /* ticks; 0: nothing is live */
};
int mpr_build_sites(struct mpr_builder *b, const struct mpr_tree *tree,
    const struct mpr_site_sum *sum, struct mpr_error *err);
enum mpr_domain mpr_build_domain(uint32_t recorded);
/* heap_totals.c: a node's bytes when the heap was highest, and, with its blocks, at the end. */
int64_t mpr_node_at_peak(const struct mpr_builder *b, const struct mpr_rec_node *node);
int64_t mpr_node_at_end(const struct mpr_builder *b, const struct mpr_rec_node *node);
uint64_t mpr_node_blocks_at_end(const struct mpr_builder *b, const struct mpr_rec_node *node);
/* … a site's figures into the whole program's, and then what follows from them; or all of it from
 * the nodes, without memory for each site. */
void mpr_heap_add_site(
    struct mpr_builder *b, const struct mpr_rec_site *recorded, const struct mpr_site_sum *sum);
void mpr_heap_set_sums(struct mpr_builder *b);
void mpr_heap_totals(struct mpr_builder *b);
/* marks.c: what the program has named, of nodes that are there already. */
int mpr_build_marks(struct mpr_builder *b, struct mpr_error *err);
/* A tick since the process's start; 0 of one before it. */
int64_t mpr_build_since_start(const struct mpr_builder *b, uint64_t tick);
/* notes.c */
int mpr_build_notes(struct mpr_builder *b, struct mpr_error *err);

/* Bytes as a fresh, valid UTF-8 string; NULL on failed allocation. */
char *mpr_build_text(const char *bytes, size_t len);
/* A code object's file name as a path: relative names start at cwd. Fresh; NULL if no memory. */
char *mpr_build_path(const char *cwd, const char *file);
int mpr_build_nomem(struct mpr_error *err);

/* Of ticks; 0 of more than there can be. A hostile recording may hold any number, so sums are made
 * by mpr_add and mpr_subtract. */
int64_t mpr_build_ns(const struct mpr_builder *b, int64_t ticks);
/* The moment of a tick on CLOCK_MONOTONIC, which stands still while the machine sleeps. Where ticks
 * go on then, one that comes out after the end was after the sleep; of those before, no more is
 * known. */
int64_t mpr_build_mono(const struct mpr_builder *b, uint64_t tick);

#endif
