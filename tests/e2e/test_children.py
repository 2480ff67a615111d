# SPDX-License-Identifier: MIT
"""Processes that the program starts: the builtins are there in each that is a Python, however it
was reached, and nothing else is to be seen of mprun."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

import harness

BUILD = pathlib.Path(harness.MPRUN).parent
LOADER = "/lib64/ld-linux-x86-64.so.2"

METHODS = """
import multiprocessing as mp


@profile
def work(n):
    return len([n] * 100_000)


if __name__ == '__main__':
    for method in ('fork', 'spawn', 'forkserver'):
        p = mp.get_context(method).Process(target=work, args=(3,))
        p.start()
        p.join()
        print(method, p.exitcode)
        with mp.get_context(method).Pool(2) as pool:
            print(pool.map(work, range(3)))
"""


def test_start_methods(tmp_path, host):
    """Children of all three start methods import the decorated module."""
    result = harness.profile_program(tmp_path, METHODS, host=host)
    assert result.stdout.decode().splitlines() == [
        line for method in ("fork", "spawn", "forkserver")
        for line in (f"{method} 0", "[100000, 100000, 100000]")], str(result)
    assert not result.foreign_stderr, str(result)


# What a process sees of itself, as JSON; the names apart, since bare python has none.
VIEW = """
import builtins, json, os, sys
fds = []
for fd in range(64):
    try: fds.append([fd, os.fstat(fd).st_mode, os.get_inheritable(fd)])
    except OSError: pass
view = {
    "environ": list(os.environ.items()),
    "block": open("/proc/self/environ", "rb").read().decode("latin-1"),
    "command": open("/proc/self/cmdline", "rb").read().decode("latin-1"),
    "name": open("/proc/self/comm").read(),
    "fds": fds, "flags": repr(sys.flags), "path": sys.path, "argv": sys.argv,
    "orig_argv": sys.orig_argv, "executable": sys.executable, "prefix": sys.prefix,
    "modules": sorted(sys.modules), "xoptions": sys._xoptions, "hooks": repr(sys.gettrace()),
    "builtin_modules": sys.builtin_module_names, "main": __name__,
    "builtins": sorted(set(vars(builtins)) - {"profile", "mprun"}),
}
for module in "posix", "_thread", "builtins":
    view["spec " + module] = repr(getattr(sys.modules.get(module), "__spec__", None))
names = [name for name in ("profile", "mprun") if hasattr(builtins, name)]
if names:
    def function(): pass
    assert profile(function) is function and mprun(x=1)(function) is function
    with profile: pass
    with profile.timestamp("x"): pass
    assert profile.runcall(max, 1, 2) == 2
