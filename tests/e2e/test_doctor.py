# SPDX-License-Identifier: MIT
"""`mprun doctor`, `mprun help TOPIC`, `mprun completion SHELL`."""

import json
import os
import resource
import shutil
import subprocess

import pytest

import harness

REFUSED = 125
SHELLS = ("bash", "zsh", "fish")


def doctor(*words, env=None, cwd=None):
    """mprun doctor with these words."""
    return harness.run([harness.MPRUN, "doctor", *words], env=env, cwd=cwd)


def diagnosis(*words, **kwargs):
    """What doctor says as JSON."""
    result = doctor("--format", "json", *words, **kwargs)
    return result, json.loads(result.stdout)


def test_says_what_a_run_gets(tmp_path):
    """Interpreter, version, host, tier and resolution are those of a run on this machine."""
    result, said = diagnosis()
    assert result.status == 0 and not result.stderr, str(result)
    run = harness.run([harness.MPRUN, "-q", "-o", "out.json", "-c", "pass"], cwd=tmp_path)
    profile = harness.read_profile(tmp_path / "out.json")
    first = said["interpreters"][0]
    assert first["default"] and first["problem"] is None, str(run)
    assert first["path"] == profile["interpreter"]
    assert first["python"] == profile["python"]
    assert first["host"] == profile["host"] == "interpreter"
    assert said["rss"]["tier"] == profile["engines"]["rss"]
    assert said["rss"]["resolution"] == profile["engines"]["rss_resolution"]
    assert said["kernel"] == os.uname().release
    assert harness.MINOR in said["hosts"]["interpreter"]
    assert harness.MINOR in said["hosts"]["embedded"]
    with open("/proc/sys/kernel/perf_event_paranoid", encoding="ascii") as file:
        assert said["rss"]["perf_event_paranoid"] == int(file.read())


def test_text_holds_the_same():
    """For people: the same facts, at most 80 columns but for paths and problems."""
    said = diagnosis()[1]
    result = doctor()
    text = result.stdout.decode()
    assert result.status == 0 and not result.stderr, str(result)
    for item in said["interpreters"]:
        assert f"  {item['path']}" in text
        assert item["problem"] or f"CPython {item['python']}, host: {item['host']}" in text
    assert f"tier         {said['rss']['tier']}" in text
    assert f"resolution   {said['rss']['resolution'] // 1024} KiB" in text
    assert said["kernel"] in text and said["hosts"]["directory"] in text
    assert "a recording     can be made" in text


def test_each_interpreter_once(tmp_path):
    """Names of one file are one interpreter; a virtual environment is another; a shim is asked."""
    venv = tmp_path / "env"
    subprocess.run([harness.PYTHON, "-m", "venv", "--without-pip", venv], check=True)
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "python3").write_text(f"#!/bin/sh\nexec {harness.PYTHON} \"$@\"\n", encoding="ascii")
    (shims / "python3.99").write_text("#!/bin/sh\ntouch was_run\n", encoding="ascii")
    (shims / "python3-config").write_text("#!/bin/sh\ntouch was_run\n", encoding="ascii")
    for shim in shims.iterdir():
        shim.chmod(0o755)
    path = f"{shims}:{venv}/bin:/usr/bin:/bin"
    said = diagnosis(env={"PATH": path}, cwd=tmp_path)[1]
    paths = [item["path"] for item in said["interpreters"]]
    assert paths[0] == harness.PYTHON and f"{venv}/bin/python3" in paths[1:], paths
    assert len(paths) == len(set(map(os.path.realpath, paths))) + 1, paths
    assert [item["default"] for item in said["interpreters"]] == [True] + [False] * (len(paths) - 1)
    assert not (tmp_path / "was_run").exists()
    said = diagnosis(env={"PATH": path, "VIRTUAL_ENV": str(venv)}, cwd=tmp_path)[1]
    assert said["interpreters"][0]["path"] == f"{venv}/bin/python3"


def test_no_host_fits(tmp_path):
    """125, and the reason stands at each interpreter: here mprun's libraries are not beside it."""
    alone = tmp_path / "mprun"
    shutil.copy(harness.MPRUN, alone)
    result = harness.run([alone, "doctor", "--format=json"])
    said = json.loads(result.stdout)
    assert result.status == REFUSED, str(result)
    assert all("libmprun-preload.so" in item["problem"] for item in said["interpreters"])
    assert said["hosts"] == {"directory": None, "interpreter": [], "embedded": []}
    text = harness.run([alone, "doctor"])
    assert text.status == REFUSED and b"no host: libmprun-preload.so is missing" in text.stdout


def test_a_default_that_fits_no_host_is_told():
    """--python names another default; the others still make it a success."""
    result, said = diagnosis("--python", "/bin/true")
    assert result.status == 0
    assert "no CPython" in said["interpreters"][0]["problem"]
    assert said["interpreters"][0]["host"] is None


