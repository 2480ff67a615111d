# SPDX-License-Identifier: MIT
"""``python -m mprun``: the command of this installation, for this interpreter."""

from __future__ import annotations

import os
import sys

from ._command import command
from ._errors import Error

# Those that run a program of this interpreter take --python; the other commands have none.
_OTHERS = ("report", "diff", "timeline", "doctor", "completion", "help", "watch")


def main() -> None:
    """Become the command."""
    words = sys.argv[1:]
    if not words or words[0] not in _OTHERS:
        words = ["--python", sys.executable, *words]
    try:
        file = command()
        os.execv(file, [file, *words])
    except (OSError, Error) as error:
        print(f"mprun: {error}", file=sys.stderr)
        sys.exit(125)


if __name__ == "__main__":
    main()
