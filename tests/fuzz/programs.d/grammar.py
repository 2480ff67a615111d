# SPDX-License-Identifier: MIT
"""Random programs as trees. Each is the runtime's text and some scenarios: functions of every kind
that start, suspend, resume and leave each other, and a run of them.

A line that ends in `# keeps N` allocates a block of N bytes that stays, each time it is reached;
one that ends in `# keeps 0` gives up control, and what happens until it is back is not its own."""

import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
BLOCK = 9000  # bytes; well above what the interpreter allocates for itself on a line


class Block(list):
    """Statements: strings, and Compounds."""

    def text(self, indent=""):
        return "".join(each.text(indent) if isinstance(each, Compound) else f"{indent}{each}\n"
                       for each in self) or f"{indent}pass\n"


class Compound:
    """A statement with blocks: [(header, Block), …]."""

    def __init__(self, *parts):
        self.parts = parts

    def text(self, indent):
        return "".join(f"{indent}{header}\n{block.text(indent + '    ')}"
                       for header, block in self.parts)


def unmark(block):
    """The block of a loop over a generator: an exception that comes in at one of its yields drops the
    generator, and what that does as it dies belongs to the line."""
    for index, each in enumerate(block):
        if isinstance(each, Compound):
            for _, inner in each.parts:
                unmark(inner)
        else:
            block[index] = each.replace("  # keeps 0", "")
    return block


class Program:
    """`plain` ones have no tools or signals of their own: their hits are what settrace sees."""

    def __init__(self, seed, plain, scenarios, ending):
        self.seed, self.plain, self.scenarios, self.ending = seed, plain, scenarios, ending

    def text(self):
        parts = ["runtime.py"] + ([] if self.plain else ["hostile.py"])
        head = "".join((HERE / part).read_text(encoding="utf-8") for part in parts)
        return head + self.scenarios.text() + self.ending.text()


KINDS = ("function", "generator", "coroutine", "asyncgen")
KEYWORD = {"function": "def", "generator": "def", "coroutine": "async def", "asyncgen": "async def"}
ERRORS = ("int('x')", "{}['k']", "[].pop()", "next(iter(()))", "(1).x", "1 // (x - x)")
RAISED = ("Thrown", "ValueError", "KeyError(x)", "StopIteration", "GeneratorExit")
CAUGHT = ("Exception", "Thrown", "(ValueError, KeyError)", "GeneratorExit", "BaseException",
          "StopIteration", "RuntimeError")
EVENTS = ("PY_START", "PY_RESUME", "PY_YIELD", "PY_RETURN", "PY_UNWIND", "PY_THROW", "LINE", "CALL",
          "RAISE")


