/* SPDX-License-Identifier: MIT */
/* Keeps the longest of all stretches that end (see mprun/recording_intervals.h): a copy of 32 bytes
 * each. A pass over all of them takes a fraction of a millisecond; before the next one eight
 * thousand have to be longer than half of those before. No allocation but when a piece is full. */
#include "intervals.h"

#include <string.h>

#include "mprun/probe.h"
#include "mprun/recording_writer.h"

#define PIECES (MPR_REC_INTERVALS_MAX / MPR_REC_INTERVALS_EACH)

static struct {
    struct mpr_rec_intervals *piece[PIECES];
    uint32_t pieces;
    uint32_t count;                /* of all pieces together */
    struct mpr_rec_interval *next; /* of the last piece; at its end there is no room */
    struct mpr_rec_interval *end;
    bool no_more; /* pieces: the recording is full */
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

/* Above the highest byte that any has. */
static unsigned bits_of(uint32_t count)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < count; i++)
        any |= lasted(interval_at(i));
    return any ? (71 - (unsigned)__builtin_clzll(any)) / 8 * 8 : 8;
}

/* The length of the one that `rank` are longer than, or as long, itself included: a byte of it each
 * time, from the highest. Sets *ret_equal to how many of those as long are among the rank longest.
 */
static uint64_t select_length(uint32_t count, uint32_t rank, uint32_t *ret_equal)
{
    uint32_t counts[256];
    uint64_t length = 0;
    for (unsigned shift = bits_of(count); shift > 0;) {
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
static void keep_half(struct mpr_rec_kept *kept)
{
    uint32_t equal, to = 0;
    uint64_t least = select_length(room.count, room.count / 2, &equal);
    mpr_probe->trace.least_interval = least + (least < UINT64_MAX);
    kept->least = least;
    kept->passes++;
    publish(kept, 0, 0);
    for (uint32_t i = 0; i < room.count; i++) {
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
    room.count = to;
}

/* --- one more --- */

/* The first piece with room: the one that `count` ends in, or a new one. */
static bool find_piece(void)
{
    uint32_t at = room.count / MPR_REC_INTERVALS_EACH;
    if (at == room.pieces) {
        if (room.no_more || room.pieces == PIECES)
            return false;
        struct mpr_rec_intervals *piece =
            mpr_rec_append(mpr_probe->writer, MPR_KIND_INTERVALS, sizeof *piece);
        room.no_more = !piece;
        if (!piece)
            return false;
        mpr_rec_publish(mpr_probe->writer);
        room.piece[room.pieces++] = piece;
    }
    room.next = interval_at(room.count);
    room.end = room.piece[at]->interval + MPR_REC_INTERVALS_EACH;
    return true;
}

/* Is there a place for one that lasted so long? */
static __attribute__((noinline)) bool make_room(uint64_t length)
{
    struct mpr_rec_kept *kept = &mpr_probe->header->kept;
    if (find_piece())
        return true;
    if (room.count)
        keep_half(kept);
    if (length >= mpr_probe->trace.least_interval && find_piece())
        return true;
    kept->left_out++;
    return false;
}

void mpr_interval_add(const struct mpr_rec_activation *slot, struct mpr_sample now)
{
    if (room.next == room.end && !make_room((uint64_t)now.ticks - slot->entered))
        return;
    *room.next++ = (struct mpr_rec_interval){
        .begin = slot->entered,
        .end = (uint64_t)now.ticks,
        .rss_begin = mpr_rec_kib(slot->entered_rss),
        .rss_end = mpr_rec_kib(now.rss),
        .function = (uint32_t)(slot->function / 8),
        .thread = slot->thread,
    };
    publish(&mpr_probe->header->kept, MPR_REC_NO_PASS, ++room.count);
}

void mpr_intervals_move(uint64_t from, uint64_t to)
{
    for (uint32_t i = 0; i < room.count; i++)
        if (interval_at(i)->function == from / 8)
            interval_at(i)->function = (uint32_t)(to / 8);
}

void mpr_intervals_stop(void)
{
    memset(&room, 0, sizeof room);
    mpr_probe->trace.least_interval = 0;
}
