/* SPDX-License-Identifier: MIT */
/* The machine of activations: every event in every state, and any sequence of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "activation_world.h"

/* Frames 0, 3, 6 are of one table: F is what the event happens to, OUT runs it, IN is run by it. */
enum { F = 3, OUT = 0, IN = 6 };

static unsigned worlds;

/* --- every cell --- */

enum state {
    FREE,
    OPEN,       /* the innermost of its thread */
    OPEN_BELOW, /* another one stands above it */
    OPEN_AWAY,  /* in another thread */
    SUSPENDED,
    PARKED, /* in a stack that its thread has left */
    STATES
};

static const char *const state_names[STATES] = {
    "free", "open", "open below", "open elsewhere", "suspended", "parked"};

static const char *const event_names[WORLD_EVENTS] = {"start", "resume", "line", "yield", "return",
    "withdraw", "frame freed", "thread gone", "switch", "session ends"};

/* What a cell does: the state after it, calls and hits that it counts, and whether the row that was
 * open (line 5, for 3 ticks by then) is charged what has happened since. */
struct cell {
    int after; /* enum mpr_rec_activation_state */
    unsigned calls, hits;
    enum { NOTHING, CHARGED } row;
};

#define NONE                                                                                       \
    {                                                                                              \
        MPR_ACT_FREE, 0, 0, NOTHING                                                                \
    }
#define BEGINS                                                                                     \
    {                                                                                              \
        MPR_ACT_OPEN, 1, 0, NOTHING                                                                \
    }
#define REOPENS                                                                                    \
    {                                                                                              \
        MPR_ACT_OPEN, 0, 0, NOTHING                                                                \
    }
#define WAITS                                                                                      \
    {                                                                                              \
        MPR_ACT_SUSPENDED, 0, 0, NOTHING                                                           \
    }
#define STAYS                                                                                      \
    {                                                                                              \
        MPR_ACT_OPEN, 0, 0, NOTHING                                                                \
    }
#define LINE_CLOSES                                                                                \
    {                                                                                              \
        MPR_ACT_OPEN, 0, 1, CHARGED                                                                \
    }
#define YIELD_CLOSES                                                                               \
    {                                                                                              \
        MPR_ACT_SUSPENDED, 0, 0, CHARGED                                                           \
    }
#define END_CLOSES                                                                                 \
    {                                                                                              \
        MPR_ACT_FREE, 0, 0, CHARGED                                                                \
    }
#define REOPENS_LINE                                                                               \
    {                                                                                              \
        MPR_ACT_OPEN, 0, 1, NOTHING                                                                \
    }

/* At a switch what stands above closes first, and has charged the one below with all that was. */
static const struct cell cells[WORLD_EVENTS][STATES] = {
    [WORLD_START] = {BEGINS, BEGINS, BEGINS, BEGINS, BEGINS, BEGINS},
    [WORLD_RESUME] = {BEGINS, REOPENS, REOPENS, REOPENS, REOPENS, REOPENS},
    [WORLD_LINE] = {NONE, LINE_CLOSES, LINE_CLOSES, REOPENS_LINE, REOPENS_LINE, REOPENS_LINE},
    [WORLD_YIELD] = {NONE, YIELD_CLOSES, YIELD_CLOSES, WAITS, WAITS, WAITS},
    [WORLD_RETURN] = {NONE, END_CLOSES, END_CLOSES, NONE, NONE, NONE},
    [WORLD_WITHDRAW] = {NONE, NONE, NONE, NONE, NONE, NONE},
    [WORLD_FRAME_FREED] = {NONE, NONE, NONE, NONE, NONE, NONE},
    [WORLD_THREAD_GONE] = {NONE, NONE, NONE, STAYS, WAITS, WAITS},
    [WORLD_SWITCH] = {NONE, YIELD_CLOSES, WAITS, STAYS, WAITS, REOPENS},
    [WORLD_SESSION_ENDS] = {NONE, YIELD_CLOSES, WAITS, YIELD_CLOSES, WAITS, WAITS},
};

static void bring_about(struct world *world, enum state state)
{
    unsigned who = state == OPEN_AWAY ? 1 : 0;
    world_happen(world, WORLD_START, who, OUT, 0);
    world_happen(world, WORLD_LINE, who, OUT, 2);
    if (state == FREE)
        return;
    world_happen(world, WORLD_START, who, F, 0);
    world_happen(world, WORLD_LINE, who, F, 4);
    if (state == OPEN_BELOW) {
        world_happen(world, WORLD_START, who, IN, 0);
        world_happen(world, WORLD_LINE, who, IN, 6);
    }
    if (state == SUSPENDED)
        world_happen(world, WORLD_YIELD, who, F, 0);
    if (state == PARKED)
        world_happen(world, WORLD_SWITCH, who, 0, 0);
}

