# SPDX-License-Identifier: MIT
# Two ways to one long string: a list of pieces that is joined holds all pieces and the string at
# the same time; a StringIO holds the string only. The list's pieces also cost 49 bytes each.
#   mprun string_building.py --func 'with_*'
import io


def with_join(n):
    pieces = []
    for i in range(n):
        pieces.append(f"{i:064d}")
    text = "".join(pieces)
    return text


def with_stringio(n):
    buffer = io.StringIO()
    for i in range(n):
        buffer.write(f"{i:064d}")
    text = buffer.getvalue()
    return text


if __name__ == "__main__":
    print(with_stringio(100_000) == with_join(100_000))
