/* SPDX-License-Identifier: MIT */
/* Are two models equal? Field by field; what borrows is held against its own model's owner. */
#ifndef MPRUN_TESTS_SAME_MODEL_H
#define MPRUN_TESTS_SAME_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/profile.h"

/* A struct that has grown has a field that is not compared here. */
_Static_assert(sizeof(struct mpr_profile_row) == 120, "row");
_Static_assert(sizeof(struct mpr_profile_function) == 136, "function");
_Static_assert(sizeof(struct mpr_profile_source) == 48, "source");
_Static_assert(sizeof(struct mpr_profile_place) == 48, "place");
_Static_assert(sizeof(struct mpr_profile_site) == 104, "site");
_Static_assert(sizeof(struct mpr_profile_node) == 64, "node");
_Static_assert(sizeof(struct mpr_profile_open) == 24, "open");
_Static_assert(sizeof(struct mpr_profile_holder) == 32, "holder");
_Static_assert(sizeof(struct mpr_profile_bucket) == 48, "bucket");
_Static_assert(sizeof(struct mpr_profile_reconciliation) == 88, "reconciliation");
_Static_assert(sizeof(struct mpr_profile_heap) == 320, "heap");
_Static_assert(sizeof(struct mpr_profile_process) == 600, "process");
_Static_assert(sizeof(struct mpr_profile_interval) == 56, "interval");
_Static_assert(sizeof(struct mpr_profile_unmatched) == 40, "unmatched");
_Static_assert(sizeof(struct mpr_profile_tree) == 112, "tree");
_Static_assert(sizeof(struct mpr_profile_mark) == 96, "mark");
_Static_assert(sizeof(struct mpr_profile_held) == 24, "held");
_Static_assert(sizeof(struct mpr_profile_section) == 64, "section");
_Static_assert(sizeof(struct mpr_profile) == 304, "profile");

