/* SPDX-License-Identifier: MIT */
/* Stacks of open activations: made under the GIL, released by threads that end without it, used
 * again for the next thread. Cold. */
#include "mprun/probe.h"

struct mpr_stack mpr_no_stack;
void (*mpr_stack_left)(struct mpr_stack *stack);

static struct mpr_stack *released; /* atomically */
static struct mpr_stack *empty;    /* under the GIL */

/* A thread's number may be given to the next one, so those that ended are emptied before that runs
 * anything. Whoever takes the list takes all of it: nothing is put back that another could take. */
static void collect(void)
{
    struct mpr_stack *stack = __atomic_exchange_n(&released, NULL, __ATOMIC_ACQUIRE);
    while (stack) {
        struct mpr_stack *next = stack->next;
        if ((stack->innermost || stack->leaving) && mpr_stack_left)
            mpr_stack_left(stack);
        stack->innermost = NULL;
        stack->traced = false;
        stack->leaving = NULL;
        stack->next = empty;
        empty = stack;
        stack = next;
    }
}

struct mpr_stack *mpr_stack_new(void)
{
    collect();
    struct mpr_stack *stack = empty;
    if (!stack) {
        stack = mpr_probe_alloc(sizeof *stack);
        return stack ? stack : &mpr_no_stack;
    }
    empty = stack->next;
    stack->next = NULL;
    return stack;
}

void mpr_stack_release(struct mpr_stack *stack)
{
    if (stack == &mpr_no_stack)
        return;
    stack->next = __atomic_load_n(&released, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(
        &released, &stack->next, stack, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}
