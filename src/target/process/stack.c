/* SPDX-License-Identifier: MIT */
/* Stacks of open activations: made under the GIL, released by threads that end without it, used
 * again for the next thread. Cold. */
#include "mprun/probe.h"
#include "thread.h"

struct mpr_stack mpr_no_stack;

static struct {
    struct mpr_stack *released; /* atomically */
    struct mpr_stack *empty;    /* under the GIL, as what follows */
    void (*left)(struct mpr_stack *stack);
} state;

void mpr_stack_set_left(void (*left)(struct mpr_stack *stack))
{
    state.left = left;
}

void mpr_stacks_stop(void)
{
    state.released = NULL;
    state.empty = NULL;
    state.left = NULL;
}

/* A thread's number may be given to the next one, so those that ended are emptied before that runs
 * anything. Whoever takes the list takes all of it: nothing is put back that another could take. */
static void collect(void)
{
    struct mpr_stack *stack = __atomic_exchange_n(&state.released, NULL, __ATOMIC_ACQUIRE);
    while (stack) {
        struct mpr_stack *next = stack->next;
        if ((stack->innermost || stack->leaving) && state.left)
            state.left(stack);
        stack->innermost = NULL;
        stack->traced = false;
        stack->leaving = NULL;
        stack->next = state.empty;
        state.empty = stack;
        stack = next;
    }
}

struct mpr_stack *mpr_stack_new(void)
{
    collect();
    struct mpr_stack *stack = state.empty;
    if (!stack) {
        stack = mpr_probe_alloc(sizeof *stack);
        return stack ? stack : &mpr_no_stack;
    }
    state.empty = stack->next;
    stack->next = NULL;
    return stack;
}

void mpr_stack_release(struct mpr_stack *stack)
{
    if (stack == &mpr_no_stack)
        return;
    stack->next = __atomic_load_n(&state.released, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(
        &state.released, &stack->next, stack, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}