#define SAME(field)                                                                                \
    do {                                                                                           \
        if (a->field != b->field)                                                                  \
            fail_msg("%s %zu: %s differs", array, index, #field);                                  \
    } while (0)
#define SAME_TEXT(field)                                                                           \
    do {                                                                                           \
        if (!a->field != !b->field || (a->field && strcmp(a->field, b->field) != 0))               \
            fail_msg("%s %zu: %s: '%s' and '%s'", array, index, #field,                            \
                a->field ? a->field : "NULL", b->field ? b->field : "NULL");                       \
    } while (0)
/* Each element of two arrays of the same length. */
#define SAME_ALL(field, number, same)                                                              \
    do {                                                                                           \
        SAME(number);                                                                              \
        for (size_t i = 0; i < a->number; i++)                                                     \
            same(#field, i, &a->field[i], &b->field[i]);                                           \
    } while (0)

#define COMPARE(name, type)                                                                        \
    static inline void same_##name(                                                                \
        const char *array, size_t index, const struct type *a, const struct type *b)

COMPARE(row, mpr_profile_row)
{
    SAME(line);
    SAME_TEXT(source);
    SAME(measured);
    SAME(ended_here);
    SAME(hits);
    SAME(rss);
    SAME(rss_max);
    SAME(rss_delta);
    SAME(time_ns);
    SAME(heap_allocated);
    SAME(heap_freed);
    SAME(heap_delta);
    SAME(allocations);
    SAME(spike);
    SAME(live_at_peak);
    SAME(live_at_end);
}

COMPARE(function, mpr_profile_function)
{
    SAME_TEXT(file);
    SAME_TEXT(name);
    SAME_TEXT(qualname);
    SAME_TEXT(module);
    SAME_TEXT(selected_by);
    SAME_TEXT(source_problem);
    SAME(source);
    SAME(first_line);
    SAME(last_line);
    SAME(calls);
    SAME(time_ns);
    SAME(rss_entry);
    SAME(rss_delta);
    SAME(heap_delta);
    SAME(spike);
    SAME(freed_on_return);
    SAME_ALL(rows, row_count, same_row);
}

COMPARE(source, mpr_profile_source)
{
    SAME_TEXT(file);
    SAME_TEXT(problem);
    SAME(line_count);
    SAME(changed);
    SAME(made);
    if (!a->text || !b->text) {
        assert_true(!a->text && !b->text);
        return;
    }
    for (size_t i = 0; i <= a->line_count; i++)
        SAME(start[i]);
    assert_memory_equal(a->text, b->text, a->start[a->line_count]);
}

COMPARE(place, mpr_profile_place)
{
    SAME(kind);
    SAME(origin);
    SAME_TEXT(file);
    SAME_TEXT(qualname);
    SAME_TEXT(package);
    SAME(first_line);
    SAME(last_line);
    SAME(function);
}

COMPARE(site, mpr_profile_site)
{
    SAME(place);
    SAME_TEXT(file);
    SAME_TEXT(function);
    SAME_TEXT(package);
    SAME(line);
    SAME(domain);
    SAME(before);
    SAME(allocated);
    SAME(allocations);
    SAME(live_at_peak);
    SAME(live_at_end);
    SAME(blocks_at_end);
    SAME(peak);
    SAME(birth_ns);
}

COMPARE(node, mpr_profile_node)
{
    SAME(parent);
    SAME(place);
    SAME(line);
    SAME(kind);
    SAME(domain);
    SAME(allocated);
    SAME(freed);
    SAME(allocations);
    SAME(live_at_peak);
    SAME(live_at_end);
    SAME(blocks_at_end);
}

COMPARE(open, mpr_profile_open)
{
    SAME(thread);
    SAME(function);
    SAME(line);
}

COMPARE(holder, mpr_profile_holder)
{
    SAME(function);
    SAME(line);
    SAME_TEXT(name);
    SAME(live_at_peak);
}

COMPARE(bucket, mpr_profile_bucket)
{
    SAME(t_ns);
    SAME(rss_min);
    SAME(rss_max);
    SAME(heap_max);
    SAME(max_function);
    SAME(max_line);
    SAME(samples);
}

COMPARE(sum, mpr_profile_sum)
{
    SAME(allocated);
    SAME(freed);
    SAME(allocations);
    SAME(peak);
    SAME(end);
}

COMPARE(reconciliation, mpr_profile_reconciliation)
{
    SAME(valid);
    SAME(malloc_known);
    SAME(rss);
    SAME(python);
    SAME(native);
    SAME(untouched);
    SAME(interpreter);
    SAME(files);
    SAME(shared);
    SAME(slack_python);
    SAME(slack_malloc);
    SAME(arenas);
}

COMPARE(heap, mpr_profile_heap)
{
    SAME(tracked);
    same_sum("heap.all", index, &a->all, &b->all);
    same_sum("heap.python", index, &a->python, &b->python);
    same_sum("heap.native", index, &a->native, &b->native);
    SAME(before);
    same_holder("heap.at", index, &a->at, &b->at);
    SAME_ALL(holders, holder_count, same_holder);
    same_reconciliation("heap.rss", index, &a->rss, &b->rss);
    SAME(unexplained);
    SAME_TEXT(allocator);
    SAME(reserved);
    SAME(files);
    SAME(shared);
    SAME(after_collection);
}

COMPARE(interval, mpr_profile_interval)
{
    SAME(function);
    SAME(thread);
    SAME(begin_ns);
    SAME(end_ns);
    SAME(rss_begin);
    SAME(rss_end);
    SAME(open);
}

COMPARE(process, mpr_profile_process)
{
    SAME(pid);
    SAME(parent);
    for (size_t i = 0; a->command[i] || b->command[i]; i++)
        SAME_TEXT(command[i]);
    SAME_TEXT(python);
    SAME_TEXT(interpreter);
    SAME(container);
    SAME(begin);
    SAME(end);
    SAME(started.tv_sec);
    SAME(started.tv_nsec);
    SAME(duration_ns);
    SAME(exit_status);
    SAME(exit_signal);
    SAME(dropped);
    SAME(children);
    SAME(engine);
    SAME(tier);
    SAME(rss_resolution);
    SAME(rss_start);
    SAME(rss_peak);
    SAME(rss_end);
    SAME(rss_own);
    SAME(peak_function);
    SAME(peak_line);
    SAME(events);
    SAME(statm_reads);
    SAME(checked);
    SAME(check_changes);
    SAME(check_missed);
    SAME(statm_failed);
    SAME_ALL(open, open_count, same_open);
    same_heap("heap", index, &a->heap, &b->heap);
    SAME_ALL(timeline.bucket, timeline.count, same_bucket);
    SAME_ALL(intervals.interval, intervals.count, same_interval);
    SAME(intervals.least_ns);
    SAME(intervals.left_out);
}

COMPARE(tree, mpr_profile_tree)
{
    SAME_ALL(rss.bucket, rss.count, same_bucket);
    SAME_ALL(pss.bucket, pss.count, same_bucket);
    SAME(rss_peak);
    SAME(pss_peak);
    SAME(rss_peak_ns);
    SAME(pss_peak_ns);
    SAME(samples);
    SAME(pss_samples);
    SAME(found);
    SAME(at_once);
    SAME(at_peak);
    SAME(interval_ns);
}

COMPARE(mark, mpr_profile_mark)
{
    SAME(process);
    SAME_TEXT(name);
    SAME(t_ns);
    SAME(heap);
    SAME(python);
    SAME(native);
    SAME(heap_peak);
    SAME(rss);
    SAME(rss_peak);
    SAME(snapshot);
    SAME(held);
    SAME(held_count);
}

COMPARE(held, mpr_profile_held)
{
    SAME(node);
    SAME(bytes);
    SAME(blocks);
}

COMPARE(section, mpr_profile_section)
{
    SAME(process);
    SAME_TEXT(name);
    SAME(calls);
    SAME(time_ns);
    SAME(heap_delta);
    SAME(rss_delta);
    SAME(spike);
    SAME(live_at_end);
}

COMPARE(unmatched, mpr_profile_unmatched)
{
    SAME_TEXT(pattern);
    for (size_t i = 0; i < 3; i++)
        SAME_TEXT(nearest[i]);
    SAME(none_near);
    SAME(scoped);
}

/* Fails the test at the first field that differs. */
static inline void same_model(const struct mpr_profile *a, const struct mpr_profile *b)
{
    const char *array = "profile";
    size_t index = 0;
    SAME(kind);
    SAME(detail);
    SAME_TEXT(cwd);
    same_tree("tree", 0, &a->tree, &b->tree);
    SAME_ALL(process, process_count, same_process);
    SAME_ALL(sources, source_count, same_source);
    SAME_ALL(functions, function_count, same_function);
    SAME_ALL(places, place_count, same_place);
    SAME_ALL(sites, site_count, same_site);
    SAME_ALL(nodes, node_count, same_node);
    SAME_ALL(marks, mark_count, same_mark);
    SAME_ALL(held, held_count, same_held);
    SAME_ALL(sections, section_count, same_section);
    SAME_ALL(unmatched, unmatched_count, same_unmatched);
    SAME(note_count);
    for (size_t i = 0; i < a->note_count; i++)
        SAME_TEXT(notes[i]);
    assert_true(!a->notes[a->note_count] && !b->notes[b->note_count]);
}

#undef COMPARE
#undef SAME_ALL
#undef SAME_TEXT
#undef SAME

#endif