print(json.dumps([names, view]), flush=True)
"""

# Ways from a program to that view.
WAYS = {
    "subprocess": "subprocess.run([python, view, 'a'])",
    "isolated": "subprocess.run([python, '-I', '-S', '-B', view])",
    "environment": "subprocess.run([python, view], env={'B': '1', 'A': '', 'C': '3'})",
    "no_environment": "subprocess.run([python, view], env={})",
    "preload": "subprocess.run([python, view], env={'A': '1', 'LD_PRELOAD': 'libm.so.6', 'B': '2'})",
    "empty_preload": "subprocess.run([python, view], env={'LD_PRELOAD': '', 'B': '2'})",
    "two_preloads": "subprocess.run([python, view], env={'LD_PRELOAD': 'libm.so.6:libdl.so.2'})",
    "large_environment":
        "subprocess.run([python, view], env={f'V{i}': str(i) for i in range(1500)})",
    "open_files": "subprocess.run([python, view], pass_fds=[os.open('/', 0)])",
    "shell": "subprocess.run(f'{python} {view} b; exit 0', shell=True)",
    "shell_in_shell": "subprocess.run(['sh', '-c', f\"sh -c 'exec {python} {view}'; true\"])",
    "env": "subprocess.run(['env', '-i', 'Z=1', 'Y=2', python, view])",
    "script": "subprocess.run([os.path.abspath('view_by_env'), 'x'])",
    "script_of_path": "os.environ.update(PATH=os.getcwd() + ':' + os.environ['PATH']); "
                      "subprocess.run(['view_by_env'])",
    "script_of_shell": "subprocess.run(['sh', './view_by_sh'])",
    "system": "os.system(f'{python} {view} c')",
    "popen": "print(os.popen(f'{python} {view} d').read(), end='')",
    "posix_spawn": "os.waitpid(os.posix_spawn(python, [python, view], os.environ), 0)",
    "posix_spawnp": "os.waitpid(os.posix_spawnp('env', ['env', python, view], {'A': '1'}), 0)",
    "spawnv": "os.spawnv(os.P_WAIT, python, [python, view])",
    "grandchild": "subprocess.run([python, '-c', 'import subprocess, sys;'"
                  "'subprocess.run([sys.executable, sys.argv[1]])', view])",
    "forked": "os.fork() or os.execv(python, [python, view]); os.wait()",
    "exec": "os.execv(python, [python, view, 'e'])",
    "execve": "os.execve(python, [python, view], {'ONE': '1'})",
    "execlp": "os.execlp('sh', 'sh', '-c', f'{python} {view} & wait')",
    "fexecve": "os.execve(os.open(python, os.O_RDONLY), [python, view], os.environ)",
    "raw_execl": "import ctypes; c = ctypes.CDLL(None); "
                 "c.execl(python.encode(), python.encode(), view.encode(), None)",
    "raw_execle": "import ctypes; c = ctypes.CDLL(None); c.execle(python.encode(), python.encode(), "
                  "view.encode(), None, (ctypes.c_char_p * 3)(b'A=1', b'B=2', None))",
    "raw_execlp": "import ctypes; c = ctypes.CDLL(None); "
                  "c.execlp(b'env', b'env', python.encode(), view.encode(), None)",
    "raw_execvpe": "import ctypes; c = ctypes.CDLL(None); V = ctypes.c_char_p * 4; c.execvpe("
                   "b'env', V(b'env', python.encode(), view.encode()), V(b'PATH=/bin', b'Q=2'))",
    "nice": "subprocess.run(['nice', 'timeout', '30', python, view])",
    "vfork_thread": "threading.stack_size(65536); "
                    "t = threading.Thread(target=lambda: subprocess.run([python, view])); "
                    "t.start(); t.join()",
}

PROGRAM = """
import os, subprocess, sys, threading
python, view = sys.executable, os.path.abspath("view.py")
os.environ["SET"] = "by the program"
{way}
"""


def lay_view(folder):
    """The view as a program, and as scripts with and without a first line of their own."""
    harness.write_program(folder, VIEW, "view.py")
    (folder / "bin").mkdir()
    (folder / "bin" / "python3").symlink_to(harness.PYTHON)
    for name, text in (("view_by_env", "#!/usr/bin/env python3\n" + VIEW),
                       ("view_by_sh", f'exec "{harness.PYTHON}" ./view.py "$@"\n')):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)


@pytest.mark.parametrize("way", WAYS)
def test_view_of_a_child(tmp_path, way):
    """Environment, also as the kernel shows it, descriptors, paths, flags, modules: as bare. And
    the names are there."""
    lay_view(tmp_path)
    script = harness.write_program(tmp_path, PROGRAM.format(way=WAYS[way]), "program.py")
    env = {"PATH": f"{tmp_path}/bin:/usr/local/bin:/usr/bin:/bin"}
    bare = harness.run_python([script], cwd=tmp_path, env=env)
    assert bare.status == 0, str(bare)
    for host in harness.HOSTS:
        result = harness.run_mprun([script], tmp_path / "out.json", host=host, cwd=tmp_path, env=env)
        assert result.status == 0 and not result.foreign_stderr, str(result)
        (none, expected), (names, seen) = (json.loads(r.stdout) for r in (bare, result))
        assert not none and names == ["profile", "mprun"], names
        for key, value in expected.items():
            assert seen[key] == value, key


OTHERS = """
import os, subprocess, sys
def run(*words, **options):
    done = subprocess.run(words, capture_output=True, **options)
    print(words, done.returncode, done.stdout, done.stderr)
environment = {"A": "1", "PATH": "/usr/bin:/bin"}
preload = {**environment, "LD_PRELOAD": "libm.so.6"}
for env in environment, preload:
    run("env", env=env)
    run("sh", "-c", "export -p; env; tr '\\\\0' , < /proc/self/environ; cat /proc/$$/environ", env=env)
    run("%s", "/usr/bin/env", env=env)
    run("python3", "-c", "import os; print(os.environ)", env={**env, "LC_ALL": "C"})
run("/usr/bin/env", env={**environment, "LD_TRACE_LOADED_OBJECTS": "1"})
run("./hello")
for words in (["./missing"], ["./plain"], ["./empty"], ["/"], ["./broken"], ["./loop"]):
    for start in (subprocess.run, lambda w: os.execv(w[0], w), lambda w: os.execvp(w[0], w),
                  lambda w: os.posix_spawn(w[0], w, {}), lambda w: os.posix_spawnp(w[0], w, {})):
        try:
            start(words)
            print(words, "started")
        except OSError as error:
            print(words, error.errno)
