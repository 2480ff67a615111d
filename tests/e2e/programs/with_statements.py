# SPDX-License-Identifier: MIT
"""with: contextlib generators, several managers, over several lines, suppressing."""

import contextlib
import io


@contextlib.contextmanager
def manager(name):
    log.append(("enter", name))
    try:
        yield name
    except ValueError:
        log.append(("caught", name))
    finally:
        log.append(("exit", name))


def use(fail):
    with manager("a") as a, manager("b") as b:
        log.append(a + b)
        if fail:
            raise ValueError
    with (
        manager("c") as c,
        contextlib.suppress(KeyError),
    ):
        raise KeyError(c)
    with contextlib.ExitStack() as stack:
        for name in "de":
            stack.enter_context(manager(name))
    with io.StringIO() as out: out.write("x")
    return len(log)


log = []
print(use(False), use(True), log)
