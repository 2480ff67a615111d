# SPDX-License-Identifier: MIT
"""What people and machines get wrong: each case has one clear message that names the thing, a
documented status, no crash, and whatever could be measured is reported.

A case is a shell command in which $M stands for mprun with the distribution's python3."""

import dataclasses
import json
import os
import re
import signal
import subprocess

import pytest

import harness
from test_deaths import assert_nothing_left

REFUSED = 125
AS_NOBODY = "setpriv --reuid 65534 --regid 65534 --clear-groups"
OWN_MOUNTS = "unshare -m sh -c"

OK = "def load(n):\n    return [n] * 1000\nprint(len(load(1)))\n"


@dataclasses.dataclass(frozen=True)
class Case:
    """`says`: what mprun's one message holds; "" where it may say nothing. `program_says`: what the
    program's or CPython's own stderr holds. `shows`: what stdout holds."""

    name: str
    command: str
    status: int = REFUSED
    says: tuple = ()
    program_says: str = ""
    shows: str = ""
    # Content of script.py, and of further files.
    script: object = OK
    files: dict = dataclasses.field(default_factory=dict)
    # Files that the case makes itself and leaves.
    leaves: tuple = ()
    root: bool = False


SCRIPTS = (
    Case("missing", "$M nothing.py", 2, program_says="nothing.py"),
    Case("missing_folder", "$M no/such/script.py", 2, program_says="no/such/script.py"),
    Case("directory", "mkdir d && $M d", 1, program_says="__main__", leaves=("d",)),
    Case("unreadable", f"chmod 0 script.py; {AS_NOBODY} $M script.py", 2,
         program_says="Permission denied", root=True),
    Case("binary", "$M /bin/true", says=("compiled program", "--python")),
    Case("null_device", "$M /dev/null", 0),
    Case("empty", "$M script.py", 0, script=""),
    Case("only_comment", "$M script.py", 0, script="# nothing"),
    Case("syntax_error", "$M script.py", 1, program_says="SyntaxError", script="if x\n"),
    Case("bad_encoding", "$M script.py", 1, program_says="Non-UTF-8", script=b"x = '\xe9'\n"),
    Case("unknown_encoding", "$M script.py", 1, program_says="nope", script="# coding: nope\n"),
    Case("null_bytes", "$M script.py", script=b"x = 1\n\0\n",
         **({"status": 0, "shows": "it is not text"} if harness.VERSION < (3, 12)
            else {"status": 1, "program_says": "null bytes"})),
    Case("module_missing", "$M -m no_such_module", 1, program_says="no_such_module"),
    Case("module_of_a_folder", "mkdir d && $M -m d", 1, program_says="__main__", leaves=("d",)),
    Case("folder_gone", "mkdir d && cd d && rmdir ../d && $M ../script.py", 0,
         shows="../script.py cannot be shown"),
    Case("vanishes", "$M script.py", 0, shows="+RSS",
         script="import os\nos.unlink(__file__)\ndef f(): return 1\nf()\n"),
    Case("changes", "$M script.py", 0, shows="changed",
         script="import time\ndef f():\n    return 1\nf()\n"
         "open(__file__, 'w').write('x = 1\\n')\n"),
    Case("long_line", "$M script.py", 0, shows="load", script=OK + f"x = '{'y' * 100000}'\n"),
    Case("many_lines", "$M -f load script.py", 0, shows="load", script=OK + "x = 1\n" * 20000),
)

