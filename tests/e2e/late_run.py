# SPDX-License-Identifier: MIT
"""late_run.py PROFILE PATTERN PROGRAM: run a program as __main__ inside a session that begins in
front of it and ends behind it, and write what was measured. With - for PROFILE there is no session
of its own, mprun measures: what has run in the process when the program starts is the same."""

import ast
import contextlib
import gc
import importlib
import json
import os
import runpy
import sys
import threading
import traceback

import late

# Modules that others of the standard library import when they first need them.
LAZY = ("typing", "annotationlib", "inspect", "pkgutil")


def import_ahead(program):
    """What a program imports and is not its own, so that it is older than a session. An extension
    module makes the dynamic loader allocate, which calls malloc past all slots."""
    with open(program, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for name in LAZY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.modules["typing"].get_type_hints(import_ahead)
    for node in ast.walk(tree):
        with contextlib.suppress(ImportError):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    importlib.import_module(alias.name)
            elif isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module)
                for alias in node.names:  # a package may import it only when it is asked for
                    getattr(module, alias.name, None)


def keep_stacks():
    """The C library keeps the stacks of threads that have ended; with each new one the dynamic
    loader allocates."""
    threading.stack_size(1 << 20)
    barrier = threading.Barrier(16)
    threads = [threading.Thread(target=barrier.wait) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def level():
    """What is replaced from time to time is replaced now: then the program frees only its own."""
    keep_stacks()
    if "asyncio" in sys.modules:  # 3.11 has a table of the names that C code has used
        sys.modules["asyncio"].run(sys.modules["asyncio"].sleep(0))
    if "greenlet" in sys.modules:  # a session has it make the thread's first greenlet
        sys.modules["greenlet"].getcurrent()
    if hasattr(sys, "_clear_internal_caches"):
        sys._clear_internal_caches()
    else:
        sys._clear_type_cache()
    threading._dangling.clear()
    importlib._bootstrap._blocking_on.clear()
    importlib._bootstrap._module_locks.clear()
    gc.collect()  # the free lists are empty then


profile, pattern, program = sys.argv[1:]
# So that addresses differ from those of another run.
moved = [bytes(size) for size in range(0, 480, 16) for i in range(7 * int(os.environ["LATE_MOVED"]))]
import_ahead(program)
sys.argv = [program]
sys.path[0] = os.path.dirname(program)
# Who finds `mprun` is there in the one case only, and from 3.14 on each import copies the list.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "mprun"]
session = contextlib.nullcontext() if profile == "-" else late.Session(pattern)
with session:
    level()
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
    gc.collect()  # mprun measures the interpreter's last collection, too
if profile != "-":
    with open(profile, "w", encoding="utf-8") as file:
        json.dump(session.profile, file)
