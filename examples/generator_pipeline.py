# SPDX-License-Identifier: MIT
# A pipeline of generators holds one item at a time, until a stage needs them all: sorting does.
# `keep` passes on what it gets and stays flat; `in_order` collects all that `make` makes.
#   mprun generator_pipeline.py --func keep --func in_order


def make(n):
    for i in range(n):
        yield f"{i * 7919 % n:0200d}"


def keep(lines):
    for line in lines:
        if line[-1] in "13579":
            yield line


def in_order(lines):
    collected = sorted(lines)
    yield from collected


if __name__ == "__main__":
    print(sum(int(line) for line in keep(make(50_000))))
    print(sum(int(line) for line in in_order(make(50_000))))
