/* SPDX-License-Identifier: MIT */
/* Which stack a thread runs on where greenlets switch. Only those that wait with something open are
 * kept. Cost of a switch: nothing to speak of where nothing is open; else a sample, two look-ups,
 * and a close and an open for each activation. */
#include "greenlets.h"

#include "activation.h"
#include "mprun/rss.h"

#define FIRST_BUCKETS 16

static struct mpr_stack **bucket_of(const struct mpr_greenlets *waiting, const void *greenlet)
{
    uint64_t hash = ((uint64_t)(uintptr_t)greenlet >> 4) * UINT64_C(0x9E3779B97F4A7C15);
    return &waiting->bucket[(hash >> 32) & (waiting->bucket_count - 1)];
}

static void link_in(struct mpr_greenlets *waiting, struct mpr_stack *stack)
{
    struct mpr_stack **head = bucket_of(waiting, stack->greenlet);
    stack->next = *head;
    *head = stack;
}

/* The old buckets stay behind: doubling bounds the waste by what is in use. */
static bool grow(struct mpr_greenlets *waiting)
{
    struct mpr_greenlets old = *waiting;
    uint32_t count = old.bucket_count ? old.bucket_count * 2 : FIRST_BUCKETS;
    struct mpr_stack **bucket = mpr_probe_alloc(count * sizeof *bucket);
    if (!bucket)
        return old.bucket_count > 0;
    waiting->bucket = bucket;
    waiting->bucket_count = count;
    for (uint32_t i = 0; i < old.bucket_count; i++) {
        for (struct mpr_stack *stack = old.bucket[i], *next; stack; stack = next) {
            next = stack->next;
            link_in(waiting, stack);
        }
    }
    return true;
}

static bool keep(struct mpr_greenlets *waiting, struct mpr_stack *stack, const void *greenlet)
{
    if (waiting->count >= waiting->bucket_count && !grow(waiting))
        return false;
    stack->greenlet = greenlet;
    link_in(waiting, stack);
    waiting->count++;
    return true;
}

static struct mpr_stack *take(struct mpr_greenlets *waiting, const void *greenlet)
{
    if (waiting->count == 0)
        return NULL;
    struct mpr_stack **at = bucket_of(waiting, greenlet);
    while (*at && (*at)->greenlet != greenlet)
        at = &(*at)->next;
    struct mpr_stack *stack = *at;
    if (stack) {
        *at = stack->next;
        waiting->count--;
    }
    return stack;
}

/* Nothing of it will run on: it is as new. */
static void empty(struct mpr_stack *stack, struct mpr_thread *thread)
{
    mpr_stack_gone(stack, thread);
    stack->traced = false;
}

void mpr_greenlets_switch(struct mpr_greenlets *waiting, const void *origin, bool ended,
    const void *target, struct mpr_thread *thread)
{
    struct mpr_stack *from = thread->stack, *to = take(waiting, target);
    if (ended)
        empty(from, thread);
    bool open = from->innermost || from->traced;
    if (!to && !open)
        return; /* one empty stack is as good as another */
    struct mpr_sample now = mpr_rss_sample(thread);
    mpr_stack_leave(thread, now);
    if (open && !keep(waiting, from, origin)) {
        mpr_probe->header->counts.dropped++;
        empty(from, thread);
        open = false;
    }
    if (!to)
        to = open ? mpr_stack_new() : from;
    else if (!open)
        mpr_stack_release(from);
    mpr_stack_enter(to, thread, now);
}

void mpr_greenlets_gone(struct mpr_greenlets *waiting)
{
    for (uint32_t i = 0; i < waiting->bucket_count; i++) {
        for (struct mpr_stack *stack = waiting->bucket[i], *next; stack; stack = next) {
            next = stack->next;
            mpr_stack_release(stack);
        }
        waiting->bucket[i] = NULL;
    }
    waiting->count = 0;
}
