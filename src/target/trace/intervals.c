/* SPDX-License-Identifier: MIT */
/* Keeps the longest of all stretches that end (see mprun/recording_intervals.h). Hot: usually one
 * comparison and a count, or a copy of 48 bytes; a pass over all of them, which sixteen thousand
 * have to be longer than half of those before, takes a tenth of a millisecond. No allocation but
 * when a piece is full. */
#include "intervals.h"

#include <string.h>

#include "mprun/probe.h"
#include "mprun/recording_writer.h"

#define PIECES (MPR_REC_INTERVALS_MAX / MPR_REC_INTERVALS_EACH)

static struct {
    struct mpr_rec_intervals *piece[PIECES];
    uint32_t pieces;
    bool no_more;   /* pieces: the recording is full */
    uint64_t limit; /* what lasts less is left out */
} room;

static struct mpr_rec_interval *interval_at(uint32_t index)
{
    return &room.piece[index / MPR_REC_INTERVALS_EACH]->interval[index % MPR_REC_INTERVALS_EACH];
}

static uint64_t lasted(const struct mpr_rec_interval *interval)
{
    return interval->end > interval->begin ? interval->end - interval->begin : 0;
}

static void publish(struct mpr_rec_kept *kept, uint32_t from, uint32_t to)
{
    __atomic_store_n(&kept->window, mpr_rec_window(from, to), __ATOMIC_RELEASE);
}

/* --- a pass --- */

/* How many last as long as `prefix` says above the lowest `shift` + 8 bits, by the next 8. */
static void count_bytes(uint32_t count, uint64_t prefix, unsigned shift, uint32_t counts[256])
{
    memset(counts, 0, 256 * sizeof *counts);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t length = lasted(interval_at(i));
        if (shift == 56 || length >> (shift + 8) == prefix >> (shift + 8))
            counts[length >> shift & 0xff]++;
    }
}

/* The length of the one that `rank` others are longer than, or as long: a byte of it each time,
 * from the highest. Sets *ret_equal to how many of those as long are among the rank longest. */
static uint64_t select_length(uint32_t count, uint32_t rank, uint32_t *ret_equal)
{
    uint32_t counts[256];
    uint64_t length = 0;
    for (unsigned shift = 64; shift > 0;) {
        unsigned byte = 255;
        shift -= 8;
        count_bytes(count, length, shift, counts);
        while (byte > 0 && counts[byte] < rank)
            rank -= counts[byte--];
        length |= (uint64_t)byte << shift;
    }
    *ret_equal = rank;
    return length;
}

/* The longer half stays, in its order. */
static uint32_t keep_half(struct mpr_rec_kept *kept, uint32_t count)
{
    uint32_t equal, to = 0;
    uint64_t least = select_length(count, count / 2, &equal);
    room.limit = least + (least < UINT64_MAX);
    kept->least = least;
    kept->passes++;
    publish(kept, 0, 0);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t length = lasted(interval_at(i));
        bool stays = length > least || (length == least && equal > 0);
        equal -= stays && length == least;
        if (stays)
            *interval_at(to++) = *interval_at(i);
        else
            kept->left_out++;
        publish(kept, i + 1, to);
    }
    publish(kept, MPR_REC_NO_PASS, to);
    return to;
}

/* --- one more --- */

static bool add_piece(void)
{
    struct mpr_rec_intervals *piece;
    if (room.no_more || room.pieces == PIECES)
        return false;
    piece = mpr_rec_append(mpr_probe->writer, MPR_KIND_INTERVALS, sizeof *piece);
    room.no_more = !piece;
    if (!piece)
        return false;
    mpr_rec_publish(mpr_probe->writer);
    room.piece[room.pieces++] = piece;
    return true;
}

void mpr_interval_add(const struct mpr_rec_interval *interval)
{
    struct mpr_rec_kept *kept = &mpr_probe->header->kept;
    uint32_t count = (uint32_t)kept->window;
    if (__builtin_expect(lasted(interval) >= room.limit, 0) &&
        count == room.pieces * MPR_REC_INTERVALS_EACH && !add_piece() && count > 0)
        count = keep_half(kept, count);
    if (lasted(interval) < room.limit || room.pieces == 0) {
        kept->left_out++;
        return;
    }
    *interval_at(count) = *interval;
    publish(kept, MPR_REC_NO_PASS, count + 1);
}

void mpr_intervals_move(uint64_t from, uint64_t to)
{
    uint32_t count = (uint32_t)mpr_probe->header->kept.window;
    for (uint32_t i = 0; i < count; i++)
        if (interval_at(i)->function == from)
            interval_at(i)->function = to;
}

void mpr_intervals_stop(void)
{
    memset(&room, 0, sizeof room);
}
