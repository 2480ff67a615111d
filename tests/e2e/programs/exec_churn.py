# SPDX-License-Identifier: MIT
"""Short-lived code objects whose addresses are used again, with lines counted for one of them."""

import os

path = os.path.join(os.path.dirname(__file__), "churned.py")


def keep(x):
    return x


total = 0
for n in range(300):
    space = {"keep": keep}
    body = "    pass\n" * (n % 7)
    source = f"def f{n % 3}(x):\n{body}    return keep(x)\nf{n % 3}({n})\n"
    exec(compile(source, path, "exec"), space)
    total += keep(n)
print(total)
