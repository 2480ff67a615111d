# SPDX-License-Identifier: MIT
"""Which modules of CPython's test suite there are, and which are nearest to what mprun does."""
import os
import pathlib

# Packages whose modules are run each by itself, as CPython's test.regrtest does.
SPLIT = {
    "test_asyncio", "test_concurrent_futures", "test_doctests", "test_free_threading",
    "test_future_stmt", "test_gdb", "test_inspect", "test_io", "test_multiprocessing_fork",
    "test_multiprocessing_forkserver", "test_multiprocessing_spawn", "test_os", "test_pydoc",
}
NEAR = pathlib.Path(__file__).resolve().parent / "near.txt"


def all_modules(folder):
    """The modules in the folder of the package "test", in the order of their names; none of their
    tests is left out."""
    found = []
    for entry in os.listdir(folder):
        module, extension = os.path.splitext(entry)
        if not module.startswith("test_"):
            continue
        inside = os.path.join(folder, entry)
        if module in SPLIT and os.path.isdir(inside):
            found += [f"{module}.{each[:-3]}" for each in os.listdir(inside)
                      if each.startswith("test_") and each.endswith(".py")]
        elif extension == ".py" or (extension == "" and
                                    os.path.exists(os.path.join(inside, "__init__.py"))):
            found.append(module)
    return {module: [] for module in sorted(found)}


def near_modules(folder):
    """Those of near.txt that this version has, each with the patterns of what is left out."""
    text = NEAR.read_text(encoding="utf-8")
    modules = {}
    for line in text.replace("\n ", " ").splitlines():
        module, *left_out = line.split() or ["#"]
        path = os.path.join(folder, *module.split("."))
        if os.path.isdir(path) or os.path.exists(path + ".py"):
            modules[module] = left_out
    return modules
