/* SPDX-License-Identifier: MIT */
/* The tables of a store. Once a version is released with them, a name or a word that is here stays
 * what it is: a change is a new schema. */
#include "schema.h"

#include "columns.h"
#include "mprun/profile.h"

/* clang-format off */
static const char *const details[] = {
    [MPR_DETAIL_ALL] = "all", [MPR_DETAIL_NO_NODES] = "no-nodes",
    [MPR_DETAIL_NO_SOURCE] = "no-source", [MPR_DETAIL_NO_SITES] = "no-sites",
    [MPR_DETAIL_NO_FUNCTIONS] = "no-functions", NULL};
const char *const mpr_store_domains[] = {
    [MPR_DOMAIN_PYTHON] = "python", [MPR_DOMAIN_NATIVE] = "native", [MPR_DOMAIN_MMAP] = "mmap",
    NULL};
const char *const mpr_store_containers[] = {
    [MPR_CONTAINER_INTERPRETER] = "interpreter", [MPR_CONTAINER_EMBEDDED] = "embedded",
    [MPR_CONTAINER_EXTENSION] = "extension", NULL};
const char *const mpr_store_tiers[] = {
    [MPR_TIER_FAULTS] = "faults", [MPR_TIER_USER_FAULTS] = "user-faults",
    [MPR_TIER_RUSAGE] = "rusage", [MPR_TIER_EVERY_LINE] = "every-line", [MPR_TIER_OFF] = "off",
    NULL};
const char *const mpr_store_engines[] = {
    [MPR_ENGINE_NONE] = "none", [MPR_ENGINE_SETTRACE] = "settrace",
    [MPR_ENGINE_MONITORING] = "monitoring", NULL};
static const char *const kinds[] = {
    [MPR_PROFILE_LINES] = "lines", [MPR_PROFILE_TREE] = "tree", NULL};
static const char *const begins[] = {
    [MPR_BEGIN_STARTED] = "started", [MPR_BEGIN_FOUND] = "found", NULL};
static const char *const ends[] = {
    [MPR_END_EXIT] = "exit", [MPR_END_SIGNAL] = "signal", [MPR_END_EXEC] = "exec",
    [MPR_END_UNSEEN] = "unseen", [MPR_END_NOT] = "not", NULL};
static const char *const place_kinds[] = {
    [MPR_AT_CODE] = "code", [MPR_AT_STARTUP] = "startup", [MPR_AT_INTERPRETER] = "interpreter",
    [MPR_AT_NATIVE_THREAD] = "native-thread", [MPR_AT_FOLDED] = "folded",
    [MPR_AT_UNKNOWN] = "unknown", NULL};
static const char *const origins[] = {
    [MPR_ORIGIN_USER] = "user", [MPR_ORIGIN_STDLIB] = "stdlib", [MPR_ORIGIN_PACKAGE] = "package",
    [MPR_ORIGIN_FROZEN] = "frozen", NULL};
static const char *const node_kinds[] = {[MPR_PATH_ROW] = "row", [MPR_PATH_SITE] = "site", NULL};
/* clang-format on */

/* A number without a word could not be saved. */
#define HAS_ALL(words, count) _Static_assert(sizeof(words) / sizeof *(words) == (count) + 1, #words)
HAS_ALL(details, MPR_DETAIL_NO_FUNCTIONS + 1);
HAS_ALL(mpr_store_domains, MPR_DOMAINS);
HAS_ALL(mpr_store_containers, MPR_CONTAINERS);
HAS_ALL(mpr_store_tiers, MPR_TIERS);
HAS_ALL(mpr_store_engines, MPR_ENGINES);
HAS_ALL(kinds, MPR_PROFILE_KINDS);
HAS_ALL(begins, MPR_BEGINS);
HAS_ALL(ends, MPR_ENDS);
HAS_ALL(place_kinds, MPR_AT_KINDS);
HAS_ALL(origins, MPR_ORIGINS);
HAS_ALL(node_kinds, MPR_PATH_KINDS);