INTERPRETERS = (
    Case("python_missing", "$MPRUN --python /no/such script.py", says=("/no/such",)),
    Case("python_directory", "$MPRUN --python /tmp script.py", says=("/tmp", "directory")),
    Case("python_empty", "$MPRUN --python '' script.py", says=("--python", "empty")),
    Case("python_not_executable", "$MPRUN --python ./script.py script.py",
         says=("./script.py", "not an executable")),
    Case("python_no_program", "chmod 755 text; $MPRUN --python ./text script.py", says=("text",),
         files={"text": "no program\n"}),
    Case("python_other_program", "$MPRUN --python /bin/true script.py",
         says=("/bin/true", "no CPython", "--python PATH")),
    Case("python_cut_elf", "head -c 100 /bin/true >cut; chmod 755 cut; $MPRUN --python ./cut "
         "script.py", says=("./cut",), leaves=("cut",)),
    Case("python_static", "gcc -static -o static c.c && $MPRUN --python ./static script.py",
         says=("static", "--host embedded"), files={"c.c": "int main(void) { return 0; }\n"},
         leaves=("static",)),
    Case("python_other_machine", "cp /bin/true other && printf '\\267' | dd of=other bs=1 seek=18 "
         "conv=notrunc 2>dd.txt; $MPRUN --python ./other script.py",
         says=("other", "64-bit x86"), leaves=("other", "dd.txt")),
    Case("python_set_uid", f"cp {harness.PYTHON} py; chown 65534 py; chmod 4755 py; "
         "$MPRUN --python ./py script.py", says=("set-uid", "--host embedded"), leaves=("py",),
         root=True),
    Case("python_word_missing", "$MPRUN ./python3 script.py", says=("./python3",)),
)

WORDS = (
    Case("option_unknown", "$M --fumc load script.py", says=("--fumc",)),
    Case("letter_unknown", "$M -Z script.py", says=("-Z",)),
    Case("option_behind_script", "$M script.py --rss off", 0, says=("--rss", "stand before")),
    Case("no_value", "$M script.py --func", says=("--func", "needs a value")),
    Case("nothing", "$M", says=("nothing to run", "--help")),
    Case("code_missing", "$M -c", says=("-c", "needs a value")),
    Case("module_word_missing", "$M -m", says=("-m", "needs a value")),
    Case("pattern_empty", "$M -f '' script.py", says=("--func", "no function")),
    Case("pattern_doubled", "$M -f load -f load script.py", 0, shows="load"),
    Case("pattern_dots", "$M -f a..b script.py", says=("a..b", "empty part")),
    Case("pattern_colon", "$M -f :load script.py", says=(":load", "before the colon")),
    Case("pattern_bytes", "$M -f $(printf 'lo\\377d') script.py", says=("--func", "matched no")),
    Case("pattern_long", "$M -f $(head -c 9000 /dev/zero | tr '\\0' a) script.py",
         says=("--func aaa",)),
    Case("pattern_unmatched", "$M -f laod script.py", says=("laod", "load (script.py:1)"),
         shows="1000"),
    Case("tier_unknown", "$M --rss best script.py", says=("--rss", "every-line")),
    Case("interval_negative", "$M --interval -5ms script.py", says=("--interval",)),
    Case("interval_huge", "$M --interval 99999999999999999999s script.py", says=("--interval",)),
    Case("width_huge", "$M --width 99999999999 script.py", says=("--width",)),
    Case("arguments_of_bytes", "$M script.py $(printf '\\377\\376')", 0, shows="load"),
    Case("name_of_bytes", "cp script.py $(printf 'n\\351.py') && $M $(printf 'n\\351.py')", 0,
         shows="load", leaves=("n\udce9.py",)),
    Case("source_latin", "$M script.py", 0, shows="load",
         script=b"# coding: latin-1\n" + OK.encode() + b"x = '\xe9\xff'\n"),
    Case("control_characters", "$M script.py", 0, shows="load",
         script=OK + "x = '\x1b[31m\x07\u202e'\n"),
)

OUTPUTS = (
    Case("output_python", "$M -o script.py --format text script.py",
         says=("script.py", "Python file")),
    Case("output_directory", "$M -o . script.py", says=("directory",)),
    Case("output_folder_missing", "$M -o no/such.json script.py", says=("no/such.json",)),
    Case("output_empty", "$M -o '' script.py", says=("empty",)),
    Case("output_slash", "$M -o new/ script.py", says=("new/",)),
    Case("output_unwritable", f"{AS_NOBODY} $M -o /etc/x.json script.py",
         says=("/etc/x.json", "Permission denied"), root=True),
    Case("output_read_only", f"touch o; chmod 444 o; {AS_NOBODY} $M -o o script.py",
         says=("o", "Permission denied"), leaves=("o",), root=True),
    Case("output_full_device", "$M -o /dev/full script.py", says=("/dev/full", "No space left"),
         shows="1000"),
    Case("stdout_full_device", "$M -f load script.py >/dev/full",
         says=("standard output", "No space left"), program_says="+RSS"),
    Case("file_system_full", f"mkdir full; {OWN_MOUNTS} 'mount -t tmpfs -o size=4k none full; $M "
         "-o full/x.json --all-lines script.py'", says=("full/x.json", "No space left"),
         script=OK + "x = 1\n" * 300, leaves=("full",), root=True),
    Case("stdout_closed", "$M script.py >&-", 0),
    Case("all_closed", "$M script.py <&- >&- 2>&-", 0),
)

