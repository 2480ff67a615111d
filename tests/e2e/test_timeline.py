# SPDX-License-Identifier: MIT
"""`mprun timeline -- COMMAND`: any command, with all that it starts, seen from outside."""

import json
import os
import shlex
import signal
import subprocess
import time

import pytest

import harness
import report_schema
from test_formats import READ, mprof_is_there

pytestmark = harness.once
MIB = 1 << 20
SH = "/bin/sh"
PYTHON = harness.PYTHON
HOLD = "import sys, time; kept = bytearray(int(sys.argv[1]) << 20); time.sleep(float(sys.argv[2]))"


def hold(mib, seconds):
    """Words of a shell for a process with so much memory for so long."""
    return shlex.join([PYTHON, "-I", "-S", "-c", HOLD, str(mib), str(seconds)])


def timeline(folder, command, *options, status=0, **kwargs):
    """The result, and the report as JSON."""
    path = folder / "timeline.json"
    result = harness.run([harness.MPRUN, "timeline", "-q", "-o", str(path), *options, "--", *command],
                         cwd=folder, **kwargs)
    assert result.status == status, str(result)
    assert not result.own_lines, str(result)
    found = json.loads(path.read_text("utf-8"))
    report_schema.check_timeline(found)
    return result, found


def named(found, word):
    """The processes of a report whose command line has the word."""
    return [process for process in found["processes"] if word in process["command"]]


def test_timeline_of_one_process(tmp_path):
    """Its memory over time, its peak, and where that was."""
    _, found = timeline(tmp_path, [PYTHON, "-I", "-S", "-c", """
import time
time.sleep(0.2)
kept = bytearray(60 << 20)
time.sleep(0.2)
del kept
time.sleep(0.2)
"""])
    assert found["command"][0] == PYTHON and found["exit"] == {"status": 0, "signal": None}
    assert found["found"] == 1 and len(found["processes"]) == 1 and found["pss"]["samples"] == 0
    process = found["processes"][0]
    assert process["pid"] == found["pid"] and process["end"] == "exit"
    samples = found["rss_timeline"]
    assert process["timeline"] == samples
    assert found["rss"]["peak"] == max(sample["max"] for sample in samples) <= process["rss_peak"]
    assert 0 < found["rss"]["samples"] and [s["t_ns"] for s in samples] == sorted(s["t_ns"] for s in samples)
    grown = found["rss"]["peak"] - samples[0]["max"]
    assert 55 * MIB < grown < 75 * MIB
    assert found["rss"]["peak"] - samples[-1]["max"] > 55 * MIB
    high = [s["t_ns"] for s in samples if s["max"] > found["rss"]["peak"] - MIB]
    assert 0.1e9 < max(high) - min(high) < 1e9


def test_timeline_of_a_tree(tmp_path):
    """Children of a shell, one of which has one itself: their sum, and each."""
    command = f"{hold(40, 1)} & {hold(20, 1)} & ({hold(30, 1)}; true); wait"
    _, found = timeline(tmp_path, [SH, "-c", command])
    first, *others = found["processes"]
    assert first["command"] == [SH, "-c", command] and first["parent"] is None
    for mib in (40, 20, 30):
        process, = named(found, str(mib))
        assert mib * MIB < process["rss_peak"] < (mib + 20) * MIB, process
        assert process["end"] == "unseen" and process["duration_ns"] > 0.5e9
        assert process["t_ns"] <= process["timeline"][0]["t_ns"] + process["t_ns"] <= found["duration_ns"]
    between, = (found["processes"][p["parent"]] for p in named(found, "30"))
    assert between["command"] == first["command"] and between["parent"] == 0
    assert found["at_once"] >= 5 and found["found"] == len(found["processes"])
    assert 90 * MIB < found["rss"]["peak"] < 160 * MIB
    assert all(process["parent"] is not None for process in others)


