# SPDX-License-Identifier: MIT
"""A profile that is saved: `-o run.mprun`, and `mprun report` over it."""

import contextlib
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import time

import pytest

import harness

HERE = pathlib.Path(__file__).parent
CORPUS = sorted((HERE / "programs").glob("*.py"))
PROGRAM = """\
def work(n):
    kept = [0] * n
    more = list(range(n))
    return kept, more


class Reader:
    def load(self):
        return work(50_000)


def never():
    pass


HELD = [Reader().load(), work(1000)]
"""
SCHEMA_AT, APPLICATION_AT = 60, 68


def report(path, *words, **kwargs):
    """mprun report over a file."""
    return harness.run([harness.MPRUN, "report", str(path), *words], **kwargs)


def as_json(path, *words):
    """The JSON report of a store, as docs/profile.schema.json has it."""
    result = report(path, "-o", "-", "--format", "json", *words)
    assert result.status == 0 and result.stderr == b"", str(result)
    return harness.parse_profile(result.stdout.decode())


def save(folder, program, *options, name="run.mprun", status=0, **kwargs):
    """The store that a run leaves."""
    path = folder / name
    result = harness.run(harness.mprun_argv([str(program)], ("-q", "-o", str(path), *options)),
                         **kwargs)
    assert status is None or result.status == status, str(result)
    assert path.read_bytes()[:16] == b"SQLite format 3\0"
    return path


@pytest.fixture(name="saved", scope="module")
def fixture_saved(tmp_path_factory):
    """A store of PROGRAM."""
    folder = tmp_path_factory.mktemp("saved")
    return save(folder, harness.write_program(folder, PROGRAM), "-f", "*")


# --- what is saved is what was measured

def figures(profile):
    """What two runs of one program have in common."""
    return [[f["file"], f["qualname"], f["module"], f["selected_by"], f["calls"],
             [(row["line"], row["source"], row["hits"]) for row in f["rows"]]]
            for f in sorted(profile["functions"], key=lambda f: (f["file"], f["first_line"],
                                                                 f["qualname"]))]


@pytest.mark.parametrize("program", CORPUS, ids=lambda path: path.stem)
def test_corpus(program, tmp_path):
    """Saved, read and rendered: as another run reports it at once."""
    path = save(tmp_path, program, *harness.EVERYTHING, status=None)
    direct = harness.run_mprun([str(program)], tmp_path / "direct.json",
                               options=harness.EVERYTHING).profile
    stored = as_json(path)
    own = str(program)
    ours, theirs = ({**p, "functions": [f for f in p["functions"] if f["file"] == own]}
                    for p in (stored, direct))
    assert figures(ours) == figures(theirs)
    for key in ("schema", "mprun", "command", "cwd", "python", "interpreter", "host", "exit"):
        assert stored[key] == direct[key]
    for form in ("text", "classic", "csv"):
        result = report(path, "--format", form, "-o", "-")
        assert result.status == 0 and result.stdout and not result.stderr, str(result)


def test_report_is_what_the_run_prints(tmp_path):
    """The tables of the report at the end of a run, but for what differs from run to run."""
    program = harness.write_program(tmp_path, PROGRAM)
    path = save(tmp_path, program)
    options = ("--columns", "line,hits,source", "--sort", "source")
    direct = harness.run(harness.mprun_argv([program], options))
    stored = report(path, *options)
    tables = [re.findall(rb"^(?: +\d+ .*|\S+   \S+:\d+)", text, re.MULTILINE)
              for text in (direct.stdout, stored.stdout)]
    assert len(tables[0]) > 10 and tables[0] == tables[1]


