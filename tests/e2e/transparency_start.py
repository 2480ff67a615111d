# SPDX-License-Identifier: MIT
"""Transparency rows about start-up: command lines, paths, environment, encodings."""

import harness
from row import Row

ADDRESSES = ((rb"0x[0-9a-f]+", b"0x"),)

WHO = """
import os, sys
print(sys.argv, sys.path[0], __name__, __file__, __spec__, __package__, __builtins__.__name__)
print(sys.modules["__main__"].__dict__ is globals(), __loader__.__class__.__name__, __doc__)
"""

PREFIXES = """
import sys, sysconfig
print(sys.executable, sys._base_executable, sys.prefix, sys.exec_prefix, sys.base_prefix)
print(sys.base_exec_prefix, sys.platlibdir, sys.path)
print(sysconfig.get_paths())
print(sys.flags, sys.orig_argv)
"""

FLAGS = """
import sys, warnings
print(sys.flags, sys._xoptions, sys.warnoptions, sys.path, sys.dont_write_bytecode)
print(sys.stdout.line_buffering, sys.stdout.write_through, sys.stdout.errors)
warnings.warn("careful")
warnings.warn("soon", DeprecationWarning)
assert not __debug__, "assertions are on"
"""

ENCODINGS = """
import locale, os, sys
for stream in sys.stdin, sys.stdout, sys.stderr:
    print(stream.name, stream.encoding, stream.errors, stream.isatty(), stream.line_buffering)
print(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), locale.getpreferredencoding())
print(ascii(sys.argv), sys.flags.utf8_mode, locale.setlocale(locale.LC_CTYPE))
print(os.environ.get("LC_CTYPE"))
print("\\u00e9\\u20ac")
"""

PACKAGE = {
    "pkg/__init__.py": "print('package', __name__, __file__)\n",
    "pkg/__main__.py": "import sys\nfrom . import part\nprint(sys.argv, __name__, part.x)\n",
    "pkg/part.py": "x = [i for i in range(3)]\n",
    "pkg/tool.py": "import sys\nprint(sys.argv, sys.path[0], __name__, __spec__.name, __file__)\n",
}

