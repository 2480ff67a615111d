# SPDX-License-Identifier: MIT
"""Assignment expressions, star unpacking, augmented targets, chained comparison, global names."""


def f(data):
    while (chunk := data[:2]):
        data = data[2:]
        out.append(chunk)
    a, *b = out
    (c, d), = [a]
    out[0] += [c]
    if 0 <= c < d <= (
        n := len(b)
    ):
        return n
    return [y := 1, y ** 2]


out = []
print(f([0, 1, 2, 3, 4]), out)