class Maker:
    """Makes the functions of one scenario; a function calls those that were made before it."""

    def __init__(self, rng, prefix, plain):
        self.rng, self.prefix, self.plain = rng, prefix, plain
        self.made = []  # (name, kind)
        self.kind = None

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def callee(self, *kinds):
        """A call of an earlier function of these kinds; None if there is none."""
        names = [name for name, kind in self.made if kind in kinds]
        return f"{self.rng.choice(names)}(x)" if names else None

    def ops(self):
        """What is done to a generator one after the other."""
        return "".join(self.rng.choice("nnnnsstxcg") for _ in range(self.rng.randrange(1, 6))) + (
            self.rng.choice(("", "", "h", "c")))

    # --- statements ---

    def keep(self):
        size = BLOCK + self.rng.randrange(1000)
        return f"KEPT.append(bytes({size}))  # keeps {size + 33}"

    def simple(self):
        choices = [
            lambda: "x += 1",
            lambda: f"log('{self.prefix}', x)",
            self.keep,
            self.keep,
            lambda: f"if pick(4) == 0: {self.rng.choice(ERRORS)}",
            lambda: "x = [y + x for y in range(3)][1]",
            lambda: "x = sum(y for y in range(3)) + x",
            lambda: "x = sorted([3, 1, 2], key=lambda y: -y)[0]",
            lambda: "exec('x = 1\\nx += 2')",
            lambda: f"if pick(4) == 0: raise {self.rng.choice(RAISED)}",
            lambda: f"log({self.rng.choice(ERRORS)}) if pick(3) == 0 else None",
            lambda: "held = Final(x)",
            lambda: "gc.collect() if pick(4) == 0 else None",
            lambda: "resume_held('n') if pick(4) == 0 else None",
            lambda: "drop_held() if pick(6) == 0 else None",
        ]
        return self.rng.choice(choices)()

    def give_up(self):
        """A line by which the function suspends."""
        if self.kind == "generator":
            inner = self.callee("generator")
            if inner and self.chance(40):
                return f"x = yield from {inner}"
            return self.rng.choice(("yield x  # keeps 0", "z = yield  # keeps 0", "yield"))
        if self.kind == "asyncgen" and self.chance(50):
            return self.rng.choice(("yield x  # keeps 0", "z = yield"))
        inner = self.callee("coroutine")
        if inner and self.chance(50):
            return f"z = await {inner}"
        return "z = await Pause()"

    def call(self):
        choices = []
        function, generator = self.callee("function"), self.callee("generator")
        coroutine, asyncgen = self.callee("coroutine"), self.callee("asyncgen")
        if function:
            choices += [f"z = {function}", f"attempt({function[:-3]}, x)",
                        f"in_thread({function[:-3]}, x)",
                        f"z = list(map({function[:-3]}, range(2)))"]
        if generator:
            choices += [f"use({generator}, '{self.ops()}')", f"z = list({generator})",
                        f"z = next({generator}, None)", f"log(*{generator})",
                        f"z = [y for y in {generator}]",
                        f"in_thread(use, {generator}, '{self.ops()}')",
                        f"z = list(zip({generator}, {generator}))"]
        if coroutine:
            choices += [f"use({coroutine}, '{self.ops()}')", f"use({coroutine}, 'nnnnnn')"]
        if asyncgen:
            choices.append(f"drive_async({asyncgen}, "
                           f"'{''.join(self.rng.choice('nnstcp') for _ in range(4))}')")
        if not choices:
            return self.simple()
        return f"if go(): {self.rng.choice(choices)}"

    def hostile(self):
        """A tool of the program's, or a signal, about a call."""
        function = self.callee("function") or "go()"
        call = f"lambda: {function}"
        at = self.rng.choice((0, 0, 1, 2, 3, 5, 9))
        names = tuple(self.rng.sample(EVENTS, self.rng.randrange(1, 4)))
        once = {"PY_UNWIND", "PY_THROW", "RAISE"}.isdisjoint(names) and self.chance(30)
        callback = "callback_once" if once else "callback"
        # Where another tool takes lines as code starts, CPython tells both of the first one again.
        at_event = 0 if "LINE" in names or once else at
        tracer = self.rng.choice(("tracer", "tracer_without_lines"))
        return self.rng.choice((
            f"counted(sys.settrace, {tracer}, {at}, {call})",
            f"counted(sys.setprofile, profiler, {at}, {call})",
            f"monitored({names}, {callback}, {at_event}, {call})",
            f"monitored({names}, callback, {at_event}, {call})",
            "interrupt()",
            "throw_asynchronously()",
            f"decorate({function[:-3]})" if function != "go()" else "interrupt()",
        ))

    def compound(self, depth):
        block = self.block(depth - 1)
        kind = self.rng.randrange(8 if self.kind in ("coroutine", "asyncgen") else 6)
        if kind == 0:
            return Compound(("if pick(2):", block), ("else:", self.block(depth - 1)))
        if kind == 1:
            if self.chance(40) and self.callee("generator"):
                return Compound((f"for y in {self.callee('generator')}:", unmark(block)))
            return Compound(("for y in range(pick(4)):", block))
        if kind == 2:
            return Compound(("while go() and pick(3):", block))
        if kind == 3:
            parts = [("try:", block), (f"except {self.rng.choice(CAUGHT)}:", self.block(depth - 1))]
            if self.chance(30):
                parts.append(("else:", self.block(depth - 1)))
            if self.chance(30):
                parts.append(("finally:", self.block(depth - 1)))
            return Compound(*parts)
        if kind == 4:
            return Compound(("try:", block), ("finally:", self.block(depth - 1)))
        if kind == 5:
            return Compound((f"with Manager({self.chance(30)}):", block))
        if kind == 6:
            return Compound((f"async with Manager({self.chance(30)}):", block))
        inner = self.callee("asyncgen")
        if not inner:
            return Compound(("if x:", block))
        return Compound((f"async for y in {inner}:", unmark(block)))

    def statement(self, depth):
        if depth > 0 and self.chance(35):
            return self.compound(depth)
        if self.kind != "function" and self.chance(35):
            return self.give_up()
        if not self.plain and self.chance(20):
            return self.hostile()
        if self.chance(40):
            return self.call()
        return self.simple()

    def block(self, depth):
        statements = Block(self.statement(depth) for _ in range(self.rng.randrange(1, 4)))
        if self.chance(8):
            statements.append("return" if self.kind == "asyncgen" else "return x")
        return statements

    def function(self, number):
        self.kind = self.rng.choice(KINDS)
        name = f"{self.prefix}_{self.kind[0]}{number}"
        body = Block()
        if self.kind == "function" and self.chance(20):
            body.append(f"if x < 3 and go(): x = {name}(x + 1) or x")
        body += self.block(3) + self.block(2)
        if self.kind in ("generator", "asyncgen"):
            body.append("yield x  # keeps 0")
        if self.kind == "generator" and self.chance(15):
            self.made.append((f"{name}_managed", "generator"))
            return [Compound((f"{KEYWORD[self.kind]} {name}_managed(x=0):", body)),
                    f"{name} = contextlib.contextmanager({name}_managed)"]
        self.made.append((name, self.kind))
        return [Compound((f"{KEYWORD[self.kind]} {name}(x=0):", body))]


