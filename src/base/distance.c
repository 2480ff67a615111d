/* SPDX-License-Identifier: MIT */
/* How far two words are apart. Pure. */
#include "mprun/base.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment over three rolling rows. */
size_t mpr_edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][MPR_EDIT_MAX + 1];
    if (a_len > MPR_EDIT_MAX || b_len > MPR_EDIT_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            bool same = a[i - 1] == b[j - 1] || a[i - 1] == '?';
            row[j] = least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}
