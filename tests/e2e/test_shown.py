# SPDX-License-Identifier: MIT
"""Nothing that mprun writes moves a terminal's cursor or turns a line's direction, whatever files,
functions, sources and folders are called."""

import json
import os
import unicodedata

import pytest

import harness

# An 8-bit escape sequence, a line turned round, what cannot be seen.
HOSTILE = "\x9b31mx\u202ey\u2066z\u200b\ufeff\U000e0041"
PROGRAM = f"""
def named():
    return '{HOSTILE}'
named.__code__ = named.__code__.replace(co_name='n{HOSTILE}', co_qualname='n{HOSTILE}')
x = [named() * 1000, bytearray(1 << 20)] # {HOSTILE}
"""
FORMATS = ("text", "classic", "markdown", "json", "csv", "mprof", "chrome")
UTF_8 = ("json", "csv", "chrome")  # whatever the locale


def assert_harmless(output):
    """Text in which no character steers."""
    for character in output.decode("utf-8"):
        assert (character in "\n\t\xad\u200c\u200d" or
                unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp")), ascii(output)


def run(folder, *words, **kwargs):
    """mprun with these words."""
    return harness.run([harness.MPRUN, "--python", harness.PYTHON, *words], cwd=folder, **kwargs)


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    """A folder with a name like that, and in it a program."""
    folder = tmp_path / f"d{HOSTILE}"
    folder.mkdir()
    harness.write_program(folder, PROGRAM, f"p{HOSTILE}.py")
    return folder


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("language", ("C.UTF-8", "C"))
def test_report(folder, form, language):
    """In every format: name and source of the program, names of functions, words."""
    words = ("-o", "-", "--format", form, "--color", "never", "-f", "*:*",
             *(["--plot"] if form == "text" else []),
             str(folder / f"p{HOSTILE}.py"), HOSTILE)
    result = run(folder, *words, env={"LANG": language})
    assert result.status == 0 and b"9b31mx" in result.stdout, str(result)
    assert_harmless(result.stdout.replace(b"\r\n", b"\n") + result.stderr)
    if language == "C" and form not in UTF_8:
        assert result.stdout.isascii(), str(result)


def test_json_means_the_same(folder):
    """Escaped in JSON's own way: a reader gets what was there."""
    result = run(folder, "-q", "-o", "out.json", "-f", "*:*", f"p{HOSTILE}.py", HOSTILE)
    assert result.status == 0, str(result)
    profile = harness.read_profile(folder / "out.json")
    assert profile["command"][-1] == HOSTILE and profile["cwd"] == str(folder)
    assert any((row["source"] or "").endswith(f"# {HOSTILE}")
               for function in profile["functions"] for row in function["rows"])


@pytest.mark.parametrize("words", (
    ["-f", f"q{HOSTILE}", f"p{HOSTILE}.py"],
    ["-o", f"no{HOSTILE}/x", "--format", "text", f"p{HOSTILE}.py"],
    ["-o", f"x{HOSTILE}.txt", f"p{HOSTILE}.py"],
    [f"--{HOSTILE}", f"p{HOSTILE}.py"],
    ["--python", f"/py{HOSTILE}", f"p{HOSTILE}.py"],
    ["--format", HOSTILE, f"p{HOSTILE}.py"],
    ["--max-peak-rss", "1", f"p{HOSTILE}.py"],
    [f"p{HOSTILE}.py", "--rss", HOSTILE],
    [f"p{HOSTILE}"],
), ids=lambda words: ascii(words[0])[:12])
def test_messages(folder, words):
    """Whatever mprun says about words and files."""
    result = run(folder, *words)
    assert result.own_lines and "9b31mx" in "".join(result.own_lines), str(result)
    assert_harmless(b"".join(line.encode() for line in result.own_lines))


@pytest.mark.parametrize("form", ("text", "json"))
def test_doctor(folder, form):
    """Interpreters in folders with such names."""
    (folder / "python3").symlink_to(harness.PYTHON)
    result = harness.run([harness.MPRUN, "doctor", "-o", "-", "--format", form],
                         env={"PATH": f"{folder}:{harness.BASE_ENV['PATH']}"}, cwd=folder)
    assert b"9b31mx" in result.stdout, str(result)
    assert_harmless(result.stdout + result.stderr)
    if form == "json":
        paths = [item["path"] for item in json.loads(result.stdout)["interpreters"]]
        assert os.path.join(folder, "python3") in paths, paths