def test_timeline_divides_what_is_shared(tmp_path):
    """Forked children have their parent's pages: RSS counts them each time, PSS once."""
    _, found = timeline(tmp_path, [PYTHON, "-I", "-S", "-c", """
import os, time
kept = bytearray(40 << 20)
pids = [os.fork() for _ in range(3)]
if 0 in pids:
    time.sleep(1.6) # time for a second reading, also where one takes long
    os._exit(0)
for pid in pids:
    os.waitpid(pid, 0)
"""])
    assert found["rss"]["peak"] > 150 * MIB
    assert found["pss"]["samples"] > 0
    assert 40 * MIB < found["pss"]["peak"] < 110 * MIB
    assert len(found["pss_timeline"]) > 0


def test_timeline_sees_orphans(tmp_path):
    """In the command's session, in its own, and as a daemon makes itself one."""
    code = f"""
import os, sys, time
def leave(own_session):
    if os.fork() == 0:
        if own_session:
            os.setsid()
            time.sleep(0.3)  # as long as it takes to be seen
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", {HOLD!r}, "25", "1.2", "own" if own_session else "same"])
        os._exit(0)
    os.wait()
leave(False)
leave(True)
time.sleep(1)
"""
    _, found = timeline(tmp_path, [PYTHON, "-I", "-S", "-c", code])
    assert len(named(found, "own")) == 1, found["processes"]
    if os.getppid() != 1:
        assert len(named(found, "same")) == 1, found["processes"]
    assert named(found, "own")[0]["end"] == "not"


def test_timeline_does_not_change_whose_orphans_are(tmp_path):
    """What a process could notice: whom an orphan belongs to is as without mprun."""
    code = """
import os, time
read, write = os.pipe()
if os.fork() == 0:
    middle = os.getpid()
    if os.fork() == 0:
        while os.getppid() == middle:
            time.sleep(0.01)
        os.write(write, str(os.getppid()).encode())
    os._exit(0)
os.wait()
print(os.read(read, 100).decode())
"""
    bare = harness.run([PYTHON, "-c", code])
    watched, _ = timeline(tmp_path, [PYTHON, "-c", code])
    assert watched.stdout == bare.stdout


def test_timeline_gives_the_command_what_it_would_have(tmp_path):
    """Standard input, words, environment; nothing of mprun's."""
    code = "import os, sys; print(sys.argv[1:], sys.stdin.read(), sorted(os.environ.items()), os.listdir('/proc/self/fd'))"
    command = [PYTHON, "-c", code, "--", "-q", "--interval", "x y"]
    bare = harness.run(command, stdin=b"some words")
    watched, found = timeline(tmp_path, command, stdin=b"some words")
    assert watched.stdout == bare.stdout and b"some words" in bare.stdout
    assert found["command"] == command


@pytest.mark.parametrize("end, status", [
    ("exit 0", 0), ("exit 7", 7), ("exit 125", 125), ("kill -TERM $$", -signal.SIGTERM),
    ("kill -KILL $$", -signal.SIGKILL)])
def test_timeline_ends_as_the_command_did(end, status, tmp_path):
    """Its status, or its signal."""
    _, found = timeline(tmp_path, [SH, "-c", f"sleep 0.05; {end}"], status=status)
    assert found["exit"] == ({"status": status, "signal": None} if status >= 0
                             else {"status": None, "signal": -status})
    assert found["processes"][0]["end"] == ("exit" if status >= 0 else "signal")


def test_timeline_of_what_cannot_be_started(tmp_path):
    """As shells: 127 for what is not there, 126 for what cannot be run."""
    (tmp_path / "plain").write_text("x")
    (tmp_path / "script").write_text("exit 3\n")
    (tmp_path / "script").chmod(0o755)
    for words, status in ((["no-such-command-x"], 127), (["./none"], 127), (["./plain"], 126),
                          ([str(tmp_path)], 126), (["./script"], 3)):
        shell = harness.run([SH, "-c", '"$@"', "sh", *words], cwd=tmp_path)
        result = harness.run([harness.MPRUN, "timeline", "-q", "--", *words], cwd=tmp_path)
        assert result.status == status == shell.status, str(result)
        assert bool(result.own_lines) == (status > 100), str(result)