def test_unprivileged_without_perf_events():
    """Any user: the tier is the one that runs get, and the command that betters it is there."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to become a user without privileges")
    with open("/proc/sys/kernel/perf_event_paranoid", encoding="ascii") as file:
        paranoid = int(file.read())
    if paranoid <= 1:
        pytest.skip(f"kernel.perf_event_paranoid is {paranoid}: any user gets the best tier")

    def as_nobody(*words):
        result = subprocess.run([harness.MPRUN, *words], capture_output=True, check=False,
                                user=65534, group=65534, extra_groups=[], cwd="/",
                                env=harness.environment())
        text = result.stdout.decode()
        assert result.returncode == 0, text + result.stderr.decode()
        return text

    profile = harness.parse_profile(as_nobody("-o", "-", "--format", "json", "-c", "pass"))
    text = as_nobody("doctor")
    assert f"tier         {profile['engines']['rss']}\n" in text
    assert "not faults" in text and ("sudo sysctl kernel.perf_event_paranoid=1" in text
                                     or "docker run --cap-add PERFMON" in text), text


def test_limits():
    """Soft and hard as the kernel says; a recording that cannot be made is told."""
    def tighten():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    result = subprocess.run([harness.MPRUN, "doctor", "--format", "json"], capture_output=True,
                            check=False, env=harness.environment(), preexec_fn=tighten)
    said = json.loads(result.stdout)
    assert said["limits"]["nofile"] == {"soft": 100, "hard": 200}
    assert said["limits"]["fsize"] == {"soft": 4096, "hard": None}
    assert "recording" in said["recording_problem"]


def test_output_file_and_formats(tmp_path):
    """-o chooses the format by its ending; what doctor does not write is refused by name."""
    result = doctor("-o", "out.json", cwd=tmp_path)
    assert result.status == 0 and not result.stdout, str(result)
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["rss"]
    result = doctor("--format", "classic")
    assert result.status == REFUSED and "no format 'classic'" in "\n".join(result.own_lines)
    with open("/dev/full", "wb") as full:
        refused = subprocess.run([harness.MPRUN, "doctor"], stdout=full, stderr=subprocess.PIPE,
                                 check=False, env=harness.environment())
    assert refused.returncode == REFUSED and b"standard output: No space" in refused.stderr


@pytest.mark.parametrize("topic, words", (
    ("columns", "rss_delta"), ("patterns", "Reader.load"), ("rss", "perf_event_paranoid"),
    ("exit", "125"), ("man", ".TH MPRUN 1")))
def test_help_topics(topic, words):
    """On stdout, with success."""
    result = harness.run([harness.MPRUN, "help", topic])
    assert result.status == 0 and not result.stderr and words in result.stdout.decode()


def test_manual_is_clean_roff():
    """groff has nothing to say against the manual, and shows all of it."""
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    manual = harness.run([harness.MPRUN, "help", "man"]).stdout
    shown = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u", "-P-o"],
                           input=manual, capture_output=True, check=True)
    assert not shown.stderr, shown.stderr.decode()
    text = shown.stdout.decode()
    assert "--all-lines" in text and "'*:*'" in text and "`mprun: `" in text


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_is_accepted(shell):
    """The shell itself can read what it gets."""
    script = harness.run([harness.MPRUN, "completion", shell])
    assert script.status == 0 and b"--" in script.stdout or b"-l func" in script.stdout
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    checked = subprocess.run([shell, "-n"], input=script.stdout, capture_output=True, check=False)
    assert checked.returncode == 0 and not checked.stderr, checked.stderr.decode()


@pytest.mark.parametrize("words, wanted, unwanted", (
    (["--co"], ["--columns", "--color"], ["--sort"]),
    (["--color", ""], ["auto", "always", "never"], ["doctor"]),
    (["--color", "=", "al"], ["always"], ["auto"]),
    (["-q", "--rss", "us"], ["user-faults"], ["rusage"]),
    (["help", "p"], ["patterns"], ["rss"]),
    (["completion", ""], ["bash", "zsh", "fish"], ["rss"]),
    (["do"], ["doctor"], ["run"]),
    (["ru"], ["run", "rugged.py"], ["doctor"]),
    (["run", "rugg"], ["rugged.py"], []),
    (["doctor", "--form"], ["--format"], ["--func"]),
    (["--format", "c"], ["classic"], ["json"]),
    (["-f", "x", "rugged.py", "--co"], [], ["--color"]),
    (["--func", "=", "x", "--co"], ["--color"], []),
))
def test_bash_completes(tmp_path, words, wanted, unwanted):
    """Options and their values up to the program; behind it nothing of ours."""
    (tmp_path / "rugged.py").touch()
    script = harness.run([harness.MPRUN, "completion", "bash"]).stdout.decode()
    quoted = " ".join(f"'{word}'" for word in ["mprun", *words])
    script += f"\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _mprun\n"
    script += 'printf "%s\\n" "${COMPREPLY[@]}"\n'
    result = harness.run(["bash", "--norc", "-c", script], cwd=tmp_path)
    assert result.status == 0 and not result.stderr, str(result)
    offered = result.stdout.decode().split()
    assert set(wanted) <= set(offered) and not set(unwanted) & set(offered), offered


def test_installed_files_are_the_words():
    """What the build makes of them for installation is what mprun prints."""
    folder = os.path.dirname(harness.MPRUN)
    if not os.path.exists(os.path.join(folder, "build.ninja")):
        pytest.skip(f"{folder} is no build directory")
    for name, words in (("mprun.1", ("help", "man")), ("mprun.bash", ("completion", "bash")),
                        ("_mprun", ("completion", "zsh")), ("mprun.fish", ("completion", "fish"))):
        with open(os.path.join(folder, name), "rb") as file:
            assert file.read() == harness.run([harness.MPRUN, *words]).stdout
