# SPDX-License-Identifier: MIT
"""Exceptions: caught, passed on, chained, re-raised, from builtins, in loops."""


def fail(x):
    if x > 2:
        raise ValueError(x)
    return [1, 2, 3][x + 2]


def catch(x):
    try:
        y = fail(x)
    except ValueError:
        y = -1
    except (IndexError, KeyError) as error:
        y = str(error)
    else:
        y += 100
    finally:
        done.append(x)
    return y


def passing(x):
    value = catch(x)
    return fail(x) if value else 0


def chained():
    try:
        passing(5)
    except ValueError as error:
        raise RuntimeError("second") from error


done = []
print([catch(x) for x in range(5)], done)
for x in (0, 1, 3):
    try:
        print(passing(x))
    except Exception as error:
        print(type(error).__name__)
try:
    chained()
except RuntimeError as error:
    print(error.__cause__)
