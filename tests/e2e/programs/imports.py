# SPDX-License-Identifier: MIT
"""Modules and packages beside the script; reload; import inside a function; standard library."""

import importlib
import json

import pkg_hits
from pkg_hits import part


def late():
    from pkg_hits.sub import Deep
    return Deep().run()


print(pkg_hits.VERSION, part.public(2), late(), late(), json.loads("[1]"))
importlib.reload(part)
print(part.public(5))
