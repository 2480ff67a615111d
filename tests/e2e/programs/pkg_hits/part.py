# SPDX-License-Identifier: MIT
"""A module of the package."""


def public(n):
    return private(n) + 1


def private(n):
    return n * 2
