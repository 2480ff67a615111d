# SPDX-License-Identifier: MIT
"""The command line as a user meets it: words, files, messages, statuses, signals, terminals."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

import harness

SCRIPT = """
import sys

def load(n):
    data = [i for i in range(n)]
    return len(data)

class Reader:
    def load_all(self):
        return load(10)

def never():
    return 1

if __name__ == "__main__":
    print(load(1000), Reader().load_all(), sys.argv[1:])
"""
OUTPUT = b"1000 10 []\n"
REFUSED = 125


@pytest.fixture
def folder(tmp_path):
    """A folder with SCRIPT in it."""
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def mprun(folder, *words, env=None, **kwargs):
    """mprun with these words; the distribution's python3 is first on PATH."""
    return harness.run([harness.MPRUN, *words], cwd=folder, env=env, **kwargs)


def said(result):
    """All of mprun's own messages."""
    return "\n".join(result.own_lines)


# --- help, version, usage errors

@pytest.mark.parametrize("words", (["--help"], ["-h"], ["help"], ["--help", "--rss", "nonsense"]))
def test_help(folder, words):
    """Help goes to stdout, fits a screen, and ends with success."""
    result = mprun(folder, *words)
    text = result.stdout.decode()
    assert result.status == 0 and not result.stderr, str(result)
    assert "Usage: mprun" in text and "--func PATTERN" in text and "mprun script.py --func" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert len(text.splitlines()) <= 40
    for absent in ("merge", "report PROFILE"):
        assert absent not in text


def test_version(folder):
    """One line: name and version, which is the one that the news is of."""
    result = mprun(folder, "--version")
    assert result.status == 0 and not result.stderr
    news = (pathlib.Path(__file__).parents[2] / "NEWS.md").read_text()
    newest = re.search(r"^## (\d+\.\d+\.\d+)", news, re.M).group(1)
    assert result.stdout.decode() == f"mprun {newest}\n", str(result)


USAGE_ERRORS = (
    ("nothing", [], "nothing to run"),
    ("unknown_option", ["--fumc", "x", "script.py"], "--func"),
    ("unknown_letter", ["-Z", "script.py"], "-Z"),
    ("func_without_value", ["script.py", "--func"], "--func"),
    ("func_empty", ["--func", "", "script.py"], "--func"),
    ("func_half", ["--func", "a:", "script.py"], "--func"),
    ("module_without_value", ["-m"], "-m"),
    ("other_command", ["merge"], "has no command 'merge'; to run a file of that name: mprun ./"),
    ("bad_tier", ["--rss", "best", "script.py"], "every-line"),
    ("bad_format", ["--format", "xml", "script.py"], "json"),
    ("bad_host", ["--host", "remote", "script.py"], "embedded"),
    ("bad_interval", ["--interval", "10", "script.py"], "10ms"),
    ("bad_width", ["--width", "3", "script.py"], "--width"),
    ("bad_unit", ["--unit", "km", "script.py"], "MiB"),
    ("bad_sort", ["--sort", "name", "script.py"], "source"),
    ("bad_color", ["--color", "red", "script.py"], "always"),
    ("bad_columns", ["--columns", "+nonsense", "script.py"], "nonsense"),
    ("json_without_file", ["--format", "json", "script.py"], "-o"),
    ("output_is_python", ["-o", "script.py", "script.py"], "script.py"),
    ("output_folder_missing", ["-o", "nowhere/x.json", "script.py"], "nowhere/x.json"),
    ("output_is_folder", ["-o", ".", "script.py"], "."),
    ("python_missing", ["--python", "/no/such/python3", "script.py"], "/no/such/python3"),
    ("python_no_elf", ["--python", "/etc/passwd", "script.py"], "/etc/passwd"),
    ("python_no_python", ["--python", "/bin/true", "script.py"], "/bin/true"),
)


@pytest.mark.parametrize("words, names", [row[1:] for row in USAGE_ERRORS],
                         ids=[row[0] for row in USAGE_ERRORS])
def test_usage_error(folder, words, names):
    """125, one message on stderr that names the thing at fault; the program is not started."""
    before = (folder / "script.py").read_text(encoding="utf-8")
    result = mprun(folder, *words)
    assert result.status == REFUSED, str(result)
    assert not result.stdout and not result.foreign_stderr, str(result)
    assert names in said(result), str(result)
    assert (folder / "script.py").read_text(encoding="utf-8") == before