MACHINE = (
    Case("no_proc", f"{OWN_MOUNTS} 'umount -l /proc; $M script.py'", says=("/proc",), root=True),
    Case("descriptors_16", "ulimit -n 16; $M script.py", 0, shows="load"),
    Case("descriptors_5", "ulimit -n 5; $M script.py", says=("Too many open files", "ulimit -n")),
    Case("file_size_0", "ulimit -f 0; $M script.py", says=("ulimit -f unlimited",)),
    Case("address_space", "ulimit -v 300000; $M script.py", 0, shows="load"),
    Case("processes", f"{AS_NOBODY} prlimit --nproc=1 $M script.py", says=("fork", "ulimit -u"),
         root=True),
    Case("no_memfd", "$S 319 $M script.py", says=("memfd_create", "not implemented")),
    Case("no_perf_events", "$S 298 $M script.py", 0, shows="rusage"),
    Case("no_signalfd", "$S 289 $M script.py", says=("signalfd", "not implemented")),
    Case("no_timerfd", "$S 283 $M script.py", says=("timer", "not implemented")),
    Case("no_environment", "env -i $M script.py", 0, shows="load"),
    Case("python_home_wrong", "PYTHONHOME=/nope $M script.py", 1, program_says="encodings"),
    Case("virtual_env_wrong", "VIRTUAL_ENV=/nope $MPRUN script.py", 0, shows="load"),
    Case("columns_wrong", "COLUMNS=-7 $M script.py", 0, shows="load"),
    Case("locale_wrong", "LC_ALL=xx_YY.UTF-8 $M script.py", 0, shows="load"),
)

CASES = (*SCRIPTS, *INTERPRETERS, *WORDS, *OUTPUTS, *MACHINE)

def lay(case, folder):
    """The case's files, readable for everybody."""
    script = case.script.encode() if isinstance(case.script, str) else case.script
    (folder / "script.py").write_bytes(script)
    for name, text in case.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for place in (folder, *folder.parents):
        if place.owner() == "root" and str(place).startswith("/tmp/"):
            place.chmod(place.stat().st_mode | 0o055)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input(case, without, tmp_path):
    """Status, message, and that nothing else is said, lost or left behind."""
    if OWN_MOUNTS in case.command and harness.run(["unshare", "-m", "true"]).status != 0:
        pytest.skip("no mounts of its own are to be had here (unshare -m)")
    if case.root and os.geteuid() != 0:
        pytest.skip("only root can arrange this")
    lay(case, tmp_path)
    mprun = f"{harness.MPRUN} --python {harness.PYTHON}"
    command = re.sub(r"\$M\b", mprun, case.command.replace("$MPRUN", harness.MPRUN))
    result = harness.run(["/bin/bash", "-c", command.replace("$S", without)], cwd=tmp_path)
    said = "\n".join(result.own_lines)
    assert result.status == case.status, str(result)
    assert bool(said) == bool(case.says), str(result)
    for words in case.says:
        assert words in said, str(result)
    assert case.program_says in result.foreign_stderr.decode("utf-8", "replace"), str(result)
    assert case.shows in result.stdout.decode("utf-8", "replace"), str(result)
    assert b"Fatal" not in result.stderr or case.name == "python_home_wrong", str(result)
    assert_nothing_left(tmp_path, ("script.py", *case.files, *case.leaves))


def test_bad_input_is_a_table():
    """Names are unique, and there are enough of them."""
    names = [case.name for case in CASES]
    assert len(names) >= 50 and len(names) == len(set(names))


# --- a recording that the program has damaged

SIZES = {"uint32_t": 4, "uint64_t": 8, "int64_t": 8, "char": 1}


