/* SPDX-License-Identifier: MIT */
/* Any sequence of events on the machine of activations: three bytes an event, which, who and where.
 * After each of them the lists are whole, and rows, hits and calls are what they may be. */
#include <stddef.h>
#include <stdint.h>

#include "activation_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Tables are for ever: a new world has new frames in the same ones, and their figures go on. */
static struct world world;

static void begin(void)
{
    static unsigned generation;
    if (generation++ == 0) {
        world_require(attach_recording() == 0, "there is a recording");
        world_init(&world, 0);
    }
    world.first_frame = (uint64_t)generation << 20;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    for (size_t at = 0; at + 3 <= size; at += 3) {
        world_happen(&world, (enum world_event)(data[at] % WORLD_EVENTS), data[at + 1] & 3u,
            data[at + 1] >> 2, data[at + 2]);
        world_check(&world);
    }
    world_end(&world);
    return 0;
}