# --- what runs, and how it is named

VERSION = harness.run_python(["--version"]).stdout

FORMS = (
    ("script", ["script.py"], OUTPUT),
    ("script_func", ["script.py", "--func", "load"], OUTPUT),
    ("script_func_joined", ["script.py", "--func=load", "x"], b"1000 10 ['x']\n"),
    ("func_first", ["-f", "load", "script.py", "-q"], b"1000 10 ['-q']\n"),
    ("func_joined", ["-fload", "script.py"], OUTPUT),
    ("func_twice", ["-f", "load", "script.py", "--func", "load_all"], OUTPUT),
    ("run_word", ["run", "script.py"], OUTPUT),
    ("dashes", ["--", "script.py", "--", "a"], b"1000 10 ['--', 'a']\n"),
    ("module", ["-m", "script", "--func", "load", "y"], b"1000 10 ['y']\n"),
    ("code", ["-c", "import script; print(script.load(5))", "--func", "script.load"], b"5\n"),
    ("python_word", ["-f", "load", "python3", "-X", "dev", "script.py"], OUTPUT),
    ("python_word_code", [harness.PYTHON, "-c", "print(2)"], b"2\n"),
)


@pytest.mark.parametrize("words, output", [row[1:] for row in FORMS], ids=[row[0] for row in FORMS])
def test_form(folder, words, output):
    """The program's output comes first, then the report, both on stdout."""
    result = mprun(folder, *words)
    assert result.status == 0, str(result)
    assert result.stdout.startswith(output), str(result)
    report = result.stdout[len(output):].decode()
    assert "Line" in report and "Hits" in report and f"CPython {harness.MINOR}" in report, str(result)
    assert not result.foreign_stderr, str(result)


@pytest.mark.parametrize("words, output", (
    (["python3", "--version"], VERSION),
    ([harness.PYTHON, "-V"], VERSION),
))
def test_python_version(folder, words, output):
    """An interpreter that ends before it runs anything ends as it would by itself."""
    result = mprun(folder, "-q", *words)
    plain = harness.run([words[0], *words[1:]])
    assert plain.stdout[:9] == output[:9]
    assert (result.status, result.stdout) == (0, plain.stdout), str(result)


def test_note_on_script_words(folder):
    """An option of mprun's behind the script is the script's; a note says so, -q does not."""
    result = mprun(folder, "script.py", "x", "--rss", "off", "--help")
    assert result.stdout.startswith(b"1000 10 ['x', '--rss', 'off', '--help']\n"), str(result)
    assert "--rss" in said(result) and result.status == 0, str(result)
    assert not mprun(folder, "-q", "script.py", "--rss").stderr
    assert not said(mprun(folder, "script.py", "--", "--rss"))


# --- patterns

@pytest.mark.parametrize("pattern, names", (
    ("laod", ("load", "script.py:4")),
    ("Reader.load_al", ("Reader.load_all", "script.py")),
    ("scrpt.load", ("load",)),
    ("json:dmups", ("json:dmups",)),
))
def test_pattern_unmatched(folder, pattern, names):
    """125 after the program has run, with the nearest names, their file and line."""
    result = mprun(folder, "script.py", "--func", pattern)
    assert result.stdout.startswith(OUTPUT), str(result)
    assert result.status == REFUSED, str(result)
    assert pattern in said(result), str(result)
    for name in names:
        assert name in said(result), str(result)


def test_pattern_never_called(folder):
    """Matched, never called: listed, and the status is the program's."""
    result = mprun(folder, "script.py", "--func", "never")
    assert result.status == 0, str(result)
    assert re.search(rb"never.*never called|never called.*never", result.stdout, re.S), str(result)


def selected(folder, *words):
    """Qualified names that a command line selects, and the profile."""
    profile = folder / "profile.json"
    result = mprun(folder, "-q", "-o", str(profile), *words)
    assert result.status == 0, str(result)
    found = harness.read_profile(profile)["functions"]
    return {f["qualname"]: f for f in found if f["calls"]}


@pytest.mark.parametrize("pattern, names", (
    ("load", {"load"}),
    ("load*", {"load", "Reader.load_all"}),
    ("Reader", {"Reader", "Reader.load_all"}),
    ("Reader.*", {"Reader.load_all"}),
    ("R?ader.load_all", {"Reader.load_all"}),
    ("__main__.load", {"load"}),
    ("script.py:load", {"load"}),
    ("*", {"<module>", "load", "Reader", "Reader.load_all"}),
))
def test_pattern(folder, pattern, names):
    """Whole components at the end of module.qualname; what lies inside is selected with it."""
    found = selected(folder, "script.py", "--func", pattern)
    assert set(found) == names
    assert all(f["selected_by"] == pattern for f in found.values())


