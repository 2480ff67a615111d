# SPDX-License-Identifier: MIT
"""numpy: zeros touched late, copies, sorts, in-place growth, memory-mapped arrays."""

import tempfile

import numpy


def work():
    kept = []
    for i in range(50):
        a = numpy.zeros((512, 512))
        a[:256] = 1.0
        a[256:] = 2.0
        b = a + a
        c = b.T.copy()
        kept.append(numpy.sort(c, axis=0)[:64].copy())
        del b
        d = numpy.concatenate([a, c])
        d.resize((256, 512), refcheck=False)
    with tempfile.NamedTemporaryFile() as file:
        for i in range(20):
            m = numpy.memmap(file.name, dtype="u1", mode="w+", shape=(1 << 20,))
            m[:500_000] = 1
            del m
    return len(kept)


print(work())
