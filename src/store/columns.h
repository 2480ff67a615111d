/* SPDX-License-Identifier: MIT */
/* How a list of columns is written: a row for each field of a struct. */
#ifndef MPRUN_STORE_COLUMNS_H
#define MPRUN_STORE_COLUMNS_H

#include "schema.h"

/* Of the struct STRUCT, which each list of columns defines for itself. */
#define FIELD(kind, column, field)                                                                 \
    {                                                                                              \
        .name = (column), .stored = MPR_STORED_##kind, .offset = offsetof(STRUCT, field),          \
        .size = sizeof(((STRUCT *)0)->field)                                                       \
    }
#define SAME(kind, field) FIELD(kind, #field, field)
#define WORD(field, words)                                                                         \
    {                                                                                              \
        .name = #field, .stored = MPR_STORED_NAME, .offset = offsetof(STRUCT, field),              \
        .size = sizeof(((STRUCT *)0)->field), .names = (words)                                     \
    }
/* The element is the value. */
#define ITSELF(column)                                                                             \
    {                                                                                              \
        .name = (column), .stored = MPR_STORED_TEXT, .size = sizeof(char *)                        \
    }

#endif