def test_timeline_begins_with_a_sample(tmp_path):
    """One is taken before the first tick; of a command that is gone by then there is none."""
    _, found = timeline(tmp_path, ["sleep", "0.5"], "--interval", "10s")
    assert found["found"] == 1 and found["rss"]["samples"] >= 1
    _, found = timeline(tmp_path, ["true"], "--interval", "10s")
    assert found["found"] <= 1 and found["exit"]["status"] == 0


def test_timeline_usage():
    """The command may stand without --; what is missing or wrong is named."""
    for words, status, message in (
            (["timeline", "true"], 0, None),
            (["timeline", "-q", "sh", "-c", "exit 4", "--width"], 4, None),
            (["timeline"], 125, "which command?"),
            (["timeline", "--"], 125, "which command?"),
            (["timeline", "-m", "json.tool"], 125, "-- python3 -m"),
            (["timeline", "--func", "x", "true"], 125, "takes no --func"),
            (["timeline", "--format", "csv", "-o", "-", "true"], 125, "csv is of functions"),
            (["timeline", "--interval", "0", "true"], 125, "--interval")):
        result = harness.run([harness.MPRUN, *words])
        assert result.status == status, str(result)
        assert bool(message) == bool(result.own_lines), str(result)
        assert not message or message in result.own_lines[0], str(result)


def test_timeline_in_text(tmp_path):
    """Head, peaks, picture, processes."""
    result = harness.run([harness.MPRUN, "timeline", "--", SH, "-c", f"{hold(30, 0.4)} & wait"], cwd=tmp_path)
    text = result.stdout.decode()
    assert result.status == 0, str(result)
    assert text.startswith(f"{SH} -c ") and ": exit 0 in " in text and "processes, " in text
    for words in ("\nRSS peak ", "\nRSS over time", "Peak MiB ", "may be missing"):
        assert words in text, text
    assert max(map(len, text.splitlines())) <= 80


def test_timeline_is_saved_and_reported(tmp_path):
    """The store has all of it: rendered from there it is the same."""
    command = [harness.MPRUN, "timeline", "-q", "-o", "run.mprun", "--", SH, "-c", f"{hold(20, 0.3)} & wait; exit 2"]
    assert harness.run(command, cwd=tmp_path).status == 2
    for name in ("x.json", "x.txt", "x.dat"):
        result = harness.run([harness.MPRUN, "report", "run.mprun", "-o", name], cwd=tmp_path)
        assert result.status == 0, str(result)
    found = json.loads((tmp_path / "x.json").read_text())
    report_schema.check_timeline(found)
    assert named(found, "20") and found["exit"]["status"] == 2
    assert "RSS over time" in (tmp_path / "x.txt").read_text()
    for words, message in ((["report", "run.mprun", "--format", "csv", "-o", "-"], "timeline has none"),
                           (["report", "x.json"], "a timeline in JSON"),
                           (["diff", "run.mprun", "run.mprun"], "no functions to compare")):
        refused = harness.run([harness.MPRUN, *words], cwd=tmp_path)
        assert refused.status == 125 and message in refused.own_lines[0], str(refused)