def test_options(saved):
    """Every option of the report works on what was saved."""
    assert b"Reader.load" in report(saved).stdout
    narrow = report(saved, "--func", "Reader.load", "--no-legend").stdout
    assert b"Reader.load" in narrow and b"\nwork " not in narrow
    assert [f["qualname"] for f in as_json(saved, "-f", "work")["functions"]] == ["work"]
    assert b"sizes: GiB" in report(saved, "--unit", "GiB").stdout
    assert b"Time" in report(saved, "--columns", "line,time,source").stdout
    first = as_json(saved, "--sort", "source")["functions"][0]
    assert first["first_line"] == 1
    assert b"Most allocated" not in report(saved, "--top", "0").stdout
    assert report(saved, "--max-peak-heap", "1").status == 3
    assert report(saved, "--max-peak-heap", "1G", "-q").stdout == b""
    missed = report(saved, "-f", "wrok")
    assert missed.status == 125
    assert missed.own_lines == ["mprun: no function of the profile matches 'wrok'; nearest: work "
                                f"({saved.parent}/user.py:1)"]


def test_from_store_to_store(saved, tmp_path):
    """A store can be written anew, and is what it was."""
    again = tmp_path / "again.mprun"
    assert report(saved, "-q", "-o", str(again)).status == 0
    assert as_json(again) == as_json(saved)


@harness.once
def test_without_source(tmp_path):
    """--no-source: not a word of it is in the file."""
    program = harness.write_program(tmp_path, PROGRAM.replace("kept", "secret_name"))
    path = save(tmp_path, program, "--no-source")
    assert b"secret_name" not in path.read_bytes()
    profile = as_json(path)
    assert {row["source"] for f in profile["functions"] for row in f["rows"]} == {None}
    assert "it was left out (--no-source)" in {f.get("source_problem")
                                               for f in profile["functions"]}
    assert b"it was left out" in report(path).stdout
    late = save(tmp_path, program, name="late.mprun")
    assert b"secret_name" in late.read_bytes()
    assert b"secret_name" not in report(late, "--no-source", "--all-lines").stdout


def test_says_where_it_is(tmp_path):
    """The summary names the file, and the command that reads it."""
    program = harness.write_program(tmp_path, "x = 1\n")
    result = harness.run(harness.mprun_argv([program], ("-o", "run.mprun")), cwd=tmp_path)
    assert result.own_lines == [
        "mprun: the profile is in run.mprun; to read it: mprun report run.mprun"]


def test_views(saved):
    """Python's sqlite3 opens the file, and the views answer."""
    with contextlib.closing(sqlite3.connect(saved)) as database:
        answer = {view: database.execute(f"SELECT * FROM {view}").fetchall()
                  for view in ("hot_rows", "leaks", "peak", "stacks")}
        assert all(answer.values())
        hot = database.execute("SELECT source FROM hot_rows WHERE function = 'work' AND line = 3")
        assert hot.fetchall() == [("    more = list(range(n))",)]
        stack = database.execute("SELECT stack FROM stacks WHERE live_at_end > 300000 "
                                 "AND stack LIKE '%work:2;work:2'")
        assert stack.fetchone()[0].startswith("<module>:")
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA user_version").fetchone() == (1,)


# --- what is not to be lost

@harness.once
def test_output_is_not_the_input(saved):
    """A report never takes the place of what it is made of."""
    before = saved.read_bytes()
    result = report(saved, "-o", str(saved))
    assert result.status == 125 and "is a file that is read" in result.own_lines[0]
    assert saved.read_bytes() == before


@harness.once
@pytest.mark.parametrize("where", ("full", "read_only"))
def test_cannot_be_written(tmp_path, where, saved):
    """The text report is on stderr, the status 125, an older file as it was."""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "run.mprun"
    if where == "full":
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder])
        if mounted.returncode:
            pytest.skip("no file system can be mounted here")
    try:
        path.write_bytes(saved.read_bytes()[:4096])
        program = harness.write_program(tmp_path, PROGRAM)
        argv = harness.mprun_argv([program], ("-o", str(path)))
        if where == "read_only":
            folder.chmod(0o555)
            path.chmod(0o444)
            harness_copy = harness.copy_of_mprun(tmp_path)
            tmp_path.chmod(0o755)
            for above in tmp_path.parents:
                if str(above).startswith("/tmp/"):
                    above.chmod(0o755)
            argv = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                    harness_copy, *argv[1:]]
        result = harness.run(argv)
        assert result.status == 125, str(result)
        if where == "full":
            assert b"No space left on device" in result.stderr
            assert b"Line    Hits" in result.stderr
        assert path.read_bytes() == saved.read_bytes()[:4096]
        assert os.listdir(folder) == ["run.mprun"]
    finally:
        if where == "full":
            subprocess.run(["umount", folder], check=True)


