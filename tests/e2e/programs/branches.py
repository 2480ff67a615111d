# SPDX-License-Identifier: MIT
"""if, elif, else, conditional expressions, boolean operators over several lines."""


def classify(x):
    if x < 0:
        kind = "negative"
    elif x == 0:
        kind = "zero"
    elif (x > 100 and
          x % 2 == 0 and
          x % 3 == 0):
        kind = "large"
    else:
        kind = (
            "odd"
            if x % 2
            else "even"
        )
    assert kind, \
        "never empty"
    return kind


print([classify(x) for x in (-1, 0, 7, 8, 102, 120)])