#define STRUCT struct mpr_profile
static const struct mpr_store_column run_columns[] = {
    {.name = "mprun", .stored = MPR_STORED_VERSION},
    WORD(kind, kinds),
    WORD(detail, details),
    SAME(TEXT, cwd),
    FIELD(INT, "tree_rss_peak", tree.rss_peak),
    FIELD(COUNT, "tree_rss_peak_ns", tree.rss_peak_ns),
    FIELD(INT, "tree_pss_peak", tree.pss_peak),
    FIELD(COUNT, "tree_pss_peak_ns", tree.pss_peak_ns),
    FIELD(COUNT, "tree_samples", tree.samples),
    FIELD(COUNT, "tree_pss_samples", tree.pss_samples),
    FIELD(COUNT, "tree_found", tree.found),
    FIELD(COUNT, "tree_at_once", tree.at_once),
    FIELD(COUNT, "tree_at_peak", tree.at_peak),
    FIELD(COUNT, "tree_interval_ns", tree.interval_ns),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_process
#define SUM(name)                                                                                  \
    FIELD(INT, #name "_allocated", heap.name.allocated),                                           \
        FIELD(INT, #name "_freed", heap.name.freed),                                               \
        FIELD(INT, #name "_allocations", heap.name.allocations),                                   \
        FIELD(INT, #name "_peak", heap.name.peak), FIELD(INT, #name "_end", heap.name.end)
static const struct mpr_store_column process_columns[] = {
    SAME(COUNT, pid),
    SAME(INDEX, parent),
    SAME(TEXT, python),
    SAME(TEXT, interpreter),
    WORD(container, mpr_store_containers),
    WORD(begin, begins),
    WORD(end, ends),
    FIELD(INT, "started", started.tv_sec),
    FIELD(INT, "started_ns", started.tv_nsec),
    SAME(COUNT, duration_ns),
    SAME(INT, exit_status),
    SAME(INT, exit_signal),
    SAME(COUNT, dropped),
    SAME(COUNT, children),
    WORD(engine, mpr_store_engines),
    WORD(tier, mpr_store_tiers),
    SAME(INT, rss_resolution),
    SAME(INT, rss_start),
    SAME(INT, rss_peak),
    SAME(INT, rss_end),
    SAME(INT, rss_own),
    SAME(INDEX, peak_function),
    SAME(COUNT, peak_line),
    SAME(COUNT, events),
    SAME(COUNT, statm_reads),
    SAME(FLAG, checked),
    SAME(COUNT, check_changes),
    SAME(COUNT, check_missed),
    SAME(COUNT, statm_failed),
    FIELD(FLAG, "heap_tracked", heap.tracked),
    SUM(all),
    SUM(python),
    SUM(native),
    FIELD(INT, "heap_before", heap.before),
    FIELD(INDEX, "heap_peak_function", heap.at.function),
    FIELD(COUNT, "heap_peak_line", heap.at.line),
    FIELD(TEXT_OR_NULL, "heap_peak_name", heap.at.name),
    FIELD(INT, "heap_peak_live", heap.at.live_at_peak),
    FIELD(FLAG, "rss_reconciled", heap.rss.valid),
    FIELD(FLAG, "rss_malloc_known", heap.rss.malloc_known),
    FIELD(INT, "rss_reconciled_rss", heap.rss.rss),
    FIELD(INT, "rss_python", heap.rss.python),
    FIELD(INT, "rss_native", heap.rss.native),
    FIELD(INT, "rss_untouched", heap.rss.untouched),
    FIELD(INT, "rss_interpreter", heap.rss.interpreter),
    FIELD(INT, "rss_files", heap.rss.files),
    FIELD(INT, "rss_shared", heap.rss.shared),
    FIELD(INT, "rss_slack_python", heap.rss.slack_python),
    FIELD(INT, "rss_slack_malloc", heap.rss.slack_malloc),
    FIELD(COUNT, "rss_arenas", heap.rss.arenas),
    FIELD(INT, "rss_unexplained", heap.unexplained),
    FIELD(TEXT_OR_NULL, "allocator", heap.allocator),
    FIELD(INT, "maps_reserved", heap.reserved),
    FIELD(INT, "maps_files", heap.files),
    FIELD(INT, "maps_shared", heap.shared),
    FIELD(FLAG, "end_after_collection", heap.after_collection),
    FIELD(COUNT, "intervals_least_ns", intervals.least_ns),
    FIELD(COUNT, "intervals_left_out", intervals.left_out),
    {0},
};
#undef SUM
#undef STRUCT

static const struct mpr_store_column command_columns[] = {ITSELF("word"), {0}};

#define STRUCT struct mpr_profile_open
static const struct mpr_store_column open_columns[] = {
    SAME(COUNT, thread),
    SAME(INDEX, function),
    SAME(COUNT, line),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_holder
static const struct mpr_store_column holder_columns[] = {
    SAME(INDEX, function),
    SAME(COUNT, line),
    SAME(TEXT_OR_NULL, name),
    SAME(INT, live_at_peak),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_bucket
static const struct mpr_store_column timeline_columns[] = {
    SAME(COUNT, t_ns),
    SAME(INT, rss_min),
    SAME(INT, rss_max),
    SAME(INT, heap_max),
    SAME(INDEX, max_function),
    SAME(COUNT, max_line),
    SAME(COUNT, samples),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_interval
static const struct mpr_store_column interval_columns[] = {
    SAME(COUNT, function),
    SAME(COUNT, thread),
    SAME(COUNT, begin_ns),
    SAME(COUNT, end_ns),
    SAME(INT, rss_begin),
    SAME(INT, rss_end),
    SAME(FLAG, open),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_function
const struct mpr_store_column mpr_store_function_columns[] = {
    SAME(TEXT, file),
    SAME(TEXT, name),
    SAME(TEXT, qualname),
    SAME(TEXT, module),
    SAME(TEXT, selected_by),
    SAME(TEXT_OR_NULL, source_problem),
    SAME(INDEX, source),
    SAME(COUNT, first_line),
    SAME(COUNT, last_line),
    SAME(COUNT, calls),
    SAME(INT, time_ns),
    SAME(INT, rss_entry),
    SAME(INT, rss_delta),
    SAME(INT, heap_delta),
    SAME(INT, spike),
    SAME(INT, freed_on_return),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_row
const struct mpr_store_column mpr_store_row_columns[] = {
    SAME(COUNT, line),
    SAME(SHOWN, source),
    SAME(FLAG, measured),
    SAME(FLAG, ended_here),
    SAME(COUNT, hits),
    SAME(INT, rss),
    SAME(INT, rss_max),
    SAME(INT, rss_delta),
    SAME(INT, time_ns),
    SAME(INT, heap_allocated),
    SAME(INT, heap_freed),
    SAME(INT, heap_delta),
    SAME(INT, allocations),
    SAME(INT, spike),
    SAME(INT, live_at_peak),
    SAME(INT, live_at_end),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_source
static const struct mpr_store_column source_columns[] = {
    SAME(TEXT, file),
    SAME(TEXT_OR_NULL, problem),
    SAME(FLAG, changed),
    SAME(FLAG, made),
    {.name = "text", .stored = MPR_STORED_LINES},
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_place
static const struct mpr_store_column place_columns[] = {
    WORD(kind, place_kinds),
    WORD(origin, origins),
    SAME(TEXT_OR_NULL, file),
    SAME(TEXT, qualname),
    SAME(TEXT_OR_NULL, package),
    SAME(COUNT, first_line),
    SAME(COUNT, last_line),
    SAME(INDEX, function),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_site
static const struct mpr_store_column site_columns[] = {
    SAME(INDEX, place),
    SAME(COUNT, line),
    WORD(domain, mpr_store_domains),
    SAME(FLAG, before),
    SAME(INT, allocated),
    SAME(INT, allocations),
    SAME(INT, live_at_peak),
    SAME(INT, live_at_end),
    SAME(INT, blocks_at_end),
    SAME(INT, peak),
    SAME(INT, birth_ns),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_node
static const struct mpr_store_column node_columns[] = {
    SAME(INDEX, parent),
    WORD(kind, node_kinds),
    SAME(COUNT, place),
    SAME(COUNT, line),
    WORD(domain, mpr_store_domains),
    SAME(INT, allocated),
    SAME(INT, freed),
    SAME(INT, allocations),
    SAME(INT, live_at_peak),
    SAME(INT, live_at_end),
    SAME(INT, blocks_at_end),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_mark
static const struct mpr_store_column mark_columns[] = {
    SAME(COUNT, process),
    SAME(TEXT, name),
    SAME(COUNT, t_ns),
    SAME(INT, heap),
    SAME(INT, python),
    SAME(INT, native),
    SAME(INT, heap_peak),
    SAME(INT, rss),
    SAME(INT, rss_peak),
    SAME(FLAG, snapshot),
    SAME(COUNT, held),
    SAME(COUNT, held_count),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_held
static const struct mpr_store_column held_columns[] = {
    SAME(COUNT, node),
    SAME(INT, bytes),
    SAME(INT, blocks),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_section
static const struct mpr_store_column section_columns[] = {
    SAME(COUNT, process),
    SAME(TEXT, name),
    SAME(COUNT, calls),
    SAME(INT, time_ns),
    SAME(INT, heap_delta),
    SAME(INT, rss_delta),
    SAME(INT, spike),
    SAME(INT, live_at_end),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_unmatched
static const struct mpr_store_column unmatched_columns[] = {
    SAME(TEXT, pattern),
    FIELD(TEXT_OR_NULL, "nearest_1", nearest[0]),
    FIELD(TEXT_OR_NULL, "nearest_2", nearest[1]),
    FIELD(TEXT_OR_NULL, "nearest_3", nearest[2]),
    SAME(FLAG, none_near),
    SAME(FLAG, scoped),
    {0},
};
#undef STRUCT

static const struct mpr_store_column note_columns[] = {ITSELF("text"), {0}};

/* Where the array of an element type is in its parent. */
#define IN(of, pointer, number)                                                                    \
    .each = sizeof *((of *)0)->pointer, .array = offsetof(of, pointer),                            \
    .count = offsetof(of, number), .counted = true

static const struct mpr_store_table run = {
    .name = "run", .columns = run_columns, .each = sizeof(struct mpr_profile)};
static const struct mpr_store_table process = {
    .name = "process", .columns = process_columns, IN(struct mpr_profile, process, process_count)};
static const struct mpr_store_table command = {.name = "command",
    .columns = command_columns,
    .parent = &process,
    .each = sizeof(char *),
    .array = offsetof(struct mpr_profile_process, command),
    .terminated = true};
static const struct mpr_store_table open_rows = {.name = "open",
    .columns = open_columns,
    .parent = &process,
    .needless = true,
    IN(struct mpr_profile_process, open, open_count)};
static const struct mpr_store_table holder = {.name = "holder",
    .columns = holder_columns,
    .parent = &process,
    .needless = true,
    IN(struct mpr_profile_process, heap.holders, heap.holder_count)};
static const struct mpr_store_table timeline = {.name = "timeline",
    .columns = timeline_columns,
    .parent = &process,
    .needless = true,
    IN(struct mpr_profile_process, timeline.bucket, timeline.count)};
static const struct mpr_store_table interval = {.name = "interval",
    .columns = interval_columns,
    .parent = &process,
    .needless = true,
    IN(struct mpr_profile_process, intervals.interval, intervals.count)};
static const struct mpr_store_table tree_rss = {.name = "tree_rss",
    .columns = timeline_columns,
    .needless = true,
    IN(struct mpr_profile, tree.rss.bucket, tree.rss.count)};
static const struct mpr_store_table tree_pss = {.name = "tree_pss",
    .columns = timeline_columns,
    .needless = true,
    IN(struct mpr_profile, tree.pss.bucket, tree.pss.count)};
static const struct mpr_store_table source = {
    .name = "source", .columns = source_columns, IN(struct mpr_profile, sources, source_count)};
static const struct mpr_store_table function = {.name = "function",
    .columns = mpr_store_function_columns,
    IN(struct mpr_profile, functions, function_count)};
static const struct mpr_store_table row = {.name = "row",
    .columns = mpr_store_row_columns,
    .parent = &function,
    IN(struct mpr_profile_function, rows, row_count)};
static const struct mpr_store_table place = {
    .name = "place", .columns = place_columns, IN(struct mpr_profile, places, place_count)};
static const struct mpr_store_table site = {.name = "site",
    .columns = site_columns,
    .needless = true,
    IN(struct mpr_profile, sites, site_count)};
static const struct mpr_store_table node = {.name = "node",
    .columns = node_columns,
    .needless = true,
    IN(struct mpr_profile, nodes, node_count)};
static const struct mpr_store_table mark = {.name = "mark",
    .columns = mark_columns,
    .needless = true,
    IN(struct mpr_profile, marks, mark_count)};
static const struct mpr_store_table held = {.name = "held",
    .columns = held_columns,
    .needless = true,
    IN(struct mpr_profile, held, held_count)};
static const struct mpr_store_table section = {.name = "section",
    .columns = section_columns,
    .needless = true,
    IN(struct mpr_profile, sections, section_count)};
static const struct mpr_store_table unmatched = {.name = "unmatched",
    .columns = unmatched_columns,
    .needless = true,
    IN(struct mpr_profile, unmatched, unmatched_count)};
static const struct mpr_store_table note = {.name = "note",
    .columns = note_columns,
    .needless = true,
    .terminated = true,
    IN(struct mpr_profile, notes, note_count)};

const struct mpr_store_table *const mpr_store_tables[] = {&run, &process, &command, &open_rows,
    &holder, &timeline, &interval, &tree_rss, &tree_pss, &source, &function, &row, &place, &site,
    &node, &mark, &held, &section, &unmatched, &note, NULL};

/* --- as SQL --- */

static const char *type_of(enum mpr_stored stored)
{
    bool number = stored == MPR_STORED_INT || stored == MPR_STORED_COUNT ||
                  stored == MPR_STORED_INDEX || stored == MPR_STORED_FLAG;
    return number ? "INTEGER" : "TEXT";
}

void mpr_store_create_sql(const struct mpr_store_table *table, struct mpr_buf *out)
{
    mpr_buf_printf(out, "CREATE TABLE \"%s\"(id INTEGER PRIMARY KEY", table->name);
    if (table->parent)
        mpr_buf_printf(out, ", \"%s\" INTEGER", table->parent->name);
    for (const struct mpr_store_column *column = table->columns; column->name; column++)
        mpr_buf_printf(out, ", \"%s\" %s", column->name, type_of(column->stored));
    mpr_buf_putc(out, ')');
}

void mpr_store_insert_sql(const struct mpr_store_table *table, struct mpr_buf *out)
{
    mpr_buf_printf(out, "INSERT INTO \"%s\" VALUES (?%s", table->name, table->parent ? ", ?" : "");
    for (const struct mpr_store_column *column = table->columns; column->name; column++)
        mpr_buf_puts(out, ", ?");
    mpr_buf_putc(out, ')');
}

bool mpr_store_is_loaded(const struct mpr_store_column *column)
{
    return column->stored != MPR_STORED_SHOWN && column->stored != MPR_STORED_VERSION;
}

/* Whatever indices the file brings along are left alone: its rows are read as they stand. */
void mpr_store_select_sql(const struct mpr_store_table *table, struct mpr_buf *out)
{
    mpr_buf_puts(out, "SELECT id");
    if (table->parent)
        mpr_buf_printf(out, ", \"%s\"", table->parent->name);
    for (const struct mpr_store_column *column = table->columns; column->name; column++)
        if (mpr_store_is_loaded(column))
            mpr_buf_printf(out, ", \"%s\"", column->name);
    mpr_buf_printf(out, " FROM \"%s\" NOT INDEXED ORDER BY id", table->name);
}