def scenario(rng, number, plain):
    """Its functions, and the calls that start it; what is left waiting is resumed and dropped."""
    maker = Maker(rng, f"s{number}", plain)
    block = Block()
    for each in range(rng.randrange(2, 7)):
        block += maker.function(each)
    maker.kind = "function"
    run = Block([f"SEED[0] = {rng.randrange(1, 2**31)}", "BUDGET[0] = 120", "x = 0"])
    run += [maker.call() for _ in range(4)]
    if not plain:
        run += [maker.hostile(), maker.call()]
    run += [f"resume_held('{maker.ops()}')", "drop_held()"]
    block.append(Compound((f"def run_{number}():", run)))
    block.append(f"attempt(run_{number})")
    return block


TASKS = """
import asyncio

async def awaits(aw):
    try:
        return await aw
    except (asyncio.CancelledError, Exception) as error:
        log("task", type(error).__name__)
        if pick(2):
            raise

async def worker(n):
    try:
        for i in range(n):
            KEPT.append(bytes(9000))  # keeps 9033
            await asyncio.sleep(0)
            if pick(6) == 0:
                raise Thrown
    finally:
        log("worker ends", n)
        await asyncio.sleep(0)
    return n

async def tasks():
    some = [asyncio.ensure_future(awaits(worker(pick(5)))) for _ in range(pick(5) + 1)]
    for i in range(pick(4)):
        await asyncio.sleep(0)
    some[pick(len(some))].cancel()
    log(*(type(each).__name__ for each in await asyncio.gather(*some, return_exceptions=True)))

asyncio.run(tasks())
"""


def make(seed, scenarios=25):
    """The program of a seed."""
    rng = random.Random(seed)
    plain = rng.random() < 0.6
    block = Block()
    for number in range(scenarios):
        block += scenario(rng, number, plain)
    ending = Block(["drop_held()", "del Final.__del__"])  # what is finalized at exit no oracle sees
    if rng.random() < 0.1:
        ending += [f"SEED[0] = {rng.randrange(1, 2**31)}", *TASKS.split("\n")]
    if rng.random() < 0.1:
        ending.append("sys.exit(3)" if plain else "raise Thrown")
    return Program(seed, plain, block, ending)
