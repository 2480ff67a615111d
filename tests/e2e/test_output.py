# SPDX-License-Identifier: MIT
"""Where a report goes: which file a name stands for, what is never replaced, what stays of a file
that is."""

import os
import subprocess
import uuid

import pytest

import harness

SCRIPT = "print(1)\n"
UMOUNT = "import ctypes\nassert ctypes.CDLL(None).umount2(b'/proc', 2) == 0\n"
NOBODY = "setpriv --reuid 65534 --regid 65534 --clear-groups"


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    """A folder with a script."""
    harness.write_program(tmp_path, SCRIPT)
    return tmp_path


def mprun(folder, *words, program=("user.py",)):
    """mprun -q over the script, with these words before it."""
    return harness.run([harness.MPRUN, "-q", "--python", harness.PYTHON, *words, *program],
                       cwd=folder)


def shell(folder, command):
    """A shell's command line, in which $M stands for mprun -q."""
    command = command.replace("$M", f"{harness.MPRUN} -q --python {harness.PYTHON}")
    return harness.run(["/bin/sh", "-c", command], cwd=folder)


def open_to_all(folder):
    """Let everybody come in, read and run what is there."""
    for place in (folder, *folder.parents):
        if place.owner() == "root" and str(place).startswith("/tmp/"):
            place.chmod(place.stat().st_mode | 0o055)


def is_report(text):
    """One whole report in JSON and nothing else?"""
    return harness.parse_profile(text)["schema"] == 1


# --- the file is asked, not its path

def test_file_below_dev(folder):
    """A plain file below /dev is one: made where there is none, replaced where there is."""
    path = f"/dev/shm/mprun-{uuid.uuid4()}.json"
    try:
        for _ in range(2):
            result = mprun(folder, "-o", path)
            assert result.status == 0, str(result)
            with open(path, encoding="utf-8") as file:
                assert is_report(file.read())
    finally:
        os.unlink(path)