# --- hostile files

def refuses(path):
    """A sentence, no report, no crash."""
    result = report(path)
    assert result.status == 125, str(result)
    assert result.stdout == b"" and len(result.own_lines) == 1, str(result)
    assert result.own_lines[0].startswith(f"mprun: cannot read {path}: "), str(result)
    return result.own_lines[0].split(": ", 2)[2]


def endures(path):
    """A sentence, or a report of what is readable."""
    result = report(path)
    assert (result.status == 0 and result.stdout) or result.status == 125, str(result)
    assert result.status == 0 or len(result.own_lines) == 1, str(result)
    return result.status == 0


def with_number(path, at, number):
    """A copy whose header has another number at that place."""
    data = bytearray(path.read_bytes())
    data[at:at + 4] = number.to_bytes(4, "big")
    return data


@harness.once
def test_other_files(saved, tmp_path):
    """What is no store, not yet, or not any more."""
    path = tmp_path / "other.mprun"
    path.write_text(PROGRAM, encoding="utf-8")
    assert "no profile" in refuses(path)
    path.write_bytes(b"")
    assert "empty" in refuses(path)
    for schema, says in ((0, "does not say which schema"), (99, "schema 99")):
        path.write_bytes(with_number(saved, SCHEMA_AT, schema))
        assert says in refuses(path)
    path.write_bytes(with_number(saved, APPLICATION_AT, 0))
    assert "none that mprun has written" in refuses(path)
    path.unlink()
    assert "No such file" in refuses(path)
    path.mkdir()
    assert "a directory" in refuses(path)
    path.rmdir()
    os.mkfifo(path)
    assert "a pipe" in refuses(path)


@harness.once
def test_cut_off(saved, tmp_path):
    """At every page, in the middle of the first, and with a hole."""
    data, path = saved.read_bytes(), tmp_path / "cut.mprun"
    for at in (1, 15, 17, 99, 101, 1000, *range(4096, len(data), 4096)):
        path.write_bytes(data[:at])
        refuses(path)
    for at in range(0, len(data), 4096):
        path.write_bytes(data[:at] + bytes(4096) + data[at + 4096:])
        endures(path)


@harness.once
def test_flipped(saved, tmp_path):
    """Some hundred random bytes, one or a few at a time."""
    data, path = saved.read_bytes(), tmp_path / "flipped.mprun"
    chance = random.Random(7)
    outcomes = []
    for number in range(300):
        changed = bytearray(data)
        for _ in range(1 + number % 5):
            changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        outcomes.append(endures(path))
    assert any(outcomes) and not all(outcomes)


# What an attacker puts in the place of a table; each would loop, call or write when it was read.
ATTACKS = (
    "DROP TABLE note; CREATE VIEW note AS WITH RECURSIVE n(id, text) AS (SELECT 0, 'x' UNION ALL "
    "SELECT id + 1, text FROM n) SELECT * FROM n",
    "DROP TABLE note; CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT AS (zeroblob(1 << 30)))",
    "DROP TABLE note; CREATE VIRTUAL TABLE note USING fts5(text)",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = "
    "'CREATE VIEW note AS SELECT load_extension(''x'')', type = 'view' WHERE name = 'note'",
)
# What is beside the tables.
HARMLESS = (
    "CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM row; END",
    "CREATE VIEW v AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT * FROM n",
    "CREATE INDEX i ON row(hits)",
)


