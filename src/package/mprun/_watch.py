# SPDX-License-Identifier: MIT
"""The process beside this one that reads its session: started, asked, waited for. What the two say
is in src/cli/watched.h."""

from __future__ import annotations

import os
import socket
import struct

from . import _command
from ._errors import Error, ProfileError, SessionError

_PACKET = 8192
_WAIT_S = 60.0  # a large profile takes seconds


def _spawn(control: socket.socket, path: str, heap: bool, rss: str) -> None:
    """It detaches itself: what is waited for here ends at once."""
    words = ["mprun", "watch", str(control.fileno()), str(os.getpid()), "-o", path, "--rss", rss]
    if not heap:
        words.append("--no-heap")
    os.set_inheritable(control.fileno(), True)
    try:
        pid = os.posix_spawn(_command.command(), words, os.environ)
    except (OSError, Error) as reason:
        raise SessionError(f"the command mprun cannot be started: {reason}") from reason
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:  # the program ignores SIGCHLD, or waits for all of its children
        return
    if status:
        raise SessionError("the command mprun refuses to read this session: is it of another "
                           "version than the package?")


def _fd_of(ancillary: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS and len(data) >= 4:
            fd: int = struct.unpack("i", data[:4])[0]
            return fd
    return -1


class Watch:
    """A reader of this process's session; `recording` is the descriptor to measure into."""

    def __init__(self, path: str, *, heap: bool, rss: str) -> None:
        self.recording = -1
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        try:
            with theirs:
                _spawn(theirs, path, heap, rss)
            ours.settimeout(_WAIT_S)
            data, ancillary, _, _ = ours.recvmsg(_PACKET, socket.CMSG_SPACE(4),
                                                 socket.MSG_CMSG_CLOEXEC)
        except OSError as reason:
            ours.close()
            raise SessionError(f"the command mprun does not answer: {reason}") from reason
        except BaseException:
            ours.close()
            raise
        self.recording = _fd_of(ancillary)
        if data != b"mprun 1 ready" or self.recording < 0:
            ours.close()
            self.close_recording()
            raise SessionError(data.decode("utf-8", "replace").partition("error ")[2]
                               or "the command mprun is of another version than the package")

    def close_recording(self) -> None:
        """The session has it."""
        if self.recording >= 0:
            os.close(self.recording)
            self.recording = -1

    def _ask(self, text: str) -> None:
        try:
            self._socket.send(os.fsencode(text))
            answer = self._socket.recv(_PACKET).decode("utf-8", "replace")
        except OSError as reason:
            raise ProfileError(f"the process that reads the session does not answer: {reason}; it "
                               "may have been killed") from reason
        if answer != "done":
            raise ProfileError(answer.partition("error ")[2]
                               or "the process that reads the session has died")

    def snapshot(self, path: str) -> None:
        """Write the profile of this moment."""
        self._ask(f"snapshot {path}")

    def keep(self, path: str) -> None:
        """The profile goes there, at the end or if this process is killed."""
        self._ask(f"keep {path}")

    def stop(self) -> None:
        """Write the profile; the reader ends."""
        try:
            self._ask("stop")
        finally:
            self._socket.close()

    def abandon(self, *, forked: bool = False) -> None:
        """Nothing was measured, or (`forked`) the session is the parent's, who goes on."""
        if not forked:
            try:
                self._socket.send(b"drop")
            except OSError:
                pass
        self._socket.close()