@pytest.mark.parametrize("name", ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"))
def test_descriptor(folder, name):
    """What is open is written to, also where it is a plain file: the program wrote there, too."""
    (folder / "link").symlink_to("/dev/stdout")
    result = shell(folder, f"$M -o {name} --format json user.py >out")
    assert result.status == 0, str(result)
    first, report = (folder / "out").read_text(encoding="utf-8").split("\n", 1)
    assert first == "1" and is_report(report)
    assert sorted(os.listdir(folder)) == ["link", "out", "user.py"]


# --- what is never replaced

# What is typed, and the file that must stay.
KEPT = (
    ("link_to_a_source", "ln -s other.py out; $M -o out user.py", "other.py"),
    ("link_to_a_link", "ln -s other.py a; ln -s a out; $M -o out user.py", "other.py"),
    ("windowed", "cp other.py out.pyw; $M -o out.pyw --format text user.py", "out.pyw"),
    ("stub", "cp other.py out.pyi; $M -o out.pyi --format text user.py", "out.pyi"),
    ("notebook", "echo '{}' >out.ipynb; $M -o out.ipynb --format json user.py", "out.ipynb"),
    ("the_program", "cp user.py tool; $M -o tool tool", "tool"),
    ("the_program_otherwise", "cp user.py tool; $M -o ./tool $PWD/tool", "tool"),
    ("another_name_of_it", "cp user.py tool; ln tool out; $M -o out tool", "tool"),
    ("standard_input", "cp user.py tool; $M -o tool - <tool", "tool"),
    # A copy: a fault here must not cost the machine its own.
    ("the_interpreter", "cp $PYTHON py; cp py same; ln -s py out; "
     "$M --python ./py -o out user.py; status=$?; cmp py same && exit $status", "user.py"),
)


@pytest.mark.parametrize("command, kept", [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_kept(folder, command, kept):
    """A source by whatever name is refused before the program runs."""
    harness.write_program(folder, SCRIPT, "other.py")
    result = shell(folder, command.replace("$PYTHON", harness.PYTHON))
    assert result.status == 125 and len(result.own_lines) == 1, str(result)
    assert not result.stdout, str(result)
    assert (folder / kept).read_text(encoding="utf-8") in (SCRIPT, "{}\n")


def test_module_of_the_same_name(folder):
    """The name of a module is no file's: an old report may have it."""
    (folder / "user").write_text("old", encoding="utf-8")
    result = mprun(folder, "-o", "user", "--format", "json", program=("-m", "user"))
    assert result.status == 0, str(result)
    assert is_report((folder / "user").read_text(encoding="utf-8"))


def test_measured_source(folder):
    """What turned out to be measured stays as well; the report is on standard error."""
    plugin = "def f():\n    return 1\nf()\n"
    (folder / "plugin").write_text(plugin, encoding="utf-8")
    harness.write_program(folder, "exec(compile(open('plugin').read(), 'plugin', 'exec'))\n")
    result = mprun(folder, "-o", "plugin", "-f", "*:f")
    assert result.status == 125 and "files that were measured" in result.own_lines[0], str(result)
    assert (folder / "plugin").read_text(encoding="utf-8") == plugin
    assert b"Hits" in result.stderr, str(result)


# --- what stays of a file that is replaced

def test_mode_stays(folder):
    """Of an old report, all of its mode; of a new one it is the umask's."""
    out = folder / "out.json"
    result = shell(folder, "umask 027; $M -o out.json user.py")
    assert result.status == 0 and out.stat().st_mode & 0o7777 == 0o640, str(result)
    out.chmod(0o2604)
    assert mprun(folder, "-o", "out.json").status == 0
    assert out.stat().st_mode & 0o7777 == 0o2604
    assert is_report(out.read_text(encoding="utf-8"))


def test_hard_link_stays(folder):
    """All names of an old report show the new one, which is shorter."""
    (folder / "first.json").write_text("x" * 1_000_000, encoding="utf-8")
    os.link(folder / "first.json", folder / "second.json")
    assert mprun(folder, "-o", "first.json").status == 0
    assert os.path.samefile(folder / "first.json", folder / "second.json")
    assert is_report((folder / "second.json").read_text(encoding="utf-8"))
    assert sorted(os.listdir(folder)) == ["first.json", "second.json", "user.py"]


@pytest.mark.parametrize("who", ("root", "nobody"))
def test_owner_stays(folder, who):
    """Also where it can only be written over."""
    if os.geteuid() != 0:
        pytest.skip("only root can arrange this")
    out = folder / "out.json"
    out.write_text("old", encoding="utf-8")
    os.chown(out, 12345, 12346)
    out.chmod(0o666)
    open_to_all(folder)
    folder.chmod(0o777)
    result = shell(folder, f"{NOBODY if who == 'nobody' else ''} $M -o out.json user.py")
    assert result.status == 0, str(result)
    found = out.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (12345, 12346, 0o666)
    assert is_report(out.read_text(encoding="utf-8"))


def test_room_is_asked_for_first(folder):
    """An old report that is written over is whole or the new one."""
    if subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        pytest.skip("no mounts of its own are to be had here (unshare -m)")
    (folder / "full").mkdir()
    # The report takes more than half of what is free.
    harness.write_program(folder, SCRIPT + "x = 1\n" * 90)
    result = shell(folder, "unshare -m sh -c 'mount -t tmpfs -o size=64k none full; "
                           "printf old >full/a.json; ln full/a.json full/b.json; "
                           "head -c 28k /dev/zero >full/rest; $M -o full/a.json user.py; "
                           "cat full/b.json'")
    assert "full/a.json" in result.own_lines[0], str(result)
    assert result.stdout == b"1\nold", str(result)


def test_dangling_link(folder):
    """It is followed, as a shell would."""
    (folder / "far").mkdir()
    (folder / "out.json").symlink_to("far/report.json")
    assert mprun(folder, "-o", "out.json").status == 0
    assert (folder / "out.json").is_symlink()
    assert is_report((folder / "far" / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("target", ("nowhere/report.json", "out.json"))
def test_link_to_nowhere(folder, target):
    """One that leads to no folder, or round in circles, is refused and stays."""
    (folder / "out.json").symlink_to(target)
    result = mprun(folder, "-o", "out.json")
    assert result.status == 125 and "out.json" in result.own_lines[0], str(result)
    assert not result.stdout and (folder / "out.json").is_symlink(), str(result)


# --- where no file can be put in another's place

# What is done before, and in the place of $M; an old report of somebody else's has 0666.
IN_PLACE = (
    ("no_linkat", "$S 265 $M -o out.json user.py"),
    ("no_linkat_old_report", "echo old >out.json; $S 265 $M -o out.json user.py"),
    ("no_rename", "$S 82 $M -o out.json user.py"),
    ("no_rename_old_report", "echo old >out.json; $S 82 $M -o out.json user.py"),
    ("no_proc_any_more", "unshare -m $M -o out.json umount.py"),
    ("mount", "echo old >real; echo >out.json; unshare -m sh -c 'mount --bind real out.json; "
     "$M -o out.json user.py'; cp real out.json"),
    ("sticky_folder", "chmod 1777 .; $OLD; $NOBODY $M -o out.json user.py"),
    ("anothers_folder", "$OLD; chown 12345 .; chmod 755 .; $NOBODY $M -o out.json user.py"),
)


@pytest.mark.parametrize("command", [row[1] for row in IN_PLACE], ids=[row[0] for row in IN_PLACE])
def test_in_place(folder, command, without):
    """The report is where it should be, in its own format, and nothing is beside it."""
    harness.write_program(folder, UMOUNT, "umount.py")
    if ("unshare" in command or "$OLD" in command) and os.geteuid() != 0:
        pytest.skip("only root can arrange this")
    if "unshare" in command and harness.run(["unshare", "-m", "true"]).status != 0:
        pytest.skip("no mounts of its own are to be had here (unshare -m)")
    open_to_all(folder)
    for name, meaning in (("$OLD", "head -c 99999 /dev/zero >out.json; chmod 666 out.json; "
                           "chown 12345 out.json"), ("$NOBODY", NOBODY), ("$S", without)):
        command = command.replace(name, meaning)
    result = shell(folder, command)
    assert result.status == 0 and not result.stderr, str(result)
    assert is_report((folder / "out.json").read_text(encoding="utf-8"))
    assert set(os.listdir(folder)) <= {"out.json", "real", "umount.py", "user.py"}


def test_in_place_fails(folder, without):
    """Where it cannot be written over either, the report is on standard error, nothing is left."""
    harness.write_program(folder, "import os, sys\nos.mkdir('out.json')\n")
    result = shell(folder, f"{without} 265 $M -o out.json user.py")
    assert result.status == 125 and "out.json" in result.own_lines[0], str(result)
    assert b"Hits" in result.stderr and sorted(os.listdir(folder)) == ["out.json", "user.py"]