static void walk_cell(enum world_event event, enum state state)
{
    const struct cell *cell = &cells[event][state];
    struct world world;
    world_init(&world, worlds++);
    bring_about(&world, state);
    const struct mpr_function_rows *table = world.table[world_table(F)];
    const struct mpr_rec_row *row = &table->rows[4];
    uint64_t calls = table->fn->calls, hits = row->hits + table->rows[10].hits;
    int64_t ticks = row->sum[MPR_COUNTER_TICKS];
    world.clock += 1000;
    world_happen(&world, event, 0, F, 10);
    world_check(&world);
    const struct mpr_activation *act = world_find(&world, F);
    bool right = (int)(act ? act->slot->state : MPR_ACT_FREE) == cell->after &&
                 table->fn->calls - calls == cell->calls &&
                 row->hits + table->rows[10].hits - hits == cell->hits &&
                 (row->sum[MPR_COUNTER_TICKS] - ticks > 1000) == (cell->row == CHARGED);
    if (!right)
        fail_msg("%s in %s: state %d", event_names[event], state_names[state],
            (int)(act ? act->slot->state : MPR_ACT_FREE));
    world_end(&world);
}

static void test_machine_every_event_in_every_state(void **state)
{
    (void)state;
    for (unsigned event = 0; event < WORLD_EVENTS; event++)
        for (unsigned in = 0; in < STATES; in++)
            walk_cell((enum world_event)event, (enum state)in);
}

/* --- what happens around --- */

static void test_machine_heap_context_follows(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, worlds++);
    bring_about(&world, OPEN_BELOW);
    struct mpr_activation *out = world_find(&world, OUT), *in = world_find(&world, IN);
    out->inside = 7;
    in->context = 9; /* as if rows had nodes */
    world_happen(&world, WORLD_FRAME_FREED, 1, F, 0);
    assert_ptr_equal(in->below, out);
    world_happen(&world, WORLD_RETURN, 0, OUT, 0);
    assert_int_equal(world.thread[0].heap.context, 0);
    assert_int_equal(in->slot->state, MPR_ACT_SUSPENDED);
    world_end(&world);
}

static void test_machine_no_room_is_no_crash(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, worlds++);
    bring_about(&world, SUSPENDED);
    struct mpr_thread poor = {.tid = 9, .stack = &mpr_no_stack};
    mpr_thread_counts(&poor);
    assert_null(mpr_activation_start(world.table[0], world_frame(&world, 9), true, &poor));
    struct mpr_activation *act = world_find(&world, F);
    assert_false(mpr_activation_settle(act, &poor, (struct mpr_sample){0, 0}));
    assert_null(world_find(&world, F));
    assert_null(mpr_no_stack.innermost);
    world_end(&world);
}

static struct mpr_stack *left;

static void note_left(struct mpr_stack *stack)
{
    left = stack;
    stack->innermost = NULL;
}

static void test_machine_stacks_are_used_again(void **state)
{
    (void)state;
    struct mpr_activation some = {0};
    mpr_stack_set_left(note_left);
    struct mpr_stack *first = mpr_stack_new();
    assert_ptr_not_equal(first, &mpr_no_stack);
    mpr_stack_release(first);
    mpr_stack_release(&mpr_no_stack);
    assert_ptr_equal(mpr_stack_new(), first);
    assert_null(left);
    first->innermost = &some;
    mpr_stack_release(first);
    assert_ptr_equal(mpr_stack_new(), first);
    assert_ptr_equal(left, first);
}

/* --- any sequence --- */

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static void test_machine_any_sequence(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 400; number++) {
        unsigned seed = number + 1;
        struct world world;
        world_init(&world, worlds++);
        for (int i = 0; i < 300; i++) {
            unsigned event = next_random(&seed) % (WORLD_EVENTS + 6); /* lines are frequent */
            world_happen(&world, event < WORLD_EVENTS ? (enum world_event)event : WORLD_LINE,
                next_random(&seed), next_random(&seed), next_random(&seed));
            world_check(&world);
        }
        world_end(&world);
    }
}

static int attach(void **state)
{
    (void)state;
    return attach_recording();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine_every_event_in_every_state),
        cmocka_unit_test(test_machine_heap_context_follows),
        cmocka_unit_test(test_machine_no_room_is_no_crash),
        cmocka_unit_test(test_machine_stacks_are_used_again),
        cmocka_unit_test(test_machine_any_sequence),
    };
    return cmocka_run_group_tests(tests, attach, NULL);
}
