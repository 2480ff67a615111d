# SPDX-License-Identifier: MIT
"""Lines that never run: constant conditions, code after return, docstrings, pass, ellipsis."""


def f(x):
    """Documented."""
    if 0:
        x = 1
    if __debug__:
        x += 1
    while True:
        pass
        if x:
            break
    return x
    x = 5


def empty():
    pass


def stub(): ...


def only_doc():
    """Nothing else."""


def never():
    return 1


for _ in range(2):
    f(1), empty(), stub(), only_doc()
global_value: int = 3
global_annotation: int
print(f(2), global_value)
