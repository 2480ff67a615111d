/* SPDX-License-Identifier: MIT */
/* The views of a store: questions that people ask, by sqlite3 or another reader. mprun itself reads
 * none of them. */
#include "schema.h"

#define HOT_ROWS                                                                                   \
    "CREATE VIEW hot_rows AS SELECT f.file, r.line, f.qualname AS function, r.source, r.hits,"     \
    " r.rss_delta, r.heap_delta, r.spike, r.live_at_peak, r.live_at_end, r.time_ns"                \
    " FROM row AS r JOIN function AS f ON f.id = r.function WHERE r.measured"                      \
    " ORDER BY max(abs(coalesce(r.heap_delta, 0)), abs(coalesce(r.rss_delta, 0)),"                 \
    " coalesce(r.spike, 0)) DESC, r.id"

#define SITES                                                                                      \
    " s.line, p.qualname AS function, p.package, s.domain"                                         \
    " FROM site AS s JOIN place AS p ON p.id = s.place"

#define LEAKS                                                                                      \
    "CREATE VIEW leaks AS SELECT s.live_at_end, s.blocks_at_end, s.birth_ns, p.file," SITES        \
    " WHERE s.live_at_end > 0 AND NOT s.before ORDER BY s.live_at_end DESC, s.id"

#define PEAK                                                                                       \
    "CREATE VIEW peak AS SELECT s.live_at_peak,"                                                   \
    " round(100.0 * s.live_at_peak / (SELECT max(all_peak) FROM process), 1) AS percent, "         \
    "p.file," SITES " WHERE s.live_at_peak > 0 ORDER BY s.live_at_peak DESC, s.id"

/* Parents stand before their children, so each path is made of one that is made already. */
#define STACKS                                                                                     \
    "CREATE VIEW stacks AS WITH RECURSIVE path(id, stack) AS"                                      \
    " (SELECT n.id, p.qualname || ':' || n.line FROM node AS n JOIN place AS p ON p.id = n.place"  \
    " WHERE n.parent IS NULL"                                                                      \
    " UNION ALL SELECT n.id, path.stack || ';' || p.qualname || ':' || n.line"                     \
    " FROM path JOIN node AS n ON n.parent = path.id JOIN place AS p ON p.id = n.place)"           \
    " SELECT path.stack, n.domain, n.allocated, n.allocations, n.live_at_peak, n.live_at_end,"     \
    " n.blocks_at_end FROM path JOIN node AS n ON n.id = path.id WHERE n.kind = 'site'"            \
    " ORDER BY n.live_at_peak DESC, n.id"

#define CALLS                                                                                      \
    "CREATE VIEW calls AS SELECT f.qualname AS function, f.file, i.thread, i.begin_ns,"            \
    " i.end_ns - i.begin_ns AS time_ns, i.rss_end - i.rss_begin AS rss_delta, i.open"              \
    " FROM interval AS i JOIN function AS f ON f.id = i.function ORDER BY time_ns DESC, i.id"

const char *const mpr_store_views[] = {HOT_ROWS, LEAKS, PEAK, STACKS, CALLS, NULL};
