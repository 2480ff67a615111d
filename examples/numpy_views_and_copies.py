# SPDX-License-Identifier: MIT
# A slice of a numpy array is a view and costs nothing, but it keeps the whole array alive.
# A copy costs what it holds. Needs numpy.
#   mprun numpy_views_and_copies.py --func views_and_copies
import numpy as np


def views_and_copies():
    grid = np.ones((1024, 5120))
    view = grid[::2]
    copy = grid[::2].copy()
    single = grid.astype(np.float32)
    grid *= 2
    del grid
    del view
    return copy, single


if __name__ == "__main__":
    views_and_copies()
