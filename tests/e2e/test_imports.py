# SPDX-License-Identifier: MIT
"""What the import system allocates belongs to the line that imports, as CPython leaves its frames out of
tracebacks: no site lies in it, however the import came about."""

import zipfile

import pytest

import harness

MIB = 1 << 20
BIG = f"TEXT = {'x' * MIB!r}\n"  # read, compiled and kept: more than a MiB in all

# Name: (how line 3 of the program imports the module `big`, and through which file's line).
WAYS = {
    "statement": ("import big", None),
    "from": ("from big import TEXT", None),
    "module": ("import importlib; importlib.import_module('big')", None),
    "reload": ("import sys, importlib; sys.modules['big'] = type(sys)('big'); "
               "importlib.reload(sys.modules['big'])", None),
    "builtin": ("__import__('big')", None),
    "from_c": ("import _pickle; _pickle.loads(b'cbig\\nTEXT\\n.')", None),
    "nested": ("import middle", ("middle.py", 2)),
    "from_zip": ("import sys; sys.path.insert(0, 'big.zip'); import zipped", None),
    "lazily": ("import big_lazily; big_lazily.module.TEXT", None),
    "by_spec": ("import importlib.util as u; s = u.find_spec('big'); m = u.module_from_spec(s); "
                "s.loader.exec_module(m)", None),
}

LAZILY = """
import importlib.util
spec = importlib.util.find_spec("big")
spec.loader = importlib.util.LazyLoader(spec.loader)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
"""


def folder_with_modules(folder):
    """Modules to import: big.py, middle.py (line 2 imports big), zipped.py in big.zip."""
    (folder / "big.py").write_text(BIG)
    (folder / "middle.py").write_text("# the middle\nimport big\n")
    (folder / "big_lazily.py").write_text(LAZILY)
    with zipfile.ZipFile(folder / "big.zip", "w") as archive:
        archive.writestr("zipped.py", BIG)


def sites(profile):
    """Bytes allocated by (file name, line)."""
    found = {}
    for site in profile["sites"]:
        name = site["file"].rpartition("/")[2] if site["file"] else site["function"]
        key = name, site["line"]
        found[key] = found.get(key, 0) + site["allocated"]
    return found


def in_the_import_system(profile):
    """Sites that are."""
    return [site for site in profile["sites"] if site["file"] and (
        site["file"].startswith(("<frozen importlib", "<frozen zipimport")) or
        site["file"].rpartition("/")[0].endswith("/importlib"))]


@pytest.mark.parametrize("selected", ("", "*:*"))
@pytest.mark.parametrize("way", WAYS)
def test_the_line_that_imports(tmp_path, host, way, selected):
    """It has what reading, compiling and running the module took, and nothing is lost."""
    folder_with_modules(tmp_path)
    statement, through = WAYS[way]
    text = f"import importlib.util\n\n{statement}\n"
    options = ("-f", selected) if selected else ()
    profile = harness.profile_program(tmp_path, text, *options, host=host,
                                      cwd=tmp_path).profile
    assert not in_the_import_system(profile)
    found = sites(profile)
    assert found[through or ("user.py", 3)] > 2 * MIB, found
    assert sum(found.values()) == profile["heap"]["allocated"]
    if selected:
        rows = [row for function in profile["functions"] for row in function["rows"]
                if function["file"].startswith("<frozen importlib")]
        assert not any(row["live_at_peak"] or row["live_at_end"] for row in rows)


@pytest.mark.parametrize("frozen", ("on", "off"))
def test_importlib_from_files(tmp_path, host, frozen):
    """importlib.util may be frozen or a file of the standard library."""
    folder_with_modules(tmp_path)
    harness.write_program(tmp_path, f"import importlib.util\n\n{WAYS['lazily'][0]}\n")
    result = harness.run_mprun(["-X", f"frozen_modules={frozen}", "user.py"],
                               tmp_path / "profile.json", host=host, cwd=tmp_path)
    assert not in_the_import_system(result.profile), result
    assert sites(result.profile)["user.py", 3] > 2 * MIB


def test_nobody_imports(tmp_path, host):
    """A thread whose first function is the import itself: no line of Python's stands behind it."""
    folder_with_modules(tmp_path)
    text = ("import _thread, time, sys\n_thread.start_new_thread(__import__, ('big',))\n"
            "while not hasattr(sys.modules.get('big'), 'TEXT'):\n    time.sleep(0.01)\n")
    profile = harness.profile_program(tmp_path, text, host=host).profile
    assert not in_the_import_system(profile)
    assert sites(profile)["<interpreter>", None] > 2 * MIB


def test_what_is_imported_stays(tmp_path, host):
    """A package's own finder and loader are code as any other, and so are importlib's packages."""
    folder_with_modules(tmp_path)
    text = ("import sys\nfrom importlib.metadata import Prepared\n\nclass Finder:\n"
            "    def find_spec(self, name, path, target=None):\n"
            "        kept.append(bytearray(2 << 20))\nkept = []\n"
            "sys.meta_path.insert(0, Finder())\nimport big\n"
            "names = [Prepared('a' * 500 + str(i)) for i in range(5000)]\n")
    profile = harness.profile_program(tmp_path, text, host=host).profile
    assert sites(profile)["user.py", 6] > 2 * MIB
    assert any("importlib/metadata" in (site["file"] or "") for site in profile["sites"])