@mprof_is_there
def test_timeline_of_one_of_several(tmp_path):
    """A process that is asked for stands as if it had been the command."""
    command = [harness.MPRUN, "timeline", "-q", "-o", "run.mprun", "--", SH, "-c", f"{hold(40, 0.3)} & wait; exit 2"]
    assert harness.run(command, cwd=tmp_path).status == 2
    report = [harness.MPRUN, "report", "run.mprun", "-o", "-", "--format", "json"]
    whole = json.loads(harness.run(report, cwd=tmp_path).stdout)
    large = max(whole["processes"], key=lambda process: process["rss_peak"])
    result = harness.run([*report, "--process", str(large["pid"])], cwd=tmp_path)
    found = json.loads(result.stdout)
    report_schema.check_timeline(found)
    assert found["pid"] == large["pid"] and found["command"] == large["command"]
    assert found["exit"] == {"status": None, "signal": None} and found["found"] == 1
    assert found["rss"]["peak"] == large["rss_peak"] and found["rss_timeline"] == large["timeline"]
    main = json.loads(harness.run([*report, "--process", "main"], cwd=tmp_path).stdout)
    assert main["pid"] == whole["pid"] and main["exit"]["status"] == 2
    for word, message in (("1", "there is main, or one of"), ("maim", "neither main nor")):
        result = harness.run([*report, "--process", word], cwd=tmp_path)
        assert result.status == 125 and message in result.own_lines[0], str(result)


def test_timeline_for_mprof(tmp_path):
    """mprof's own reader has the sum, and each child."""
    result = harness.run([harness.MPRUN, "timeline", "-q", "-o", "run.dat", "--", SH, "-c",
                          f"{hold(40, 0.5)} & {hold(20, 0.5)} & wait"], cwd=tmp_path)
    assert result.status == 0, str(result)
    found = json.loads(harness.run(["/usr/bin/python3", "-c", READ, "run.dat"], cwd=tmp_path).stdout)
    assert shlex.split(found["cmd_line"])[0] == SH
    assert max(found["mem_usage"]) > 60
    highest = sorted(max(size for size, _ in samples) for samples in found["children"].values())
    assert len(highest) == 2 and 20 < highest[0] < 40 < highest[1] < 60, highest


def test_timeline_for_perfetto(tmp_path):
    """Each process has a counter of its own, from when it started on, and the sums stand apart."""
    path = tmp_path / "t.trace.json"
    command = [SH, "-c", f"sleep 0.3; {hold(40, 0.4)} & {hold(20, 0.4)} & wait"]
    result = harness.run([harness.MPRUN, "timeline", "-o", str(path), "--", *command], cwd=tmp_path)
    assert result.status == 0, str(result)
    trace = json.loads(path.read_text("utf-8"))
    names = {event["pid"]: event["args"]["name"] for event in trace["traceEvents"] if event["ph"] == "M"}
    levels = {}
    for event in trace["traceEvents"]:
        if event["ph"] == "C":
            levels.setdefault((event["name"], event["pid"]), []).append((event["args"]["bytes"], event["ts"]))
    first, = (pid for pid, name in names.items() if name == " ".join(command))
    assert max(levels["RSS", first])[0] < 20 * MIB
    assert max(levels["RSS of all", first])[0] == trace["otherData"]["peak_rss"] > 60 * MIB
    assert levels["PSS of all", first]
    for mib in 40, 20:
        pid, = (pid for pid, name in names.items() if name == f"{PYTHON} -I -S -c {HOLD} {mib} 0.4")
        assert mib * MIB < max(levels["RSS", pid])[0] < (mib + 20) * MIB
        assert 250_000 < levels["RSS", pid][0][1] < levels["RSS", pid][-1][1]


def test_timeline_of_less_than_a_sample(tmp_path):
    """The command is a process, whether or not it was there for a sample."""
    for _ in range(5):
        _, found = timeline(tmp_path, ["/bin/true"], "--interval", "100ms")
        assert found["found"] == len(found["processes"]) == 1, found


def test_timeline_unseen(tmp_path):
    """Where /proc does not show the command, it runs all the same, and the report says so."""
    unshared = ["unshare", "--user", "--map-root-user", "--mount", SH, "-c",
                'mount -t tmpfs none /proc && exec "$@"', "sh"]
    if harness.run([*unshared, "true"]).status != 0:
        pytest.skip("no namespaces here")
    result = harness.run([*unshared, harness.MPRUN, "timeline", "-o", str(tmp_path / "t.json"), "--", SH, "-c", "exit 3"])
    assert result.status in (3, 125), str(result)
    if result.status == 3:
        found = json.loads((tmp_path / "t.json").read_text())
        assert found["found"] == 1 and found["rss"]["samples"] == 0 and "/proc" in found["notes"][0]
    else:
        assert "/proc" in result.own_lines[0], str(result)


