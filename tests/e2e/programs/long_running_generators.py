# SPDX-License-Identifier: MIT
"""Pipelines of generators: every element crosses four suspended frames."""


def read(n):
    for i in range(n):
        yield f"{i},{i * 2}"


def split(lines):
    for line in lines:
        yield line.split(",")


def convert(rows):
    for a, b in rows:
        yield int(a) + int(b)


def batch(values, size):
    chunk = []
    for v in values:
        chunk.append(v)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


total = 0
for chunk in batch(convert(split(read(500))), 7):
    total += sum(chunk)
print(total)
