# SPDX-License-Identifier: MIT
"""Objects small and large that stay."""


def work():
    kept = []
    for i in range(300):
        kept.append([j for j in range(1000)])
        kept.append(bytearray(40_000))
        kept.append({str(j): j for j in range(100)})
    return kept


print(len(work()))
