# SPDX-License-Identifier: MIT
"""`rss.own` is what mprun's own mappings hold resident in the target, as smaps tells: the recording
(a memfd named mprun…), mprun's shared objects or host executable, the rings of perf events, and
anonymous areas, which carry mprun's name where the kernel keeps names, and the flag `nh`
(MADV_NOHUGEPAGE) everywhere: neither glibc nor CPython asks for that. The zeroed data of mprun's
objects may share a mapping with others: its size is taken from the files, as it is populated whole.
The program reads its own smaps at its end."""

import pathlib
import re
import struct

import pytest

import harness

PROGRAM = '''
def work(n):
    kept = []
    for i in range(n):
        kept.append(helper(i))
    return kept

def helper(i):
    return [i] * 100

work({n})
for i in range({functions}):
    exec(f"def f{{i}}(x):\\n    y = x\\n    return y\\nf{{i}}(1)")
with open("/proc/self/smaps") as smaps:
    text = smaps.read()
print(text)
'''

# What the kernel may fault around in a file mapping between mprun's last count and the reading.
PAGE = 4096
TOLERANCE = 2 * PAGE
# mprun's memory grows in steps, and may do so once more between the program's reading and its end.
STEP = 64 << 10
PT_LOAD = 1
HEAD = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ (\d+) *(.*)$", re.M)


def own_mappings(smaps):
    """[(what, resident bytes)] of the mappings that are mprun's, zeroed data included."""
    heads = list(HEAD.finditer(smaps))
    ends = [head.start() for head in heads[1:]] + [len(smaps)]
    found = []
    for head, end in zip(heads, ends):
        body = smaps[head.end():end]
        inode, name = head.groups()
        advised = inode == "0" and " nh" in re.search(r"^VmFlags:.*$", body, re.M)[0]
        if "mprun" in name or name == "anon_inode:[perf_event]" or advised:
            rss = int(re.search(r"^Rss: +(\d+)", body, re.M)[1]) * 1024
            found.append((name or "anonymous", rss))
    objects = {name for name, _ in found if name.startswith("/") and "memfd" not in name}
    return found + [(f"zeroed data of {name}", zeroed_bytes(name)) for name in sorted(objects)]


def zeroed_bytes(path):
    """Bytes of whole pages behind the file's part of an ELF object's segments."""
    image = pathlib.Path(path).read_bytes()
    table, = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    total = 0
    for i in range(count):
        kind, _, _, address, _, in_file, in_memory, _ = struct.unpack_from("<IIQQQQQQ", image,
                                                                           table + i * size)
        if kind == PT_LOAD:
            total += -(-(address + in_memory) // PAGE) - -(-(address + in_file) // PAGE)
    return total * PAGE


@pytest.mark.parametrize("tier", ("auto", "rusage", "off"))
@pytest.mark.parametrize("n, functions", ((10, 1), (20_000, 2_000)))
def test_own(n, functions, tier, host, tmp_path):
    """Few rows and many rows, with and without a ring."""
    script = tmp_path / "script.py"
    script.write_text(PROGRAM.format(n=n, functions=functions), encoding="utf-8")
    options = ("--rss", tier, "--func", "*")
    result = harness.run_mprun([str(script)], tmp_path / "profile.json", host, options)
    assert result.status == 0, str(result)
    found = own_mappings(result.stdout.decode())
    assert any("memfd:mprun" in name for name, _ in found), found
    own = result.profile["rss"]["own"]
    if own is None:
        assert tier == "off"
        return
    total = sum(rss for _, rss in found)
    assert -TOLERANCE <= own - total <= TOLERANCE + STEP, f"own {own}, mappings {total}: {found}"
