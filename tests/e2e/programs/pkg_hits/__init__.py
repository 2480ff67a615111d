# SPDX-License-Identifier: MIT
"""A package beside the programs."""

from .part import public

VERSION = 1
for _ in range(2):
    VERSION += 1
