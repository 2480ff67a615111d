# SPDX-License-Identifier: MIT
"""What can go wrong. Each says what is at fault and what to do."""


class Error(Exception):
    """Of mprun; the others are kinds of it."""


class SessionError(Error, RuntimeError):
    """This process cannot be measured now: there is no module for this Python, the command is not
    there or does not answer, or a session runs already that was started otherwise."""


class SelectionError(Error, ValueError):
    """What was to be watched is no Python function, no pattern, or comes too late."""


class ProfileError(Error, ValueError):
    """A file is no profile, or the command could not report it."""