print([os.waitstatus_to_exitcode(os.system(command)) for command in
       ("exit 3", "kill -9 $$", "true", "trap 'exit 5' INT; kill -INT $$")])
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
print(os.waitstatus_to_exitcode(os.system("kill -INT $$; exit 6")))
print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGQUIT),
      signal.pthread_sigmask(signal.SIG_BLOCK, []))
""" % LOADER


def test_other_programs(tmp_path, host):
    """Shells and tools print the environment as bare, static programs get nothing, what cannot be
    started fails as bare, and system() treats signals as the C library does."""
    for name, text in (("plain", "echo plain\n"), ("empty", ""), ("broken", "#!/no/such/thing\n"),
                       ("loop", "#!./loop\n"), ("hello", "#!/bin/sh\necho hello\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    script = harness.write_program(tmp_path, OTHERS)
    bare = harness.run_python([script], cwd=tmp_path)
    result = harness.run_mprun([script], tmp_path / "out.json", host=host, cwd=tmp_path)
    assert bare.status == 0 and not bare.stderr, str(bare)
    mask = [line for line in bare.stdout.splitlines() if b"0x" not in line]
    assert [line for line in result.stdout.splitlines() if b"0x" not in line] == mask
    assert result.status == 0 and not result.foreign_stderr, str(result)
    traced = [line for line in result.stdout.splitlines() if b"LD_TRACE" in line or b"0x" in line]
    assert traced and b"mprun" not in b"".join(traced)


def test_own_environment(tmp_path, host):
    """The program's own, too, is clean where the kernel shows it."""
    script = harness.write_program(tmp_path, "print(open('/proc/self/environ', 'rb').read())\n")
    for extra in ({}, {"LD_PRELOAD": "libm.so.6"}, {"LD_PRELOAD": ""}):
        bare = harness.run_python([script], env=extra)
        result = harness.run_mprun([script], tmp_path / "out.json", host=host, env=extra)
        assert sorted(result.stdout.split(b"\\x00")) == sorted(bare.stdout.split(b"\\x00"))


OURS_TOO = """
import os, subprocess
print(os.environ.get("LD_PRELOAD"), open("/proc/self/environ", "rb").read().count(b"mprun"),
      flush=True)
subprocess.run(["/bin/sh", "-c", "echo $LD_PRELOAD"])
"""


def test_preloaded_by_the_user_too(tmp_path):
    """Of mprun's own library nothing is left in LD_PRELOAD, however often and by whatever name it
    stands there; other libraries stay."""
    script = harness.write_program(tmp_path, OURS_TOO)
    own = str(BUILD / "libmprun-preload.so")
    (tmp_path / "link.so").symlink_to(own)
    for value, left in ((own, None), (f"{own}:libm.so.6 {own}", "libm.so.6"),
                        (f"{tmp_path}/link.so libm.so.6", "libm.so.6")):
        result = harness.run_mprun([script], tmp_path / "out.json", env={"LD_PRELOAD": value})
        assert result.stdout.decode() == f"{left} 0\n{left or ''}\n", str(result)
        assert result.status == 0 and not result.foreign_stderr, str(result)


SANITIZED = """
import subprocess
print(subprocess.run(["./sanitized"], capture_output=True))
"""


def test_sanitized_program(tmp_path, host):
    """A sanitizer insists on being the first library."""
    compiler = shutil.which("gcc")
    (tmp_path / "sanitized.c").write_text("int main(void) { return 7; }\n", encoding="utf-8")
    if not compiler or subprocess.run(
            [compiler, "-fsanitize=address", "sanitized.c", "-o", "sanitized"], cwd=tmp_path,
            capture_output=True, check=False).returncode:
        pytest.skip("there is no gcc with libasan here")
    script = harness.write_program(tmp_path, SANITIZED)
    result = harness.run_mprun([script], tmp_path / "out.json", host=host, cwd=tmp_path)
    assert b"returncode=7, stdout=b'', stderr=b''" in result.stdout, str(result)


GONE = """
import os, subprocess, sys
code = "import builtins, os; print(hasattr(builtins, 'profile'), 'LD_PRELOAD' in os.environ)"
subprocess.run([sys.executable, "-c", code])
os.rename(sys.argv[1], sys.argv[1] + ".away")
subprocess.run([sys.executable, "-c", code])
with open(sys.argv[1], "w"): pass
subprocess.run([sys.executable, "-c", code])
"""


def test_library_that_is_gone(tmp_path, host):
    """Under another root, or after an update: nothing is preloaded, and the loader says nothing."""
    for name in ("mprun", "libmprun-preload.so", "libmprun-children.so",
                 f"libmprun-host-{harness.MINOR}.so", f"mprun-host-{harness.MINOR}"):
        shutil.copy(BUILD / name, tmp_path)
    library = tmp_path / "libmprun-children.so"
    script = harness.write_program(tmp_path, GONE)
    result = harness.run([str(tmp_path / "mprun"), "-q", "--host", host, "--python", harness.PYTHON,
                          script, str(library)], cwd=tmp_path)
    assert result.stdout == b"True False\nFalse False\nFalse False\n", str(result)
    assert not result.stderr, str(result)


