# SPDX-License-Identifier: MIT
"""A bit of everything that an ordinary script does."""

import json
import re
import zlib


def work():
    rows = []
    for i in range(120):
        text = json.dumps([{"id": j, "name": str(j) * 3} for j in range(300)])
        data = json.loads(text)
        packed = zlib.compress(text.encode() * 5, 1)
        unpacked = zlib.decompress(packed)
        words = re.findall(r"\w+", text)
        rows.append((data, len(set(words)), unpacked[:20_000]))
        if i % 10 == 9:
            rows = rows[-5:]
    return len(rows)


print(work())