@harness.once
@pytest.mark.parametrize("sql", ATTACKS + HARMLESS, ids=lambda sql: sql[:30])
def test_schema_of_an_attacker(saved, tmp_path, sql):
    """No statement of the file is executed."""
    path = tmp_path / "attack.mprun"
    shutil.copy(saved, path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        try:
            database.executescript(sql)
        except sqlite3.OperationalError as error:
            pytest.skip(f"this SQLite does not do that: {error}")
    if sql in HARMLESS:
        assert as_json(path) == as_json(saved)
    else:
        assert '"note" is not the table' in refuses(path) or "malformed" in refuses(path)


PAGE = 4096
LONG_TEXT = 17_000 + 250 * (PAGE - 4)  # as much of it is in the cell as of the shorter one


def varint(value):
    """A number of three bytes, as SQLite has it."""
    return bytes((value >> 14 | 0x80, value >> 7 & 0x7F | 0x80, value & 0x7F))


def number(data, at):
    """A big-endian one of four bytes."""
    return int.from_bytes(data[at:at + 4], "big")


def share_chain(data):
    """All rows have the pages of the one long text, and what is behind them is cut off."""
    text = [varint(13 + 2 * length) for length in (17_000, LONG_TEXT)]
    cells = []
    for start in range(PAGE, len(data), PAGE):
        count = int.from_bytes(data[start + 3:start + 5], "big") if data[start] == 13 else 0
        for i in range(count):
            at = start + int.from_bytes(data[start + 8 + 2 * i:start + 10 + 2 * i], "big")
            payload = (data[at] & 0x7F) << 14 | (data[at + 1] & 0x7F) << 7 | data[at + 2]
            record = at + 4 + (data[at + 3] >= 0x80)
            if b"QQQQQQQQ" in data[record:record + 100]:
                cells.append((payload, at, record, record + 489 + (payload - 489) % (PAGE - 4)))
    chain = [number(data, max(cells)[3])]
    while number(data, (chain[-1] - 1) * PAGE):
        chain.append(number(data, (chain[-1] - 1) * PAGE))
    for payload, at, record, pointer in cells:
        data[record:record + 100] = data[record:record + 100].replace(*text)
        data[at:at + 3] = varint(payload if payload > LONG_TEXT else payload + LONG_TEXT - 17_000)
        data[pointer:pointer + 4] = chain[0].to_bytes(4, "big")
    used = max(*chain, *(1 + at // PAGE for _, at, _, _ in cells))
    data[28:32] = used.to_bytes(4, "big")
    return data[:used * PAGE]


@harness.once
def test_shared_pages(tmp_path):
    """Rows that share a chain of pages make work that no count of steps sees."""
    program = "".join(f"x{i} = {i}\n" for i in range(400))
    path = save(tmp_path, harness.write_program(tmp_path, program))
    with contextlib.closing(sqlite3.connect(path)) as database:
        for rows, length in (("id >= 0", 700), ("id = 0", LONG_TEXT), ("id > 0", 17_000)):
            database.execute(f"UPDATE row SET source = ? WHERE {rows}", ("Q" * length,))
            database.commit()
    path.write_bytes(share_chain(bytearray(path.read_bytes())))
    began = time.monotonic()
    assert "it asks for work without an end" in refuses(path)
    assert time.monotonic() - began < 10


@harness.once
def test_being_written(saved, tmp_path):
    """Another writes to it at this moment."""
    path = tmp_path / "busy.mprun"
    shutil.copy(saved, path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        database.execute("DELETE FROM note")
        assert endures(path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        endures(path)


# --- reports in JSON

def test_from_json(tmp_path, saved):
    """A JSON report is read as well; it says what it does not hold."""
    path = tmp_path / "run.json"
    assert report(saved, "-q", "-o", str(path)).status == 0
    result = report(path, "--func", "Reader.load", "--width", "0")
    assert result.status == 0 and result.stderr == b"", str(result)
    text = result.stdout.decode()
    assert "        return work(50_000)" in text and "Read from a report in JSON" in text
    assert as_json(path)["functions"] == as_json(saved)["functions"]
    for size in (0, 1, 100, path.stat().st_size // 2, path.stat().st_size - 3):
        cut = tmp_path / "cut.json"
        cut.write_bytes(path.read_bytes()[:size])
        refuses(cut)


def test_from_other_json(tmp_path, saved):
    """A comparison is no profile, and says what it is."""
    path = tmp_path / "change.json"
    result = harness.run([harness.MPRUN, "diff", "-q", "-o", str(path), str(saved), str(saved)])
    assert result.status == 0, str(result)
    assert "it is a comparison in JSON" in refuses(path)


# --- checkpoints

LONG = """\
import time


def grow():
    kept = []
    while True:
        kept.append(bytes(1000))
        time.sleep(0.001)


grow()
"""


def wait_for(condition, seconds=harness.TIMEOUT):
    """Until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@contextlib.contextmanager
def running(folder, *options):
    """mprun over a program that does not end, killed hard at the block's end."""
    program = harness.write_program(folder, LONG, "long.py")
    argv = harness.mprun_argv([program], ("-q", "-o", str(folder / "run.mprun"), *options))
    with subprocess.Popen(argv, env=harness.environment()) as process:
        try:
            yield process
        finally:
            process.kill()


@harness.once
def test_killed_hard(tmp_path):
    """Without mprun's end, what it knew a moment before is there, and says what it is."""
    path = tmp_path / "run.mprun"
    path.write_text("an older one", encoding="utf-8")
    with running(tmp_path, "--checkpoint", "100ms"):
        wait_for(lambda: path.read_bytes()[:6] == b"SQLite")
    profile = as_json(path)
    assert profile["exit"] == {"status": None, "signal": None}
    assert profile["notes"][0].startswith("The program was still running when this was written, ")
    grow = [f for f in profile["functions"] if f["qualname"] == "grow"][0]
    assert grow["calls"] == 1 and {row["line"] for row in profile["open"]} <= {6, 7, 8, 11}
    text = report(path).stdout
    assert text.startswith(b"/".join([os.fsencode(tmp_path), b"long.py: still ru"]))
    assert "◀ running".encode() in text and b"ended here" not in text
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT \"end\" FROM process").fetchall() == [("not",)]
    assert sorted(os.listdir(tmp_path)) == ["long.py", "run.mprun"]


@harness.once
def test_a_checkpoint_that_cannot_be_written(tmp_path):
    """It is told when it happens, once."""
    folder = tmp_path / "gone"
    folder.mkdir()
    program = harness.write_program(tmp_path, f"""\
import os, time
time.sleep(0.2)
os.rename({str(folder)!r}, {str(folder)!r} + " 2")
time.sleep(1)
""")
    words = ("-q", "-o", str(folder / "run.mprun"), "--checkpoint", "100ms")
    result = harness.run(harness.mprun_argv([program], words))
    assert result.status == 125
    assert result.stderr.count(b"no checkpoint could be written to") == 1, str(result)
    assert result.stderr.index(b"no checkpoint") < result.stderr.index(b"cannot write the report")


@harness.once
def test_no_checkpoint(tmp_path):
    """--checkpoint 0: until the end an older file stays."""
    path = tmp_path / "run.mprun"
    path.write_text("an older one", encoding="utf-8")
    with running(tmp_path, "--checkpoint", "0"):
        time.sleep(1)
    assert path.read_text(encoding="utf-8") == "an older one"


@harness.once
def test_the_end_replaces_checkpoints(tmp_path):
    """The program knows nothing of them, and the last word is the end's."""
    program = harness.write_program(tmp_path, "import time\ntime.sleep(1)\nraise SystemExit(7)\n")
    path = save(tmp_path, program, "--checkpoint", "100ms", status=7)
    profile = as_json(path)
    assert profile["exit"] == {"status": 7, "signal": None}
    assert not any("still running" in note for note in profile["notes"])
    assert profile["heap"]["end"] is not None
