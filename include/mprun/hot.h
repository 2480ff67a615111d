/* SPDX-License-Identifier: MIT */
/* What hooks are made of. There is no call in them but the allocator's; what is seldom
 * called stands off the way. */
#ifndef MPRUN_HOT_H
#define MPRUN_HOT_H

#define MPR_HOT static inline __attribute__((always_inline))
#define MPR_COLD __attribute__((cold))

/* A field that another thread may be writing. */
#define MPR_READ(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

/* A field that only the holder of the GIL writes, or the word of a block of the thread's, and
 * anybody may read: a plain addition. The thread sanitizer wants to be told that this is meant. */
#ifdef __SANITIZE_THREAD__
#define MPR_HELD_ADD(field, value)                                                                 \
    __atomic_store_n(                                                                              \
        &(field), __atomic_load_n(&(field), __ATOMIC_RELAXED) + (value), __ATOMIC_RELAXED)
#define MPR_HELD_SET(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#else
#define MPR_HELD_ADD(field, value) ((field) += (value))
#define MPR_HELD_SET(field, value) ((field) = (value))
#endif

#endif
