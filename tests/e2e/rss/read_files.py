# SPDX-License-Identifier: MIT
"""Files read into buffers: the kernel touches the pages, on any kind of read."""

import mmap
import os
import socket
import tempfile


def work():
    data = os.urandom(1 << 20)
    with tempfile.NamedTemporaryFile(dir=os.getcwd()) as file:
        file.write(data)
        file.flush()
        fd = os.open(file.name, os.O_RDONLY)
        kept = []
        for i in range(60):
            area = mmap.mmap(-1, 1 << 20)
            os.preadv(fd, [memoryview(area)[:300_000]], 0)
            os.lseek(fd, 0, os.SEEK_SET)
            os.readv(fd, [memoryview(area)[400_000:500_000]])
            with open(file.name, "rb", buffering=0) as raw:
                raw.readinto(memoryview(area)[600_000:900_000])
            kept.append(os.read(fd, 200_000))
            area = None
            left, right = socket.socketpair()
            left.send(data[:50_000])
            buffer = bytearray(400_000)
            right.recv_into(buffer)
            left.close()
            right.close()
        try:
            direct = os.open(file.name, os.O_RDONLY | os.O_DIRECT)
            for i in range(20):
                area = mmap.mmap(-1, 1 << 20)
                os.preadv(direct, [area], 0)
                area = None
            os.close(direct)
        except OSError:
            print("no O_DIRECT here")
        os.close(fd)
    return len(kept)


print(work())
