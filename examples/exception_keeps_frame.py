# SPDX-License-Identifier: MIT
# An exception that is kept keeps its traceback, that keeps the frames, and they keep their
# locals: the 40 MiB of `parse` live until the list of errors is cleared.
#   mprun exception_keeps_frame.py --func 'collect_*'

SIZE = 40 << 20


def parse():
    data = bytearray(SIZE)
    raise ValueError(f"bad row among {len(data)} bytes")


def collect_errors():
    errors = []
    try:
        parse()
    except ValueError as error:
        errors.append(error)
    print(len(errors))
    errors.clear()


def collect_messages():
    messages = []
    try:
        parse()
    except ValueError as error:
        messages.append(str(error))
    print(len(messages))
    messages.clear()


if __name__ == "__main__":
    collect_errors()
    collect_messages()
