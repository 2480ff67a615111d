# SPDX-License-Identifier: MIT
"""``python -m mprun``: the command of this installation, for this interpreter."""

import os
import sys
from pathlib import Path

# Those that run a program of this interpreter take --python; the other commands have none.
_OTHERS = ("report", "diff", "timeline", "doctor", "completion", "help")


def command() -> Path:
    """The file of the command that was installed with this package.

    Raises FileNotFoundError if it is not there.
    """
    for folder in Path(__file__).resolve().parents:
        if (folder / "libexec" / "mprun").is_dir() and (folder / "bin" / "mprun").is_file():
            return folder / "bin" / "mprun"
    raise FileNotFoundError(
        f"the command mprun was not installed beside {Path(__file__).parent}: install mprun again")


def main() -> None:
    """Become the command."""
    words = sys.argv[1:]
    if not words or words[0] not in _OTHERS:
        words = ["--python", sys.executable, *words]
    try:
        file = os.fspath(command())
        os.execv(file, [file, *words])
    except OSError as error:
        sys.exit(f"mprun: {error}")


if __name__ == "__main__":
    main()