def test_pattern_scope(folder):
    """A scope reaches the standard library; without one only the user's own code is searched."""
    harness.write_program(folder, "import json\nprint(json.dumps([1], indent=1))\n"
          "def dumps(): return 1\ndumps()\n")
    assert [f["file"] for f in selected(folder, "user.py", "--func", "dumps").values()] \
        == [str(folder / "user.py")]
    found = selected(folder, "user.py", "--func", "json:dumps")
    assert {f["module"] for f in found.values()} == {"json"}


def test_default_selects_the_script_only(folder):
    """The default is all code of the script's own file."""
    (folder / "other.py").write_text("def g(): return 1\n", encoding="utf-8")
    harness.write_program(folder, "import other\ndef f(): return other.g()\nf()\n")
    assert set(selected(folder, "user.py")) == {"<module>", "f"}


# --- output

def test_output_format_by_name(folder):
    """The file's ending chooses the format; the program's stdout stays alone."""
    result = mprun(folder, "-o", "out.json", "script.py")
    assert (result.status, result.stdout) == (0, OUTPUT), str(result)
    assert harness.read_profile(folder / "out.json")["schema"] == 1
    mprun(folder, "-o", "out.txt", "script.py")
    assert "Hits" in (folder / "out.txt").read_text(encoding="utf-8")
    assert sorted(p.name for p in folder.glob("*out*")) == ["out.json", "out.txt"]


def test_output_dash(folder):
    """`-o -` puts a format for programs on stdout."""
    result = mprun(folder, "-o", "-", "--format", "json", "script.py")
    assert result.stdout.startswith(OUTPUT)
    assert harness.parse_profile(result.stdout[len(OUTPUT):])["exit"] == {"status": 0, "signal": None}


def test_output_replaced_at_the_end(folder):
    """An existing report stays until the new one is whole, and keeps nothing beside it."""
    (folder / "out.json").write_text("old", encoding="utf-8")
    (folder / "look.py").write_text("print(open('out.json').read())\n", encoding="utf-8")
    result = mprun(folder, "-o", "out.json", "look.py")
    assert result.stdout == b"old\n", str(result)
    assert harness.read_profile(folder / "out.json")["schema"] == 1
    assert sorted(p.name for p in folder.iterdir()) == ["look.py", "out.json", "script.py"]


def test_output_lost_at_the_end(folder):
    """Where the file cannot be written at the end, the text report goes to stderr: 125."""
    (folder / "sub").mkdir()
    harness.write_program(folder, "import shutil\nshutil.rmtree('sub')\n")
    result = mprun(folder, "-o", "sub/out.json", "user.py")
    assert result.status == REFUSED, str(result)
    assert "sub/out.json" in said(result) and b"Hits" in result.stderr, str(result)


def test_quiet(folder):
    """-q: no report and no notes."""
    result = mprun(folder, "-q", "script.py")
    assert (result.status, result.stdout, result.stderr) == (0, OUTPUT, b""), str(result)


def test_json_shape(folder):
    """The keys of schema 1; what is not measured is null."""
    mprun(folder, "-o", "out.json", "script.py", "a")
    profile = harness.read_profile(folder / "out.json")
    assert set(profile) >= {
        "schema", "mprun", "command", "cwd", "pid", "python", "interpreter", "host", "started",
        "duration_ns", "exit", "dropped", "engines", "rss", "heap", "functions", "open", "sites",
        "timeline", "notes"}
    assert profile["command"] == ["script.py", "a"] and profile["cwd"] == str(folder)
    assert profile["python"].startswith(harness.MINOR + ".")
    assert profile["interpreter"] == harness.PYTHON
    assert profile["engines"]["trace"] == harness.TRACE and profile["engines"]["heap"] is True
    assert set(profile["rss"]) >= {"start", "peak", "end", "own"}
    assert 0 < profile["rss"]["own"] < 8 << 20
    assert profile["rss"]["peak"] >= profile["rss"]["start"] > 4 << 20
    load = next(f for f in profile["functions"] if f["qualname"] == "load")
    assert (load["first_line"], load["last_line"], load["calls"]) == (4, 6, 2)
    assert [row["source"] for row in load["rows"]] == SCRIPT.splitlines()[3:6]
    assert [row["hits"] for row in load["rows"]] == [0, 2, 2]
    assert all(row["heap_delta"] is not None for row in load["rows"])
    mprun(folder, "--no-heap", "-o", "out.json", "script.py", "a")
    profile = harness.read_profile(folder / "out.json")
    assert profile["heap"] is None and profile["sites"] is None
    assert not profile["engines"]["heap"]
    assert all(row["heap_delta"] is None for f in profile["functions"] for row in f["rows"])


