# SPDX-License-Identifier: MIT
"""late_run.py PROFILE PATTERN PROGRAM: run a program as __main__ inside a session that begins in
front of it and ends behind it, and write what was measured."""

import json
import os
import runpy
import sys
import traceback

import late

profile, pattern, program = sys.argv[1:]
sys.argv = [program]
sys.path[0] = os.path.dirname(program)
session = late.Session(pattern)
with session:
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
with open(profile, "w", encoding="utf-8") as file:
    json.dump(session.profile, file)
