# SPDX-License-Identifier: MIT
"""What lies in the recording: nothing that is true in the target's memory only."""

import harness

# While all that is recorded is in use: open and suspended frames, recursion, threads that have
# ended and that run, sites and nodes. The program looks at the supervisor's descriptor.
PROGRAM = """
import array, bisect, glob, os, threading

def held(n):
    kept = [[i] for i in range(10)]
    if n:
        return held(n - 1), kept
    yielding = suspended()
    next(yielding)
    return scan(), kept, yielding

def suspended():
    kept = [bytes(5000)]
    yield kept

def in_thread():
    kept = [str(i) for i in range(100)]
    native = threading.Lock(), bytearray(200_000)

def mapped():
    ranges = []
    with open('/proc/self/maps') as maps:
        for line in maps:
            start, end = line.split()[0].split('-')
            ranges.append((int(start, 16), int(end, 16)))
    return sorted(ranges)

def recording():
    for name in glob.glob(f'/proc/{os.getppid()}/fd/*'):
        if 'mprun-recording' in os.readlink(name):
            with open(name, 'rb') as file:
                return file.read(16 << 20)

def scan():
    ranges = mapped()
    words = array.array('Q', recording())
    starts = [start for start, _ in ranges]
    found = []
    for at, word in enumerate(words):
        if 1 << 40 < word < 1 << 47:
            i = bisect.bisect(starts, word) - 1
            if i >= 0 and word < ranges[i][1]:
                found.append((at * 8, hex(word)))
    print(len(words), sum(1 for word in words if word), found)

for _ in range(3):
    threads = [threading.Thread(target=in_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
held(5)
"""


def test_no_addresses(tmp_path, host):
    """No word of it is an address of anything that the target has mapped. (What lies low, as an
    executable at a fixed address, has addresses that any size may have.)"""
    result = harness.profile_program(tmp_path, PROGRAM, "-f", "*:*", host=host)
    size, used, found = result.stdout.decode().split(maxsplit=2)
    assert int(size) == 2 << 20 and int(used) > 1000
    assert found.strip() == "[]"
