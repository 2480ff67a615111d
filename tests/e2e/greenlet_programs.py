# SPDX-License-Identifier: MIT
"""Random programs of greenlets with known figures. Each line that takes a block or lets one go says
how many bytes a time, whatever runs between two of them and in whatever order:

    a1 = bytes(5000)  # takes 5033
    a1 = None  # gives 5033

The greenlets switch to whom a seeded generator names, from bodies, nested calls, recursion,
generators, coroutines, loops and handlers; the main one goes on until all have ended, and throws
into some."""

import random

BYTES_HEAD = 33  # sys.getsizeof(b"")
DEEPEST = 5
MODULE = '''
import random
import greenlet

choice = random.Random({seed}).random
main = greenlet.getcurrent()
alive = []


class Stop(Exception):
    pass


def pause():
    others = [g for g in alive if not g.dead]
    other = others[int(choice() * len(others))] if others and choice() < 0.6 else main
    try:
        other.switch()
    except Stop:
        pass


def down(depth):
    b = bytes({down})  # takes {down_takes}
    if depth:
        down(depth - 1)
    else:
        pause()
    b = None  # gives {down_takes}


def numbers(count):
    for i in range(count):
        b = bytes({number})  # takes {number_takes}
        yield i
        b = None  # gives {number_takes}
        pause()


class Awaited:
    def __await__(self):
        b = bytes({awaited})  # takes {awaited_takes}
        pause()
        yield
        b = None  # gives {awaited_takes}


async def waits():
    b = bytes({waits})  # takes {waits_takes}
    await Awaited()
    b = None  # gives {waits_takes}


def drive():
    coroutine = waits()
    try:
        while True:
            coroutine.send(None)
            pause()
    except StopIteration:
        pass
'''
END = '''
def run():
    alive.extend(greenlet.greenlet(body) for body in bodies for i in range({each}))
    while True:
        waiting = [g for g in alive if not g.dead]
        if not waiting:
            return
        one = waiting[int(choice() * len(waiting))]
        if one and choice() < 0.2:
            one.throw(Stop)
        else:
            one.switch()


run()
print(len(alive), [g.dead for g in alive].count(True))
'''


class Body:
    """A function of a program: lines that take, pause, and let go of all that they took."""

    def __init__(self, rand, name):
        self.rand = rand
        self.name = name
        self.lines = [f"def {name}():"]
        self.count = 0

    def add(self, text, indent):
        """A line."""
        self.lines.append("    " * indent + text)

    def guarded(self, text, indent):
        """One that may be thrown into."""
        self.add("try:", indent)
        self.add(text, indent + 1)
        self.add("except Stop:", indent)
        if indent < DEEPEST:
            self.block(1, indent + 1)
        self.add("pass  # the exception dies in front of this line", indent + 1)

    def step(self, indent):
        """Something that switches, or may."""
        kind = self.rand.choice(["pause", "direct", "down", "numbers", "drive", "loop"])
        if kind == "pause":
            self.guarded("pause()", indent)
        elif kind == "direct":
            self.guarded("main.switch()", indent)
        elif kind == "down":
            self.add(f"down({self.rand.randrange(4)})", indent)
        elif kind == "numbers":
            self.add(f"for number in numbers({self.rand.randrange(1, 4)}):", indent)
            self.guarded("main.switch()", indent + 1)
        elif kind == "drive":
            self.add("drive()", indent)
        elif indent < DEEPEST:
            self.add(f"for i in range({self.rand.randrange(1, 4)}):", indent)
            self.block(2, indent + 1)
        else:
            self.add("pause()", indent)

    def block(self, steps, indent):
        """A block is taken, things happen, and it is let go."""
        self.count += 1
        name, size = f"b{self.count}", self.rand.randrange(2000, 200_000)
        self.add(f"{name} = bytes({size})  # takes {size + BYTES_HEAD}", indent)
        for _ in range(steps):
            self.step(indent)
        self.add(f"{name} = None  # gives {size + BYTES_HEAD}", indent)


def program(seed):
    """The text of a program. What is thrown into a helper is caught there, and goes on."""
    rand = random.Random(seed)
    sizes = {}
    for name in ("down", "number", "awaited", "waits"):
        sizes[name] = rand.randrange(2000, 100_000)
        sizes[f"{name}_takes"] = sizes[name] + BYTES_HEAD
    bodies = [Body(rand, f"body{i}") for i in range(rand.randrange(2, 5))]
    for body in bodies:
        for _ in range(rand.randrange(1, 4)):
            body.block(rand.randrange(1, 4), 1)
    lines = [line for body in bodies for line in [*body.lines, "", ""]]
    listed = f"bodies = [{', '.join(body.name for body in bodies)}]"
    text = MODULE.format(seed=seed, **sizes) + "\n\n" + "\n".join([*lines, listed])
    return text.lstrip() + "\n" + END.format(each=rand.randrange(1, 4))
