# SPDX-License-Identifier: MIT
"""Makes a program that differs smaller, as long as it differs."""

from grammar import Compound


def blocks_of(block):
    """The block and all inside, outer ones first."""
    yield block
    for each in block:
        if isinstance(each, Compound):
            for _, inner in each.parts:
                yield from blocks_of(inner)


def cut(block, start, size, differs):
    """Leaves some statements out; True if it still differs."""
    taken = block[start:start + size]
    del block[start:start + size]
    if differs():
        return True
    block[start:start] = taken
    return False


def cut_block(block, differs):
    """Leaves out halves, then quarters, and so on down to single statements."""
    smaller, size = False, len(block)
    while size > 0:
        start = 0
        while start < len(block):
            if cut(block, start, size, differs):
                smaller = True
            else:
                start += size
        size //= 2
    return smaller


def hoist(block, differs):
    """Puts what is in a compound statement into its place."""
    smaller = False
    for index, each in enumerate(list(block)):
        if not isinstance(each, Compound) or each.parts[0][0].split()[0] in ("def", "async"):
            continue
        at = block.index(each)
        block[at:at + 1] = each.parts[0][1]
        if differs():
            smaller = True
        else:
            block[at:at + len(each.parts[0][1])] = [each]
    return smaller


def shrink(program, differs):
    """differs() says whether the program as it now is still does."""
    smaller = True
    while smaller:
        smaller = False
        for top in (program.ending, program.scenarios):
            for block in list(blocks_of(top)):
                smaller |= cut_block(block, differs)
        for block in list(blocks_of(program.scenarios)):
            smaller |= hoist(block, differs)
    return program