def test_timeline_interrupted(tmp_path):
    """Ctrl-C is the command's, once; the report comes, and mprun ends as it did."""
    code = """
import signal, sys, time
count = 0
def note(*_):
    global count
    count += 1
signal.signal(signal.SIGINT, note)
print("ready", flush=True)
end = time.time() + 1
while time.time() < end:
    time.sleep(0.05)
print("count", count, flush=True)
"""
    status, output = harness.run_pty(
        [harness.MPRUN, "timeline", "-q", "-o", str(tmp_path / "t.json"), "--", PYTHON, "-c", code],
        [(b"ready", b"\x03")], cwd=tmp_path)
    assert os.waitstatus_to_exitcode(status) == 0 and b"count 1" in output, output
    assert json.loads((tmp_path / "t.json").read_text())["rss"]["samples"] > 5


def test_timeline_passes_signals_on(tmp_path):
    """A signal for mprun reaches the command, which ends it; nothing is left behind."""
    with subprocess.Popen([harness.MPRUN, "timeline", "-q", "-o", str(tmp_path / "t.json"), "--",
                           SH, "-c", "echo ready; exec sleep 30"], stdout=subprocess.PIPE,
                          env=harness.environment(), start_new_session=True) as process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM
    found = json.loads((tmp_path / "t.json").read_text())
    assert found["exit"]["signal"] == signal.SIGTERM


def test_timeline_is_cheap(tmp_path):
    """mprun itself takes little of a processor for a small tree."""
    before = os.times()
    result = harness.run([harness.MPRUN, "timeline", "-q", "-o", str(tmp_path / "t.json"), "--",
                          SH, "-c", "for i in 1 2 3; do sleep 2 & done; wait"])
    after = os.times()
    assert result.status == 0, str(result)
    # the shell, the sleeps, and the start of all of them are in it
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.3


def test_timeline_says_that_descriptors_ran_out(tmp_path):
    """Two a process: those for whom there are none are in no sum, and the others are known."""
    path = tmp_path / "timeline.json"
    command = "ulimit -n 40; exec " + shlex.join([
        harness.MPRUN, "timeline", "-q", "-o", str(path), "--", SH, "-c",
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.4 & done; wait"])
    result = harness.run([SH, "-c", command], cwd=tmp_path)
    assert result.status == 0 and not result.own_lines, str(result)
    found = json.loads(path.read_text("utf-8"))
    assert 2 < found["at_once"] < 21
    assert [note for note in found["notes"] if "ulimit -n" in note], found["notes"]
    assert len(named(found, "sleep")) + 1 >= found["at_once"], found["processes"]
    assert found["pss"]["samples"] > 0 and not [note for note in found["notes"] if "PSS" in note]


def test_timeline_of_many_processes(tmp_path):
    """A tree of a hundred: all are found, and the pause between samples is told where it grows."""
    _, found = timeline(tmp_path, [SH, "-c", "for i in $(seq 100); do sleep 1.5 & done; wait"])
    assert found["at_once"] >= 95 and len(named(found, "1.5")) >= 95
    assert found["rss"]["peak"] > 40 * MIB


@pytest.mark.parametrize("words", [[], ["--width", "50", "--unit", "KiB"], ["--color", "always"]])
def test_timeline_options(words, tmp_path):
    """Those of any report."""
    result = harness.run([harness.MPRUN, "timeline", *words, "--", "sleep", "0.1"], cwd=tmp_path)
    text = result.stdout.decode()
    assert result.status == 0 and ("KiB" in text) == ("KiB" in words) or "KiB" in text, str(result)
    assert ("\033[1m" in text) == ("always" in words)