ROWS = (
    # --- what the script sees of itself
    Row("argv", WHO, ("script.py", "a", "", "b c", "--help", "--func", "-x", "--", "-")),
    Row("argv_absolute", WHO, ("{dir}/script.py", "1")),
    Row("argv_orig", "import sys; print(sys.orig_argv)", ("script.py", "-v", "x")),
    Row("no_suffix", WHO, ("tool", "x"), setup="cp script.py tool"),
    Row("in_folder", WHO, ("sub/script.py",), setup="mkdir sub; cp script.py sub"),
    Row("symlinked_script", WHO, ("link.py",),
        setup="mkdir real; mv script.py real; ln -s real/script.py link.py"),
    Row("main_module", """
        import __main__
        class Thing: pass
        def f(): pass
        print(Thing, f.__module__, __main__.Thing is Thing, sorted(vars(__main__)))
        """),
    Row("import_beside", "import beside; print(beside.__name__, beside.__file__, beside.value)",
        files={"beside.py": "value = sum(range(5))\n"}),
    Row("import_main_again", """
        import sys
        if __name__ == "__main__":
            import script
            print(script.value, sys.modules["script"] is not sys.modules["__main__"])
        value = 5
        """),
    Row("chdir", """
        import os
        os.mkdir("else"); os.chdir("else")
        import late
        print(os.path.basename(os.getcwd()), late.value, __file__)
        def f():
            return os.listdir()
        print(f())
        """, files={"late.py": "value = 1\n"}),
    Row("empty", "", lines="all"),
    Row("missing_script", args=("nothing.py",), lines="none"),
    Row("folder_without_main", args=("sub",), setup="mkdir sub", lines="none"),
    Row("syntax_error", "x = 1\nif x\n    pass\n", lines="none"),
    # Refused from 3.12 on.
    Row("null_byte", b"x = 1\n\x00\n", lines="default" if harness.VERSION < (3, 12) else "none"),
    # --- ways to name a program
    Row("command", args=("-c", "import sys; print(sys.argv, sys.path[0])\nprint(2)", "a", "-c")),
    Row("command_error", args=("-c", "def f():\n    1 / 0\nf()")),
    Row("module_package", args=("-m", "pkg", "a", "-m"), files=PACKAGE),
    Row("module_in_package", args=("-m", "pkg.tool", "--x"), files=PACKAGE),
    Row("module_single", WHO, ("-m", "script", "x"), mask=ADDRESSES),
    Row("module_missing", args=("-m", "no_such_module_here"), lines="none"),
    Row("module_of_library", args=("-m", "json.tool"), stdin=b'{"b": [1, 2], "a": null}'),
    Row("stdin_script", args=("-", "x", "y"), stdin=WHO.replace("__file__", "__name__").encode()),
    Row("stdin_no_word", args=(), stdin=b"import sys\nfor i in range(3):\n    print(i)\n"),
    Row("zip", WHO, ("app.zip", "x"), setup="mkdir z; mv script.py z/__main__.py; "
        "python3 -m zipfile -c app.zip z/__main__.py"),
    Row("zip_traceback", "def f():\n    raise ValueError('in a zip')\nf()\n", ("app.zip",),
        setup="mv script.py __main__.py; python3 -m zipfile -c app.zip __main__.py"),
    Row("folder", WHO, ("app", "x"), files={"app/helper.py": "x = 1\n"},
        setup="mv script.py app/__main__.py", mask=ADDRESSES),
    Row("pyc", WHO, ("script.pyc",), setup="python3 -c \"import py_compile; "
        "py_compile.compile('script.py', 'script.pyc', doraise=True)\""),
    Row("version", args=("--version",), lines="unstarted"),
    Row("version_verbose", args=("-VV",), lines="unstarted"),
    Row("unknown_option", args=("--no-such-option",), lines="unstarted"),
    Row("inspect_flag", "x = 41\n", ("-i", "script.py"), stdin=b"print(x + 1)\n"),
    # --- where Python lives
    Row("prefixes", PREFIXES),
    Row("venv", PREFIXES, python="env/bin/python3",
        setup="python3 -m venv --without-pip --symlinks env"),
    Row("venv_copied", PREFIXES, python="env/bin/python",
        setup="python3 -m venv --without-pip --copies env"),
    Row("venv_symlinked", PREFIXES, python="link/bin/python3",
        setup="python3 -m venv --without-pip env; ln -s env link"),
    Row("venv_package", "import installed; print(installed.__file__, installed.x)",
        python="env/bin/python3", setup="python3 -m venv --without-pip env; "
        f"echo 'x = 3' > env/lib/python{harness.MINOR}/site-packages/installed.py"),
    Row("python_symlink", PREFIXES, python="py", setup='ln -s "$(readlink -f "$(command -v python3)")" py'),
    Row("pythonhome_path", PREFIXES,
        env={"PYTHONPATH": "{dir}/lib:/somewhere", "PYTHONHOME": harness.PREFIX}),
    # --- environment and options
    Row("environment", """
        import os
        print(list(os.environ.items()))
        print(open("/proc/self/environ", "rb").read())
        """, env={"ZZ": "1", "AA": "\u00e4", "LD_LIBRARY_PATH": "/nonexistent"}),
    Row("ld_preload_of_user", """
        import os, subprocess
        print(os.environ.get("LD_PRELOAD"), [k for k in os.environ if "MPRUN" in k])
        print(subprocess.check_output(["/usr/bin/env"]).decode())
        """, env={"LD_PRELOAD": "libm.so.6"}),
    Row("python_variables", FLAGS, env={
        "PYTHONOPTIMIZE": "1", "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "always,ignore::ImportWarning",
        "PYTHONNOUSERSITE": "1", "PYTHONSAFEPATH": "1", "PYTHONINTMAXSTRDIGITS": "700"}),
    Row("python_hash_seed", "print(hash('a'), hash(b'xyz'), {'a', 'b', 'c'})",
        env={"PYTHONHASHSEED": "123"}),
    Row("python_startup_tools", "print('done')", env={"PYTHONVERBOSE": None, "PYTHONINSPECT": ""}),
    Row("pythonmalloc_malloc", "print(sum(len(str(i)) for i in range(9999)))",
        env={"PYTHONMALLOC": "malloc"}),
    Row("pythonmalloc_debug", "print(sum(len(str(i)) for i in range(9999)), [[]] * 2)",
        env={"PYTHONMALLOC": "debug"}),
    Row("dev_mode", FLAGS, ("-X", "dev", "script.py")),
    Row("dev_mode_variable", "import sys; print(sys.flags); open('script.py')",
        env={"PYTHONDEVMODE": "1"}, mask=ADDRESSES),
    Row("isolated", FLAGS, ("-I", "script.py"),
        env={"PYTHONPATH": "/nowhere", "PYTHONOPTIMIZE": "2"}),
    Row("no_environment", FLAGS, ("-E", "-s", "script.py"), env={"PYTHONOPTIMIZE": "2"}),
    Row("no_site", "import sys; print('site' in sys.modules, sys.path)", ("-S", "script.py")),
    Row("unbuffered", FLAGS, ("-u", "-O", "-W", "error::DeprecationWarning", "script.py")),
    Row("x_options", FLAGS,
        ("-X", "utf8=0", "-X", "own=1", "-Xfrozen_modules=off", "-OO", "script.py")),
    Row("x_tracemalloc", "import tracemalloc; print(tracemalloc.get_traceback_limit())",
        ("-X", "tracemalloc=5", "-X", "faulthandler", "script.py")),
    Row("skip_first_line", "this is no python\nprint(__file__)\n", ("-x", "script.py")),
    Row("bytes_warnings", "print(str(b'x'))", ("-b", "script.py")),
    Row("quiet_safe_path", FLAGS, ("-q", "-P", "-B", "script.py")),
    # --- encodings
    Row("encodings_c_locale", ENCODINGS, env={"LANG": None, "LC_ALL": "C"}),
    Row("encodings_posix_no_coercion", ENCODINGS,
        env={"LANG": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0",
             "PYTHONIOENCODING": "utf-8:replace"}),
    Row("encodings_io", ENCODINGS, env={"PYTHONIOENCODING": "latin-1:backslashreplace"}),
    Row("encodings_utf8_mode", ENCODINGS, env={"PYTHONUTF8": "1", "LANG": None}),
    Row("argv_not_utf8", ENCODINGS, ("script.py", b"\xff\xfe", "\u20ac".encode())),
    Row("source_latin1", "# coding: latin-1\nname = 'caf\u00e9'\nprint(ascii(name), len(name))\n"
        .encode("latin-1")),
    Row("source_bom", b"\xef\xbb\xbfprint('bom')\nx = 1 / 0\n"),
    Row("source_bad_cookie", b"# coding: no-such-codec\nprint(1)\n", lines="none"),
    Row("source_crlf", b"x = 1\r\nfor i in range(2):\r\n    print(i)\r\n"),
    Row("source_form_feed", b"def f():\n    return 1\n\x0c\nprint(f())\n"),
    Row("source_unicode_names",
        "def f\u00fcr(\u00e4): return \u00e4 * 2\nprint(ascii(f\u00fcr('x')))\n"),
)
