/* SPDX-License-Identifier: MIT */
/* From a recording to the model, step by step. The recording may come from a target that died at
 * any instruction, or be hostile: nothing in it is trusted, everything is bounded by its size. */
#include <stdlib.h>

#include "builder.h"

static bool builder_init(struct mpr_builder *b, struct mpr_rec_reader *reader,
    const struct mpr_run *run, enum mpr_detail detail)
{
    const struct mpr_rec_header *header = mpr_rec_header(reader);
    *b = (struct mpr_builder){.reader = reader, .header = header, .run = run, .detail = detail};
    b->rss_off = header->rss.tier <= MPR_RSS_AUTO || header->rss.tier >= MPR_RSS_OFF;
    b->heap_off = !header->heap.tracked;
    b->in_order = header->rss.end != 0;
    b->pace = mpr_rec_pace(&header->clock, &run->end);
    b->start_mono_ns = (int64_t)run->start_ns;
    b->profile = mpr_profile_new();
    b->sources = mpr_sources_new(run->cwd, run->code, run->started);
    if (!b->profile || !b->sources)
        return false;
    b->profile->detail = detail;
    b->process = &b->profile->process[0];
    return true;
}

static void builder_release(struct mpr_builder *b)
{
    mpr_profile_free(b->profile);
    mpr_sources_free(b->sources);
    free(b->functions.item);
    free(b->candidates.item);
    free(b->patterns);
    free(b->slots);
    free(b->places);
    free(b->sites);
    free(b->nodes);
    free(b->texts);
    free(b->threads);
    free(b->undecorated);
    free(b->labels);
    free(b->marks);
    free(b->snapshots);
    free(b->sections);
    free(b->section_live);
    free(b->intervals);
    free(b->node_index);
    free(b->origin);
    free(b->shown);
}

static int run_steps(struct mpr_builder *b, struct mpr_error *err)
{
    int status = mpr_build_facts(b, err);
    if (status == 0)
        status = mpr_build_collect(b, err);
    if (status == 0)
        status = mpr_build_candidates(b, err);
    if (status == 0)
        status = mpr_build_timeline(b, err);
    if (status == 0)
        status = mpr_build_open(b, err);
    if (status == 0)
        status = mpr_build_intervals(b, err);
    if (status == 0)
        status = mpr_build_lines(b, err);
    if (status == 0)
        status = mpr_build_unmatched(b, err);
    if (status < 0)
        return status;
    mpr_build_totals(b);
    mpr_build_peak(b);
    status = mpr_build_heap(b, err);
    if (status == 0)
        status = mpr_build_marks(b, err);
    return status == 0 ? mpr_build_notes(b, err) : status;
}

static int build_once(struct mpr_rec_reader *reader, const struct mpr_run *run,
    enum mpr_detail detail, struct mpr_profile **ret_profile, struct mpr_error *err)
{
    struct mpr_builder b;
    int status = 0;
    if (!builder_init(&b, reader, run, detail))
        status = mpr_build_nomem(err);
    else
        status = run_steps(&b, err);
    if (status == 0) {
        *ret_profile = b.profile;
        b.profile = NULL;
    }
    builder_release(&b);
    return status;
}

int mpr_profile_build(struct mpr_rec_reader *reader, const struct mpr_run *run,
    struct mpr_profile **ret_profile, struct mpr_error *err)
{
    enum mpr_detail detail = run->detail;
    int status = build_once(reader, run, detail, ret_profile, err);
    while (status == MPR_ERR_NOMEM && detail < MPR_DETAIL_NO_FUNCTIONS)
        status = build_once(reader, run, ++detail, ret_profile, err);
    return status;
}