def test_mprun_inside(tmp_path, host):
    """An mprun that the program starts measures as if it were alone."""
    harness.write_program(tmp_path, "@profile\ndef f(): return 1\nf()\n", "inner.py")
    outer = harness.write_program(tmp_path, f"""
import subprocess
subprocess.run(["{harness.MPRUN}", "--host", "{host}", "--python", "{harness.PYTHON}", "-q", "-o",
                "inner.json", "--format", "json", "inner.py"], check=True)
""", "outer.py")
    result = harness.run_mprun([outer], tmp_path / "out.json", host=host, cwd=tmp_path)
    assert result.status == 0 and not result.stdout and not result.stderr, str(result)
    inner = harness.read_profile(tmp_path / "inner.json")
    assert [(f["qualname"], f["calls"]) for f in inner["functions"]] == [("f", 1)]
    assert not any("process" in note for note in inner["notes"]), inner["notes"]


RELOADER = """
import os, sys
@profile
def served(): return len(sys.argv)
print(served(), flush=True)
if len(sys.argv) < 3:
    os.execv(sys.executable, [sys.executable, *sys.argv, "again"])
"""


def test_exec_of_itself(tmp_path, host):
    """A reloader starts the program anew in its place: told of, and no NameError."""
    result = harness.profile_program(tmp_path, RELOADER, host=host)
    assert result.stdout == b"1\n2\n3\n" and not result.foreign_stderr, str(result)
    assert any("(exec)" in note for note in result.profile["notes"])


INTERPRETERS = """
@profile
def f(): return 1
f()
code = "profile; mprun(); print(profile(len) is len)\\nwith profile: print(type(profile))"
try:
    import concurrent.interpreters as interpreters
    interpreters.create().exec(code)
except ImportError:
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    assert not interpreters.run_string(interpreters.create(), code)
f()
"""


def test_interpreters_of_one_process(tmp_path, host):
    """Each has the names; what others decorate is not selected."""
    result = harness.profile_program(tmp_path, INTERPRETERS, host=host)
    assert result.stdout == b"True\n<class 'builtins.profile'>\n", str(result)
    assert not result.foreign_stderr, str(result)
    assert [(f["qualname"], f["calls"]) for f in result.profile["functions"]] == [("f", 2)]
    assert not any("selects nothing" in note for note in result.profile["notes"])


EARLY = """
import builtins
print(profile.__name__, flush=True)
builtins.profile = "of the site"
"""


def test_before_the_program(tmp_path, host):
    """The names are there when site runs; in a child what it makes of them stands."""
    harness.write_program(tmp_path, EARLY, "sitecustomize.py")
    script = harness.write_program(
        tmp_path, "import subprocess, sys\nprint(profile, flush=True)\n"
        "subprocess.run([sys.executable, '-c', 'print(profile)'])\n")
    result = harness.run_mprun([script], tmp_path / "out.json", host=host,
                               env={"PYTHONPATH": str(tmp_path)})
    assert result.stdout.decode().splitlines() == [
        "profile", "<mprun's decorator profile>", "profile", "of the site"], str(result)


def test_many_children(tmp_path, host):
    """As many as there are, and each is counted once."""
    result = harness.profile_program(tmp_path, """
import os, subprocess
for i in range(20):
    subprocess.run(["true"]); os.system("true"); os.popen("true").close()
""", host=host)
    assert any("started 60 processes" in note for note in result.profile["notes"]), (
        result.profile["notes"])


ELSEWHERE = """
import subprocess, sys
def work():
    return [0] * 10
if sys.argv[1:]:
    work()
else:
    subprocess.run([sys.executable, __file__, "child"])
"""


def test_what_ran_in_a_child(tmp_path, host):
    """A function that is not called here, or not even there, may have run in a child: that is said."""
    result = harness.profile_program(tmp_path, ELSEWHERE, "-f", "work", host=host)
    assert any("What was never called here may have run there." in note
               for note in result.profile["notes"]), result.profile["notes"]
    harness.write_program(tmp_path, ELSEWHERE, "other.py")
    result = harness.profile_program(
        tmp_path, "import subprocess, sys\nsubprocess.run([sys.executable, 'other.py', '1'])\n",
        "-f", "work", host=host, status=125, cwd=tmp_path)
    assert any("may have run in the 1 process that the program started" in line
               for line in result.own_lines), str(result)
