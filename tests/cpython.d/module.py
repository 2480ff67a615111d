# SPDX-License-Identifier: MIT
# The script that runs one module of CPython's test suite. As small as can be: where mprun is given
# no pattern, this is all that it watches.
import sys

wrote, sys.dont_write_bytecode = sys.dont_write_bytecode, True
import verdicts  # noqa: E402

sys.dont_write_bytecode = wrote

if __name__ == "__main__":
    verdicts.main()
