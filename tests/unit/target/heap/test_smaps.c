/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reconcile.h"

static enum mpr_mapped fake_mapped(uintptr_t at)
{
    return at == 0x7f0100000000   ? MPR_MAPPED_FILE
           : at == 0x7f0110000000 ? MPR_MAPPED_SHARED
                                  : MPR_MAPPED_NOTHING;
}

static const char smaps_text[] =
    "55d000000000-55d000100000 r-xp 00000000 fe:00 17                   /usr/bin/python3.11\n"
    "Rss:                 100 kB\n"
    "Pss:                  50 kB\n"
    "55d000100000-55d000200000 rw-p 00000000 00:00 0                    [heap]\n"
    "Rss:                 300 kB\n"
    "7f0000100000-7f0000200000 rw-p 00000000 00:00 0 \n"
    "Rss:                 999 kB\n"
    "7f0000200000-7f0000201000 ---p 00000000 00:00 0 \n"
    "Rss:                   0 kB\n"
    "7f0000201000-7f0000a01000 rw-p 00000000 00:00 0 \n"
    "Rss:                  20 kB\n"
    "7f0008000000-7f0008021000 rw-p 00000000 00:00 0 \n"
    "Rss:                  28 kB\n"
    "7f0008021000-7f000c000000 ---p 00000000 00:00 0 \n"
    "Rss:                   0 kB\n"
    "7f0010000000-7f0010200000 rw-p 00000000 00:00 0 \n"
    "Rss:                 700 kB\n"
    "7f0010200000-7f0010300000 r--p 00000000 fe:00 9 /x\n"
    "Rss:                  16 kB\n"
    "7f0001000000-7f0001100000 rw-s 00000000 00:01 1  /memfd:mprun-recording (deleted)\n"
    "Rss:                  64 kB\n"
    "7f0001200000-7f0001300000 r-xp 00000000 fe:00 9  /opt/libexec/mprun/libmprun-preload.so\n"
    "Rss:                  40 kB\n"
    "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                    [stack]\n"
    "Rss:                   8 kB\n"
    "VmFlags: rd wr mr mw me gd ac\n"
    "\n"
    "garbage\n"
    "Rss: x\n"
    "7f0100000000-7f0100100000 r--s 00000000 fe:00 9  /tmp/data (deleted)\n"
    "Rss:                  31 kB\n"
    "7f0110000000-7f0110100000 rw-s 00000000 00:01 9  /dev/shm/some\n"
    "Rss:                  32 kB\n"
    "7f0120000000-7f0120100000 rw-s 00000000 00:01 9  /SYSV00000000 (deleted)\n"
    "Rss:                  33 kB\n"
    "7f0130000000-7f0130100000 r--p 00000000 00:01 9  /dev/zero\n"
    "Rss:                   5 kB\n";

/* As read in pieces of that size. */
static struct mpr_smaps parse_smaps(size_t piece)
{
    struct mpr_smaps_state smaps = {.mapped = fake_mapped};
    for (size_t at = 0, left = sizeof smaps_text - 1; left; at += piece, left -= piece) {
        piece = piece < left ? piece : left;
        mpr_smaps_text(&smaps, smaps_text + at, piece);
    }
    mpr_smaps_end(&smaps);
    return smaps.sum;
}

static void test_smaps_tells_kinds_apart(void **state)
{
    (void)state;
    struct mpr_smaps smaps = parse_smaps(sizeof smaps_text);
    assert_int_equal(smaps.interpreter, (100 + 20 + 16 + 8 + 5) * 1024);
    assert_int_equal(smaps.files, 31 * 1024);
    assert_int_equal(smaps.shared, (32 + 33) * 1024);
    assert_int_equal(smaps.heap, (1 << 20) + (33 << 12));
    assert_int_equal(smaps.heap_resident, (300 + 28) * 1024);
    assert_int_equal(smaps.area_count, 2);
    assert_int_equal(smaps.area[0].start, 0x55d000100000);
    for (size_t piece = 1; piece < 100; piece++) {
        struct mpr_smaps same = parse_smaps(piece);
        assert_memory_equal(&same, &smaps, sizeof smaps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smaps_tells_kinds_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