def fields_of(text, struct, offset=0, before=""):
    """Name, and offset and size in bytes, of each field of a struct as the compiler lays it out; of
    those that are structs, their fields."""
    body = text.partition(f"\nstruct {struct} {{")[2].partition("\n}")[0]
    for kind, name, count in re.findall(r"^    (?:struct )?(\w+) (\w+)(?:\[(\d+)\])?;", body, re.M):
        if kind in SIZES:
            offset = -(-offset // SIZES[kind]) * SIZES[kind]
            size = SIZES[kind] * int(count or 1)
            yield before + name, (offset, size)
            offset += size
        else:
            inner = list(fields_of(text, kind, -(-offset // 8) * 8, f"{before}{name}."))
            yield from inner
            offset = -(-sum(inner[-1][1]) // 8) * 8


def header_fields():
    """Those in front of the heap's."""
    text = (harness.REPO / "include/mprun/recording_header.h").read_text(encoding="utf-8")
    return {name: place for name, place in fields_of(text.partition("struct mpr_rec_heap heap;")[0] +
                                                     "\n}", "mpr_rec_header")}


HEADER_FIELDS = header_fields()

DAMAGE = """
import ctypes, os, random, re, sys
def work(n):
    return [n] * 1000
work(1)
def region():
    for line in open("/proc/self/maps"):
        if "mprun-recording" in line and re.search(r" rw.s 0{8} ", line):
            return int(line.split("-")[0], 16)
base = region()
def damage():
    kind, value = sys.argv[1], int(sys.argv[2])
    if kind == "log":
        chance = random.Random(value)
        end = ctypes.c_uint64.from_address(base + 24).value
        for _ in range(1 + value % 7):
            at = chance.randrange(4096, end, 4)
            new = chance.choice((0, 1, 7, 255, 2 ** 31, 2 ** 32 - 1, chance.randrange(2 ** 32)))
            ctypes.c_uint32.from_address(base + at).value = new
    else:
        ctypes.memset(base + int(kind), value, int(sys.argv[3]))
    os._exit(0)
damage()
"""


def run_damaged(tmp_path, args):
    """mprun over DAMAGE: it ends in order, says what is wrong, and its report can be read."""
    (tmp_path / "script.py").write_text(DAMAGE, encoding="utf-8")
    for form in ("json", "text"):
        out = tmp_path / f"out.{form}"
        result = harness.run([harness.MPRUN, "-q", "--python", harness.PYTHON, "-o", str(out),
                              "--format", form, "script.py", *map(str, args)], cwd=tmp_path)
        # What the target's own hooks go by may be hit, too. Then it dies, and mprun reports that.
        died = result.status == -signal.SIGSEGV and out.exists()
        assert died or result.status in (0, REFUSED), f"{args}: {result}"
        assert not result.foreign_stderr, f"{args}: {result}"
        assert out.exists() or result.own_lines, f"{args}: {result}"
        if form == "json" and out.exists():
            # What numbers are in it is the damage's.
            assert json.loads(out.read_bytes())["schema"] == 1
        if out.exists():
            out.unlink()
    assert_nothing_left(tmp_path, ("script.py",))


@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_damaged_header(field, tmp_path):
    """Each field with each of some bytes all over it."""
    offset, size = HEADER_FIELDS[field]
    for value in (0, 1, 0x41, 0x7f, 0xff):
        run_damaged(tmp_path, (offset, value, size))


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_damaged_log(first, tmp_path):
    """Functions, candidates, threads, activations with numbers that cannot be."""
    for seed in range(first, first + 10):
        run_damaged(tmp_path, ("log", seed))


def test_damaged_header_fields_are_where_they_are_said_to_be(tmp_path):
    """As the compiler lays them out."""
    source = tmp_path / "fields.c"
    asserted = "\n".join(
        f'_Static_assert(offsetof(struct mpr_rec_header, {name}) == {offset}, "{name}");'
        for name, (offset, _) in HEADER_FIELDS.items())
    source.write_text(f"#include <stddef.h>\n#include <mprun/recording.h>\n{asserted}\n")
    subprocess.run(["cc", "-fsyntax-only", f"-I{harness.REPO}/include", str(source)], check=True)
    assert {"magic", "settings.flags", "host.refusal", "clock.end.ns", "rss.own"} < set(HEADER_FIELDS)