def test_timeline(folder):
    """Samples rise with time, and the peak is in them or said to lie between them."""
    harness.write_program(folder, "import time\nx = []\nfor i in range(10):\n"
          "    x.append(bytearray(2_000_000))\n    time.sleep(0.02)\n")
    mprun(folder, "-o", "out.json", "--interval", "5ms", "user.py")
    profile = harness.read_profile(folder / "out.json")
    samples = profile["timeline"]
    assert len(samples) >= 20
    assert [s["t_ns"] for s in samples] == sorted(s["t_ns"] for s in samples)
    assert max(s["rss"] for s in samples) - profile["rss"]["start"] > 15 << 20
    assert profile["rss"]["peak"] >= max(s["rss"] for s in samples) - (64 << 10)


@pytest.mark.parametrize("env, words, colored", (
    ({}, [], False),
    ({}, ["--color", "always"], True),
    ({"NO_COLOR": "1"}, ["--color", "always"], True),
    ({"NO_COLOR": "1"}, ["--color", "auto"], False),
))
def test_color_to_a_pipe(folder, env, words, colored):
    """No colour but on a terminal, unless asked for."""
    result = mprun(folder, *words, "script.py", env=env)
    assert (b"\x1b[" in result.stdout) == colored, str(result)


@pytest.mark.parametrize("env, colored", (({}, True), ({"NO_COLOR": "1"}, False),
                                          ({"TERM": "dumb"}, False)))
def test_color_on_a_terminal(folder, env, colored):
    """Colour on a terminal; NO_COLOR and dumb terminals take it away."""
    status, output = harness.run_pty([harness.MPRUN, "script.py"], cwd=folder,
                                     env={"TERM": "xterm-256color", **env})
    assert status == 0 and b"Hits" in output
    assert (b"\x1b[" in output) == colored, output.decode()


def test_ascii_without_utf8(folder):
    """Without UTF-8 the report is plain ASCII."""
    result = mprun(folder, "script.py", env={"LANG": "C", "LC_ALL": "C"})
    assert result.status == 0 and result.stdout.isascii(), str(result)


@pytest.mark.parametrize("width", (60, 80, 120))
def test_width(folder, width):
    """No line is wider than asked."""
    harness.write_program(folder, f"def f():\n    x = '{'wide ' * 60}'\n    if x: pass\nf()\n")
    result = mprun(folder, "--width", str(width), "user.py")
    lines = result.stdout.decode().splitlines()
    assert lines and max(map(len, lines)) <= width, str(result)


# --- the end

@pytest.mark.parametrize("code, status", (
    ("import sys; sys.exit(3)", 3),
    ("1 / 0", 1),
    ("import os; os._exit(9)", 9),
    ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ("import os; os.abort()", -signal.SIGABRT),
))
def test_end(folder, code, status, host):
    """mprun ends as the program did, and still reports."""
    harness.write_program(folder, f"def f(n):\n    x = [1] * n\n    {code}\nf(10)\n")
    result = mprun(folder, "--host", host, "-o", "out.json", "user.py")
    assert result.status == status, str(result)
    profile = harness.read_profile(folder / "out.json")
    ended = profile["exit"]
    assert (ended["signal"] or ended["status"]) == abs(status), ended
    assert sum(f["calls"] for f in profile["functions"]) == 2
    if status in (9, -signal.SIGTERM, -signal.SIGKILL, -signal.SIGABRT):
        assert {"line": 3}.items() <= profile["open"][-1].items() or profile["open"][0]["line"] == 3


def test_ended_here_is_marked(folder):
    """The row that was open when the target was killed is marked in the text."""
    harness.write_program(folder, "import os\ndef f():\n    os.kill(os.getpid(), 9)\nf()\n")
    result = mprun(folder, "user.py")
    assert result.status == -signal.SIGKILL
    assert re.search("os.kill.*ended here", result.stdout.decode()), str(result)


