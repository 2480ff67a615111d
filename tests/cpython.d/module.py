# SPDX-License-Identifier: MIT
# The script that runs one module of CPython's test suite. As small as can be: where mprun is given
# no pattern, this is all that it watches. Children of multiprocessing load it, too.
import sys

if __name__ == "__main__":
    wrote, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    import verdicts

    sys.dont_write_bytecode = wrote
    verdicts.main()