def other_python():
    """An interpreter for which there is no host, if this machine has one."""
    hosts = json.loads(harness.run([harness.MPRUN, "doctor", "--format", "json"]).stdout)["hosts"]
    places = [*pathlib.Path("/usr/bin").glob("python3.*"),
              *pathlib.Path.home().glob(".pyenv/versions/*/bin/python3")]
    for place in places:
        if not re.fullmatch(r"python3(\.\d+)?", place.name) or not os.access(place, os.X_OK):
            continue
        found = subprocess.run([place, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                               capture_output=True, text=True, check=False).stdout.strip()
        if re.fullmatch(r"3\.\d+", found) and found not in hosts["interpreter"]:
            return str(place)
    return None


@pytest.mark.parametrize("form", ("option", "word"))
def test_other_version(folder, form):
    """No host for a version: refused, with the version found and those that there are."""
    python = other_python()
    if not python:
        pytest.skip("no Python of another version on this machine")
    words = ["--python", python] if form == "option" else [python]
    result = mprun(folder, *words, "script.py")
    assert result.status == REFUSED and not result.stdout, str(result)
    assert harness.MINOR in said(result), str(result)
    assert re.search(rf"3\.(?!{harness.VERSION[1]})\d+", said(result)), str(result)


def test_interpreter_of_the_shell(folder):
    """Without --python it is VIRTUAL_ENV's, else the first python3 on PATH, scripts resolved."""
    subprocess.run([harness.PYTHON, "-m", "venv", "--without-pip", "env"], cwd=folder, check=True)
    (folder / "who.py").write_text("import sys\nprint(sys.prefix)\n", encoding="utf-8")
    env = str(folder / "env")
    assert mprun(folder, "-q", "who.py", env={"VIRTUAL_ENV": env}).stdout.decode().strip() == env
    path = f"{env}/bin:{harness.BASE_ENV['PATH']}"
    assert mprun(folder, "-q", "who.py", env={"PATH": path}).stdout.decode().strip() == env
    assert mprun(folder, "-q", "who.py").stdout == \
        harness.run_python([str(folder / "who.py")]).stdout
    shim = folder / "shims" / "python3"
    shim.parent.mkdir()
    shim.write_text(f"#!/bin/sh\nexec {env}/bin/python3 \"$@\"\n", encoding="utf-8")
    shim.chmod(0o755)
    shimmed = mprun(folder, "-q", "who.py", env={"PATH": f"{shim.parent}:/usr/bin:/bin"})
    assert shimmed.stdout.decode().strip() == env, str(shimmed)


# --- pipes and signals

@pytest.mark.parametrize("words", ([], ["-q"], ["-o", "-", "--format", "json"]))
def test_reader_gone(folder, words):
    """`mprun script.py | head -1`: a report that nobody reads is no failure of anybody's."""
    harness.write_program(folder, "print('first', flush=True)\ninput()\n")
    with subprocess.Popen([harness.MPRUN, *words, "user.py"], cwd=folder, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=harness.environment()) as process:
        assert process.stdout.readline() == b"first\n"
        process.stdout.close()
        process.stdin.write(b"go on\n")
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(10) == 0


def test_closed_streams(folder):
    """Closed standard streams are the program's business as they are under python3."""
    for closing in ("<&-", ">&-", "2>&-"):
        result, plain = (
            harness.run(["/bin/bash", "-c", f"{command} script.py {closing}; echo $?"], cwd=folder)
            for command in (f"{harness.MPRUN} -q -o out.json", "python3"))
        assert result.stdout == plain.stdout, f"{closing}: {result}"


def started(folder):
    """mprun over user.py in a process group of its own, its stdout a pipe. (Not in a session of its
    own: a group without a parent outside it cannot be stopped from the keyboard.)"""
    return subprocess.Popen([harness.MPRUN, "-q", "user.py"], cwd=folder, stdout=subprocess.PIPE,
                            env=harness.environment(), process_group=0)


SLEEPER = """
import signal, sys, time
count = 0
def handler(number, frame):
    global count
    count += 1
signal.signal(signal.SIGUSR1, handler)
signal.signal(signal.SIGINT, handler)
print("ready", flush=True)
deadline = time.monotonic() + 20
while not count and time.monotonic() < deadline:
    time.sleep(0.05)
time.sleep(0.3)
print("count", count, flush=True)
"""


def test_signal_forwarded_once(folder):
    """A signal that a process sends to mprun reaches the program once."""
    harness.write_program(folder, SLEEPER)
    for number in (signal.SIGUSR1, signal.SIGINT):
        with started(folder) as process:
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(number)
            assert process.stdout.read() == b"count 1\n"
            assert process.wait(10) == 0


def test_interrupt_on_a_terminal(folder):
    """Ctrl-C is for the whole foreground group: the program gets it once, and handles it."""
    harness.write_program(folder, SLEEPER)
    argv = [harness.MPRUN, "-q", "user.py"]
    status, output = harness.run_pty(argv, [(b"ready", b"\x03")], folder)
    assert status == 0 and b"count 1" in output, output


def test_interrupt_ends_and_reports(folder):
    """An unhandled Ctrl-C: CPython's traceback, the report, death by SIGINT."""
    harness.write_program(folder, "import time\nprint('ready', flush=True)\ntime.sleep(20)\n")
    status, output = harness.run_pty([harness.MPRUN, "user.py"], [(b"ready", b"\x03")], folder)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, (status, output)
    assert b"KeyboardInterrupt" in output and b"Hits" in output, output


def test_supervisor_killed(folder):
    """The target does not survive mprun."""
    harness.write_program(folder,
                          "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    with started(folder) as process:
        target = int(process.stdout.readline())
        process.kill()
        process.wait()
        deadline = time.monotonic() + 10
        while pathlib.Path(f"/proc/{target}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        state = pathlib.Path(f"/proc/{target}/stat")
        assert not state.exists() or ") Z " in state.read_text("utf-8")


def process_state(pid):
    """The letter of /proc/PID/stat."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]


def test_job_control(folder):
    """Ctrl-Z stops mprun and the program, SIGCONT wakes both, in a shell with job control."""
    harness.write_program(folder, "print('ready', flush=True)\nprint('got', input())\n")
    dialogue = [
        (b"$ ", f"{harness.MPRUN} -q user.py\n".encode()),
        (b"ready", b"\x1a"),
        (b"topped", b"jobs -l; echo next\n"),
        (b"\nnext", b"fg\n"),
        (b"user.py", b"hello\n"),
        (b"got hello", b"echo status $?\n"),
        (b"status 0", b"exit\n"),
    ]
    status, output = harness.run_pty(["/bin/bash", "--norc", "--noediting", "-i"], dialogue, folder,
                                     env={"PS1": "$ "})
    assert status == 0, output


def test_stop_and_continue(folder):
    """SIGTSTP sent to mprun alone stops the program too; SIGCONT continues both."""
    harness.write_program(folder, "import os, time\nprint(os.getpid(), flush=True)\n"
          "for _ in range(200): time.sleep(0.01)\n")
    with started(folder) as process:
        target = int(process.stdout.readline())
        process.send_signal(signal.SIGTSTP)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if (process_state(process.pid), process_state(target)) == ("T", "T"):
                break
            time.sleep(0.02)
        else:
            raise AssertionError((process_state(process.pid), process_state(target)))
        process.send_signal(signal.SIGCONT)
        assert process.wait(20) == 0


def test_command_name_in_place_of_a_script(folder):
    """What a shell would run is no script here: the message says how to run it."""
    tools = folder / "tools"
    tools.mkdir()
    tool = tools / "mytool"
    tool.write_text(f"#!{harness.PYTHON}\nprint('ran')\n", encoding="utf-8")
    tool.chmod(0o755)
    env = {"PATH": f"{tools}:{harness.BASE_ENV['PATH']}"}
    result = mprun(folder, "mytool", "x", env=env)
    assert result.status == 125, str(result)
    said = "".join(result.own_lines)
    assert '"$(command -v mytool)"' in said and "mprun -m mytool" in said, str(result)
    assert b"ran" in mprun(folder, str(tool), env=env).stdout


def test_output_leaves_nothing_when_mprun_is_killed(folder):
    """The file has no name until the report is complete."""
    harness.write_program(folder, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
          "import time\ntime.sleep(5)\n")
    before = set(os.listdir(folder)) | {"user.py"}
    harness.run([*harness.mprun_argv(["user.py"], ("-o", "out.json"))], cwd=folder)
    assert set(os.listdir(folder)) <= before, os.listdir(folder)
